import type { EngineRequest } from '../engine.ts';
import {
  hcclInsideA2,
  hcclVariables,
  ncclVariables,
  nvshmemVariables,
} from '../fabric-variables.ts';
import type { EnvVar } from '../workload.ts';

/** Variables of the network between the pods of a group, by the communication library in use. */
export function fabricVariables(request: EngineRequest): EnvVar[] {
  const { accelerator, pool } = request;
  if (accelerator.vendor === 'huawei') {
    return [...hcclVariables(pool), ...(accelerator.id === 'ascend-a2' ? hcclInsideA2 : [])];
  }
  return [...ncclVariables(pool), ...(usesNvshmem(request) ? nvshmemVariables(pool) : [])];
}

/** Whether ranks reach the network cards of other nodes through NVSHMEM. */
export function usesNvshmem({ group, accelerator, podsPerGroup }: EngineRequest): boolean {
  return group.allToAll === 'deepep' && accelerator.vendor === 'nvidia' && podsPerGroup > 1;
}
