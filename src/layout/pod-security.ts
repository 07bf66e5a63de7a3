import type { RdmaSpec, WeightsSource } from '../spec/index.ts';
import type { PlacedGroup } from './layout.ts';

/** Level of the Pod Security Standards. */
export type PodSecurityLevel = 'restricted' | 'baseline' | 'privileged';

export interface PodUser {
  readonly user: number;
  readonly group: number;
}

/** The part of a placed group that decides its rights. */
export type PodRights = Pick<PlacedGroup, 'access' | 'pool' | 'podsPerGroup'>;

/** What the pods of a group may do, and why they may do more than the `restricted` standard. */
export interface PodSecurity {
  readonly level: PodSecurityLevel;
  readonly user: PodUser;
  readonly capabilities: readonly string[];
  /** One sentence per departure from `restricted`; empty when there is none. */
  readonly exceptions: readonly string[];
}

const rootUser: PodUser = { user: 0, group: 0 };

/** Works out the least rights a group's pods can run with. */
export function podSecurityOf(group: PodRights, weights: WeightsSource): PodSecurity {
  const { access, pool } = group;
  const rdma = rdmaOf(group);
  const beyondBaseline = [
    ...(rdma === undefined ? [] : [rdmaException(group, rdma)]),
    ...access.capabilities.map(({ name, why }) => `pool ${pool.name} adds ${name}: ${why}`),
    ...(usesHostNetwork(group)
      ? [
          `pool ${pool.name} puts pods on the host network: the spec says that ranks reach each other only there (fabric.hostNetwork)`,
        ]
      : []),
    ...access.hostPaths.map(
      ({ path, why }) => `pool ${pool.name} mounts the host path ${path} read-only: ${why}`,
    ),
    ...(weights.kind === 'hostPath'
      ? [`weights are read from the host path ${weights.path}, mounted read-only`]
      : []),
  ];
  const capabilities = [
    ...new Set([
      ...(rdma === undefined ? [] : ['IPC_LOCK']),
      ...access.capabilities.map(({ name }) => name),
    ]),
  ];
  const asRoot = access.user.user === 0 || capabilities.length > 0;
  const exceptions = [...rootExceptions(group), ...beyondBaseline];
  return {
    level: beyondBaseline.length > 0 ? 'privileged' : asRoot ? 'baseline' : 'restricted',
    user: asRoot ? rootUser : { user: access.user.user, group: access.user.group },
    capabilities,
    exceptions,
  };
}

function rootExceptions({ access, pool }: PodRights): string[] {
  const { user, why } = access.user;
  return user === 0
    ? [`pool ${pool.name} runs the engine as root: ${why ?? 'no reason given'}`]
    : [];
}

/** RDMA devices of a group's pods; a group of one pod has no other to talk to and gets none. */
export function rdmaOf({ podsPerGroup, pool }: Omit<PodRights, 'access'>): RdmaSpec | undefined {
  const { rdma } = pool.fabric;
  return podsPerGroup === 1 || rdma === 'none' ? undefined : rdma;
}

/** Whether a group's pods run on the host network; a group of one pod has no need to. */
export function usesHostNetwork({ podsPerGroup, pool }: Omit<PodRights, 'access'>): boolean {
  return podsPerGroup > 1 && pool.fabric.hostNetwork;
}

function rdmaException({ pool }: PodRights, rdma: RdmaSpec): string {
  return `pool ${pool.name} uses RDMA (${rdma.resource}): IPC_LOCK registers device memory with the network card, and root because Kubernetes gives an added capability only to root`;
}
