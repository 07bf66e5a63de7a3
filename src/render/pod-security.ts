import type { PodSecurityLevel, PodUser } from '../../charts/index.ts';
import type { PlacedGroup } from '../layout/index.ts';
import type { RdmaSpec, WeightsSource } from '../spec/index.ts';

/** What the pods of a group may do, and why they may do more than the `restricted` standard. */
export interface PodSecurity {
  readonly level: PodSecurityLevel;
  readonly user: PodUser;
  readonly capabilities: readonly string[];
  /** One sentence per departure from `restricted`; empty when there is none. */
  readonly exceptions: readonly string[];
}

/**
 * The user `vllm` that the vLLM images carry, so that `getpwuid()` in PyTorch finds it. Its own group
 * 0 is not used: it may write `/etc/passwd` in the image.
 *
 * @source vllm `docker/Dockerfile` (`useradd --uid 2000 --gid 0`, vllm#40275, 2026-04); not tried on
 * hardware
 */
const imageUser: PodUser = { user: 2000, group: 2000 };

const rootUser: PodUser = { user: 0, group: 0 };

/** Works out the least rights a group's pods can run with. */
export function podSecurityOf(group: PlacedGroup, weights: WeightsSource): PodSecurity {
  const rdma = rdmaOf(group);
  const exceptions = [
    ...(rdma === undefined ? [] : [rdmaException(group, rdma)]),
    ...(usesHostNetwork(group)
      ? [`Pool ${group.pool.name} puts pods on the host network (fabric.hostNetwork)`]
      : []),
    ...(weights.kind === 'hostPath'
      ? [`Weights are read from the host path ${weights.path}, mounted read-only`]
      : []),
  ];
  return {
    level: exceptions.length === 0 ? 'restricted' : 'privileged',
    user: rdma === undefined ? imageUser : rootUser,
    capabilities: rdma === undefined ? [] : ['IPC_LOCK'],
    exceptions,
  };
}

/** RDMA devices of a group's pods; a group of one pod has no other to talk to and gets none. */
export function rdmaOf({ podsPerGroup, pool }: PlacedGroup): RdmaSpec | undefined {
  const { rdma } = pool.fabric;
  return podsPerGroup === 1 || rdma === 'none' ? undefined : rdma;
}

/** Whether a group's pods run on the host network; a group of one pod has no need to. */
export function usesHostNetwork({ podsPerGroup, pool }: PlacedGroup): boolean {
  return podsPerGroup > 1 && pool.fabric.hostNetwork;
}

function rdmaException({ pool }: PlacedGroup, rdma: RdmaSpec): string {
  return `Pool ${pool.name} uses RDMA (${rdma.resource}): IPC_LOCK registers device memory with the network card, and root because Kubernetes gives an added capability only to root`;
}
