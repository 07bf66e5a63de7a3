import { formatRef, groupOf, type Manifest, refOf } from '../../manifest/index.ts';
import { mapOf } from '../json-map.ts';
import type { YieldedField } from '../plan.ts';
import { isMaker } from './adoption.ts';
import { hasField, managedFieldsOf } from './managed-fields.ts';

/** What an autoscaler works on. */
export interface Autoscaler {
  /** For example `HorizontalPodAutoscaler/llm/v32`. */
  readonly name: string;
  readonly namespace: string;
  readonly target: { readonly group: string; readonly kind: string; readonly name: string };
}

/** Reads an `autoscaling/v2` HorizontalPodAutoscaler; undefined when it names no target. */
export function toAutoscaler(object: Manifest): Autoscaler | undefined {
  const { apiVersion, kind, name } = mapOf(mapOf(object['spec'])['scaleTargetRef']);
  if (typeof kind !== 'string' || typeof name !== 'string') return undefined;
  const group = typeof apiVersion === 'string' ? groupOf(apiVersion) : '';
  const namespace = object.metadata.namespace ?? '';
  return { name: formatRef(refOf(object)), namespace, target: { group, kind, name } };
}

/** Whether an object has a number of replicas that an autoscaler could set. */
export function hasReplicas(manifest: Manifest): boolean {
  return mapOf(manifest['spec'])['replicas'] !== undefined;
}

/** A wanted object, and what of it is somebody else's to decide. */
export interface Yielding {
  readonly desired: Manifest;
  readonly yields?: readonly YieldedField[];
}

/**
 * Leaves the replicas of a live object to its autoscaler. While nobody but us is on record for them,
 * the live number is applied: to drop it would set the default and stop groups that serve.
 */
export function leaveReplicas(
  desired: Manifest,
  live: Manifest,
  autoscalers: readonly Autoscaler[],
): Yielding {
  const wanted = mapOf(desired['spec'])['replicas'];
  const actual = mapOf(live['spec'])['replicas'];
  const to = findScaler(live, autoscalers);
  if (wanted === undefined || actual === undefined || to === undefined) return { desired };
  const others = Object.entries(mapOf(desired['spec'])).filter(([field]) => field !== 'replicas');
  const spec = { ...Object.fromEntries(others), ...(isHeld(live) ? {} : { replicas: actual }) };
  return {
    desired: { ...desired, spec },
    yields: [{ field: 'spec.replicas', to, wanted, actual }],
  };
}

/** Names the autoscaler that decides the replicas of a live object; undefined when none does. */
export function findScaler(live: Manifest, autoscalers: readonly Autoscaler[]): string | undefined {
  const { kind, name, namespace } = refOf(live);
  const found = autoscalers.find(
    ({ target, namespace: place }) =>
      target.kind === kind &&
      target.name === name &&
      target.group === groupOf(live.apiVersion) &&
      place === namespace,
  );
  if (found !== undefined) return found.name;
  // Seen without the right to list autoscalers: nothing else of the cluster scales this way.
  const isScaled = managedFieldsOf(live).some(
    ({ manager, subresource, fields }) =>
      manager === 'kube-controller-manager' &&
      subresource === 'scale' &&
      hasField(fields, replicasField),
  );
  return isScaled ? 'a HorizontalPodAutoscaler' : undefined;
}

const replicasField = ['f:spec', 'f:replicas'];

/** Whether somebody who stays is on record for the replicas. */
function isHeld(live: Manifest): boolean {
  return managedFieldsOf(live).some(
    (entry) => !isMaker(entry) && hasField(entry.fields, replicasField),
  );
}
