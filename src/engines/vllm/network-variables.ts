import type { RdmaSpec } from '../../spec/index.ts';
import type { EngineRequest } from '../engine.ts';
import type { EnvVar } from '../workload.ts';

/** Without interface names Gloo and NCCL may bind the loopback or an RDMA port and hang at start. */
export function collectiveVariables({ pool }: Pick<EngineRequest, 'pool'>): EnvVar[] {
  const { socketInterface, rdma } = pool.fabric;
  const variables: EnvVar[] = [];
  if (socketInterface !== undefined) {
    variables.push({ name: 'GLOO_SOCKET_IFNAME', value: socketInterface });
    variables.push({ name: 'NCCL_SOCKET_IFNAME', value: socketInterface });
  }
  // The start-up lines that tell whether RDMA is used or NCCL fell back to sockets.
  variables.push({ name: 'NCCL_DEBUG', value: 'INFO' });
  variables.push({ name: 'NCCL_DEBUG_SUBSYS', value: 'INIT,NET' });
  if (rdma === 'none') variables.push({ name: 'NCCL_IB_DISABLE', value: '1' });
  else if (rdma !== undefined) variables.push(...rdmaVariables(rdma));
  return variables;
}

function rdmaVariables({ hcas, gidIndex }: RdmaSpec): EnvVar[] {
  const variables: EnvVar[] = [];
  if (hcas !== undefined) variables.push({ name: 'NCCL_IB_HCA', value: hcas });
  if (gidIndex !== undefined) {
    variables.push({ name: 'NCCL_IB_GID_INDEX', value: String(gidIndex) });
  }
  return variables;
}
