import { createHash } from 'node:crypto';
import { groupOf, type Manifest, type ObjectRef } from '../../manifest/index.ts';
import type { DeploymentId } from '../plan.ts';

/**
 * Names of the ApplySet specification as kubectl ships them.
 *
 * @source kubernetes/kubectl `pkg/cmd/apply/applyset.go`, read 2026-11-23
 */
export const applySetNames = {
  /** Label of every member. */
  partOf: 'applyset.kubernetes.io/part-of',
  /** Label of the parent. */
  id: 'applyset.kubernetes.io/id',
  /** Annotations of the parent. */
  tooling: 'applyset.kubernetes.io/tooling',
  containsGroupKinds: 'applyset.kubernetes.io/contains-group-kinds',
  additionalNamespaces: 'applyset.kubernetes.io/additional-namespaces',
} as const;

/** The object that stands for a set: a ConfigMap, a Secret or a custom resource. */
export interface ApplySetParent {
  readonly name: string;
  readonly namespace: string;
  readonly kind: string;
  /** API group; empty for the core group. */
  readonly group: string;
}

/** Derives the id of an ApplySet, `applyset-<base64url of sha256>-v1`. */
export function applySetId({ name, namespace, kind, group }: ApplySetParent): string {
  const hash = createHash('sha256').update([name, namespace, kind, group].join('.'));
  return `applyset-${hash.digest('base64url')}-v1`;
}

/** Refers to the ConfigMap that holds a deployment's inventory and is its ApplySet parent. */
export function inventoryRef({ name, namespace }: DeploymentId): ObjectRef {
  return { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: `${name}-inventory` };
}

/** The ApplySet id of a deployment. */
export function setIdOf(deployment: DeploymentId): string {
  const { name, kind, apiVersion } = inventoryRef(deployment);
  return applySetId({ name, namespace: deployment.namespace, kind, group: groupOf(apiVersion) });
}

/** Copies a manifest with the label that makes it a member of a set. */
export function withPartOf(manifest: Manifest, setId: string): Manifest {
  const { metadata } = manifest;
  const labels = { ...metadata.labels, [applySetNames.partOf]: setId };
  return { ...manifest, metadata: { ...metadata, labels } };
}

/** Copies a manifest without the label of a set, as it was rendered. */
export function withoutPartOf(manifest: Manifest): Manifest {
  const { labels = {}, ...metadata } = manifest.metadata;
  const { [applySetNames.partOf]: _setId, ...kept } = labels;
  if (Object.keys(kept).length === 0) return { ...manifest, metadata };
  return { ...manifest, metadata: { ...manifest.metadata, labels: kept } };
}

/** The id of the set an object is a member of, if any. */
export function partOf(object: Manifest): string | undefined {
  return object.metadata.labels?.[applySetNames.partOf];
}
