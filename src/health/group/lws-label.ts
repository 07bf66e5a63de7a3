const prefix = 'leaderworkerset.sigs.k8s.io';

/** Labels the LeaderWorkerSet controller puts on every pod. */
export const lwsLabel = {
  name: `${prefix}/name`,
  groupIndex: `${prefix}/group-index`,
  workerIndex: `${prefix}/worker-index`,
  revision: `${prefix}/template-revision-hash`,
} as const;

export const lwsKind = {
  apiVersion: 'leaderworkerset.x-k8s.io/v1',
  kind: 'LeaderWorkerSet',
} as const;
