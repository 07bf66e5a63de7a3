import type { PoolSpec } from '../spec/index.ts';
import { type EnvVar, toVariables } from './workload.ts';

/*
 * Variables of the libraries under the engines. They are read by NCCL, RCCL, HCCL, Gloo and NVSHMEM
 * themselves, so they mean the same whoever starts them; an engine decides when they apply.
 */

type Pool = Pick<PoolSpec, 'fabric'>;

/**
 * NCCL and RCCL between pods. Without interface names Gloo and NCCL may bind the loopback or an RDMA
 * port and hang at start.
 */
export function ncclVariables({ fabric: { socketInterface, rdma } }: Pool): EnvVar[] {
  return [
    ...named(['GLOO_SOCKET_IFNAME', 'NCCL_SOCKET_IFNAME'], socketInterface),
    // The start-up lines that tell whether RDMA is used or NCCL fell back to sockets.
    ...toVariables({ NCCL_DEBUG: 'INFO', NCCL_DEBUG_SUBSYS: 'INIT,NET' }),
    ...(rdma === 'none' ? toVariables({ NCCL_IB_DISABLE: '1' }) : []),
    ...(rdma === undefined || rdma === 'none'
      ? []
      : [...named(['NCCL_IB_HCA'], rdma.hcas), ...named(['NCCL_IB_GID_INDEX'], rdma.gidIndex)]),
  ];
}

/**
 * DeepEP's NVSHMEM, whose kernels write to the network card themselves (IBGDA).
 *
 * @source llm-d guides/wide-ep-lws, validated on H200; SGLang multi-node documentation for the names
 */
export function nvshmemVariables({ fabric: { socketInterface, rdma } }: Pool): EnvVar[] {
  const { gidIndex, hcas } = rdma === undefined || rdma === 'none' ? {} : rdma;
  return [
    ...toVariables({
      NVIDIA_GDRCOPY: 'enabled',
      NVSHMEM_REMOTE_TRANSPORT: 'ibgda',
      NVSHMEM_IB_ENABLE_IBGDA: 'true',
    }),
    ...named(['NVSHMEM_BOOTSTRAP_UID_SOCK_IFNAME'], socketInterface),
    ...named(['NVSHMEM_IB_GID_INDEX'], gidIndex),
    ...named(['NVSHMEM_HCA_LIST'], hcas),
  ];
}

/**
 * HCCL needs the address and the interface of its own node, as Gloo and tensor parallelism do. Ranks
 * connect when the slowest has loaded its weights, long after HCCL's default of 120 s, which failed in
 * upstream's own runs.
 *
 * @source vllm-ascend two-node nightly run: HCCL_CONNECT_TIMEOUT 1200; SGLang Ascend pages for the names
 */
export function hcclVariables({ fabric: { socketInterface } }: Pool): EnvVar[] {
  return [
    { name: 'HCCL_IF_IP', fieldPath: 'status.podIP' },
    ...named(['HCCL_SOCKET_IFNAME', 'GLOO_SOCKET_IFNAME', 'TP_SOCKET_IFNAME'], socketInterface),
    ...toVariables({ HCCL_CONNECT_TIMEOUT: '1200' }),
  ];
}

/** Devices of one A2 node talk over PCIe and HCCS, not over their own network ports. */
export const hcclInsideA2: readonly EnvVar[] = toVariables({
  HCCL_INTRA_PCIE_ENABLE: '1',
  HCCL_INTRA_ROCE_ENABLE: '0',
});

function named(names: readonly string[], value: string | number | undefined): EnvVar[] {
  return value === undefined ? [] : names.map((name) => ({ name, value: String(value) }));
}
