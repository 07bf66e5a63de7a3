import type { Cluster } from '../../cluster/cluster.ts';
import { DsdeployError, type ErrorDetail } from '../../errors/index.ts';
import { formatRef, identityOf, type ObjectRef } from '../../manifest/index.ts';
import {
  type Binding,
  type Change,
  type ClusterTarget,
  describeMove,
  describeOwner,
  type ObservedObject,
  type Plan,
  setIdOf,
} from '../../plan/index.ts';
import { formatNouns } from '../../units/index.ts';
import { readObjects } from '../inventory/index.ts';
import { isAdoption } from './adopt-object.ts';

/** An object a plan was made for: as it was then, or absent. */
export interface BoundObject {
  readonly ref: ObjectRef;
  readonly binding?: Binding;
  /** Whether the plan deletes it. */
  readonly goes?: boolean;
}

/** Stops before the first write when an object has moved since the plan. */
export async function checkBindings(
  plan: Plan,
  { cluster }: { readonly cluster: Cluster },
): Promise<void> {
  const rows = plan.changes.map((change): BoundObject => {
    if (change.action === 'create') return { ref: change.ref };
    return { ref: change.ref, binding: change, goes: change.action === 'delete' };
  });
  const { inventory } = plan;
  const bound = inventory === undefined ? rows : [...rows, inventory];
  const members = {
    setId: setIdOf(plan.deployment),
    refs: plan.changes.filter(isMember).map(({ ref }) => ref),
  };
  const live = await readObjects(await withoutAbsentPlaces(bound, cluster), { cluster, members });
  const details = bound.flatMap((object): ErrorDetail[] => {
    const { ref } = object;
    const message = describeBoundMove(object, live.get(identityOf(ref)));
    return message === undefined ? [] : [{ location: formatRef(ref), message }];
  });
  if (details.length === 0) return;
  throw new DsdeployError(
    'PLAN_STALE',
    `Cannot apply this plan: ${formatNouns(details.length, 'object')} moved since it was made, and nothing was written`,
    { details, hint: 'Run `dsdeploy plan` again and look at the new plan.' },
  );
}

/** Whether the object carried our label when the plan was made. */
function isMember(change: Change): boolean {
  return change.action !== 'create' && !isAdoption(change);
}

/**
 * Leaves out what cannot exist: in a namespace that the plan makes and that is still absent, or of a kind
 * that it makes, which to ask about is an error.
 */
async function withoutAbsentPlaces(
  bound: readonly BoundObject[],
  cluster: Cluster,
): Promise<ObjectRef[]> {
  const made = bound.filter(
    ({ ref, binding }) => ref.kind === 'Namespace' && binding === undefined,
  );
  const present = await readObjects(
    made.map(({ ref }) => ref),
    { cluster },
  );
  const absent = new Set(
    made.filter(({ ref }) => !present.has(identityOf(ref))).map(({ ref }) => ref.name),
  );
  const refs: ObjectRef[] = [];
  for (const { ref } of bound) {
    const isOutside = ref.namespace === undefined || !absent.has(ref.namespace);
    if (isOutside && (await cluster.supports(ref))) refs.push(ref);
  }
  return refs;
}

function describeBoundMove(
  { binding, goes = false }: BoundObject,
  live: ObservedObject | undefined,
): string | undefined {
  // What was to be deleted is gone, or on its way: an earlier run's deletion has come through.
  if (goes && (live === undefined || isGoing(live, binding))) return undefined;
  if (binding !== undefined) return describeMove(binding, live);
  return live === undefined ? undefined : `it was made meanwhile by ${describeOwner(live)}`;
}

function isGoing(live: ObservedObject, binding: Binding | undefined): boolean {
  return live.metadata.uid === binding?.uid && live.metadata['deletionTimestamp'] !== undefined;
}

/** Refuses when the plan was made for another cluster than the one at hand. */
export async function checkTarget(
  planned: ClusterTarget,
  { cluster }: { readonly cluster: Cluster },
): Promise<void> {
  const actual = await cluster.readTarget();
  // The UID of `kube-system` tells clusters apart even behind the same address; without the right
  // to read it the address is all there is.
  const comparable = planned.clusterUid !== undefined && actual.clusterUid !== undefined;
  const same = comparable
    ? planned.clusterUid === actual.clusterUid
    : planned.server === actual.server;
  if (same) return;
  throw new DsdeployError(
    'PLAN_STALE',
    `Cannot apply this plan: it was made for ${describeCluster(planned)} and this is ${describeCluster(actual)}`,
    { subject: actual.context, hint: `Use \`--context ${planned.context}\`, or plan again.` },
  );
}

function describeCluster({ server, clusterUid }: ClusterTarget): string {
  return clusterUid === undefined ? server : `${server} (kube-system UID ${clusterUid})`;
}
