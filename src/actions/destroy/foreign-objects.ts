import type { Cluster, KindRef, LiveObject } from '../../cluster/cluster.ts';
import { DsdeployError } from '../../errors/index.ts';
import { formatRef, refOf } from '../../manifest/index.ts';

/** Namespaced kinds that are looked for before a namespace is deleted with all in it. */
export const namespaceKinds: readonly KindRef[] = [
  { apiVersion: 'v1', kind: 'Pod' },
  { apiVersion: 'v1', kind: 'Service' },
  { apiVersion: 'v1', kind: 'ConfigMap' },
  { apiVersion: 'v1', kind: 'Secret' },
  { apiVersion: 'v1', kind: 'PersistentVolumeClaim' },
  { apiVersion: 'v1', kind: 'ServiceAccount' },
  { apiVersion: 'v1', kind: 'ReplicationController' },
  { apiVersion: 'apps/v1', kind: 'Deployment' },
  { apiVersion: 'apps/v1', kind: 'ReplicaSet' },
  { apiVersion: 'apps/v1', kind: 'StatefulSet' },
  { apiVersion: 'apps/v1', kind: 'DaemonSet' },
  { apiVersion: 'batch/v1', kind: 'Job' },
  { apiVersion: 'batch/v1', kind: 'CronJob' },
  { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' },
  { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' },
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role' },
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding' },
  { apiVersion: 'leaderworkerset.x-k8s.io/v1', kind: 'LeaderWorkerSet' },
];

/** What every namespace gets from the cluster itself. */
const clusterMade: ReadonlySet<string> = new Set([
  'ConfigMap/kube-root-ca.crt',
  'ConfigMap/openshift-service-ca.crt',
  'ServiceAccount/default',
]);

/** What lies in a namespace and is not ours. */
export interface ForeignObjects {
  /** Sorted references; a kind that may not be listed is there as `Kind/* (may not be listed)`. */
  readonly names: readonly string[];
  /** Whether garbage collection may take all of them soon: their owners are not there. */
  readonly mayGo: boolean;
}

/** Looks at a namespace in which groups start: each finds the owners that the one before came too early for. */
const maxLooks = 3;

/**
 * Lists what lies in a namespace and is neither ours, nor made by something of ours, nor put there
 * by the cluster. Kinds are read one after another while controllers go on, so that an owner may be
 * missed; objects without one of theirs are looked at again.
 *
 * @param ourUids - UIDs of the objects that are ours.
 */
export async function findForeignObjects(
  namespace: string,
  ourUids: ReadonlySet<string>,
  { cluster }: { readonly cluster: Cluster },
): Promise<ForeignObjects> {
  const seen = new Map<string, LiveObject>();
  for (let look = 1; ; look += 1) {
    const { objects, unknown } = await listObjects(namespace, cluster);
    for (const object of objects) seen.set(object.metadata.uid, object);
    const ours = withDependents([...seen.values()], ourUids);
    const foreign = objects
      .filter(({ kind, metadata }) => !clusterMade.has(`${kind}/${metadata.name}`))
      .filter(({ metadata }) => !ours.has(metadata.uid));
    const mayGo = unknown.length === 0 && areOrphaned(foreign, seen);
    if (foreign.length === 0 || !mayGo || look === maxLooks) {
      const names = [...foreign.map((object) => formatRef(refOf(object))), ...unknown];
      return { names: names.toSorted(), mayGo };
    }
  }
}

interface Contents {
  readonly objects: readonly LiveObject[];
  /** Kinds that may not be listed. */
  readonly unknown: readonly string[];
}

async function listObjects(namespace: string, cluster: Cluster): Promise<Contents> {
  const objects: LiveObject[] = [];
  const unknown: string[] = [];
  for (const kind of namespaceKinds) {
    if (!(await cluster.supports(kind))) continue;
    try {
      objects.push(...(await cluster.list(kind, { namespace })));
    } catch (error) {
      if (!(error instanceof DsdeployError) || error.code !== 'CLUSTER_FORBIDDEN') throw error;
      unknown.push(`${kind.kind}/${namespace}/* (may not be listed)`);
    }
  }
  return { objects, unknown };
}

/** Whether all objects had owners of which none was found, or come from such; kinds not looked for count too. */
function areOrphaned(
  objects: readonly LiveObject[],
  seen: ReadonlyMap<string, LiveObject>,
): boolean {
  const roots = objects.filter((object) => {
    const owners = ownerUids(object);
    return owners.length > 0 && !owners.some((uid) => seen.has(uid));
  });
  const going = withDependents(objects, new Set(roots.map(({ metadata }) => metadata.uid)));
  return objects.every(({ metadata }) => going.has(metadata.uid));
}

/** Adds what has one of ours as owner, and what has one of those, until nothing is added. */
function withDependents(
  objects: readonly LiveObject[],
  ourUids: ReadonlySet<string>,
): ReadonlySet<string> {
  const ours = new Set(ourUids);
  for (let before = -1; before !== ours.size; ) {
    before = ours.size;
    for (const object of objects) {
      if (ownerUids(object).some((uid) => ours.has(uid))) ours.add(object.metadata.uid);
    }
  }
  return ours;
}

function ownerUids(object: LiveObject): string[] {
  const owners: unknown = object.metadata['ownerReferences'];
  if (!Array.isArray(owners)) return [];
  return owners.flatMap((owner: unknown) =>
    typeof owner === 'object' && owner !== null && 'uid' in owner ? [String(owner.uid)] : [],
  );
}
