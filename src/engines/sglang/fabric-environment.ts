import type { RdmaSpec } from '../../spec/index.ts';
import type { EngineRequest } from '../engine.ts';
import { type EnvVar, toVariables } from '../workload.ts';

/** Variables of the network between the pods of a group, by the communication library in use. */
export function fabricVariables(request: EngineRequest): EnvVar[] {
  return request.accelerator.vendor === 'huawei' ? hccl(request) : nccl(request);
}

/** Without interface names Gloo and NCCL may bind the loopback or an RDMA port and hang at start. */
function nccl(request: EngineRequest): EnvVar[] {
  const { socketInterface, rdma } = request.pool.fabric;
  return [
    ...named(['GLOO_SOCKET_IFNAME', 'NCCL_SOCKET_IFNAME'], socketInterface),
    // The start-up lines that tell whether RDMA is used or NCCL fell back to sockets.
    ...toVariables({ NCCL_DEBUG: 'INFO', NCCL_DEBUG_SUBSYS: 'INIT,NET' }),
    ...(rdma === 'none' ? toVariables({ NCCL_IB_DISABLE: '1' }) : []),
    ...(rdma === undefined || rdma === 'none' ? [] : rdmaVariables(request, rdma)),
  ];
}

function rdmaVariables(request: EngineRequest, rdma: RdmaSpec): EnvVar[] {
  return [
    ...named(['NCCL_IB_HCA'], rdma.hcas),
    ...named(['NCCL_IB_GID_INDEX'], rdma.gidIndex),
    ...(usesNvshmem(request) ? nvshmemVariables(request, rdma) : []),
  ];
}

/**
 * DeepEP's NVSHMEM, whose kernels write to the network card themselves (IBGDA).
 *
 * @source llm-d guides/wide-ep-lws, validated on H200; SGLang multi-node documentation for the names
 */
function nvshmemVariables({ pool }: EngineRequest, { hcas, gidIndex }: RdmaSpec): EnvVar[] {
  return [
    ...toVariables({
      NVIDIA_GDRCOPY: 'enabled',
      NVSHMEM_REMOTE_TRANSPORT: 'ibgda',
      NVSHMEM_IB_ENABLE_IBGDA: 'true',
    }),
    ...named(['NVSHMEM_BOOTSTRAP_UID_SOCK_IFNAME'], pool.fabric.socketInterface),
    ...named(['NVSHMEM_IB_GID_INDEX'], gidIndex),
    ...named(['NVSHMEM_HCA_LIST'], hcas),
  ];
}

/** Whether ranks reach the network cards of other nodes through NVSHMEM. */
export function usesNvshmem({ group, accelerator, podsPerGroup }: EngineRequest): boolean {
  return group.allToAll === 'deepep' && accelerator.vendor === 'nvidia' && podsPerGroup > 1;
}

/**
 * Ranks connect when the slowest has loaded its weights, long after HCCL's default of 120 s.
 *
 * @source vllm-ascend two-node CI: HCCL_CONNECT_TIMEOUT 1200; SGLang Ascend pages for the names
 */
function hccl(request: EngineRequest): EnvVar[] {
  const names = ['GLOO_SOCKET_IFNAME', 'HCCL_SOCKET_IFNAME', 'TP_SOCKET_IFNAME'];
  return [
    ...named(names, request.pool.fabric.socketInterface),
    { name: 'HCCL_IF_IP', fieldPath: 'status.podIP' },
    ...toVariables({ HCCL_CONNECT_TIMEOUT: '1200' }),
    // On A2 the devices of a node talk over PCIe, not through their RoCE ports.
    ...(request.accelerator.id === 'ascend-a2'
      ? toVariables({ HCCL_INTRA_PCIE_ENABLE: '1', HCCL_INTRA_ROCE_ENABLE: '0' })
      : []),
  ];
}

function named(names: readonly string[], value: string | number | undefined): EnvVar[] {
  return value === undefined ? [] : names.map((name) => ({ name, value: String(value) }));
}
