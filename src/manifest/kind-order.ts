import { identityOf, type Manifest, type ObjectRef, refOf } from './manifest.ts';

/**
 * Kinds in the order they are applied; deletes run backwards. What others refer to comes first,
 * workloads last. A kind that is not listed goes just before the workloads.
 */
const kindOrder = [
  'Namespace',
  'ResourceQuota',
  'LimitRange',
  'CustomResourceDefinition',
  'PriorityClass',
  'ServiceAccount',
  'Role',
  'RoleBinding',
  'NetworkPolicy',
  'PersistentVolumeClaim',
  'Secret',
  'ConfigMap',
  'Service',
  'PodDisruptionBudget',
  '*',
  'Job',
  'StatefulSet',
  'LeaderWorkerSet',
] as const;

const rankByKind = new Map<string, number>(kindOrder.map((kind, rank) => [kind, rank]));

function rankOf(kind: string): number {
  return rankByKind.get(kind) ?? rankByKind.get('*') ?? 0;
}

/** Total order over references: kind rank first, then the identity as the tie-break. */
export function compareRefs(a: ObjectRef, b: ObjectRef): number {
  const byKind = rankOf(a.kind) - rankOf(b.kind);
  if (byKind !== 0) return byKind;
  const [left, right] = [identityOf(a), identityOf(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Sorts into apply order. */
export function sortManifests(manifests: readonly Manifest[]): Manifest[] {
  return manifests.toSorted((a, b) => compareRefs(refOf(a), refOf(b)));
}
