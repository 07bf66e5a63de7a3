import type { EngineRequest } from '../engine.ts';
import type { EnvVar } from '../workload.ts';
import { usesNvshmem } from './all-to-all.ts';
import { toggle } from './arguments.ts';
import { cacheDirectory } from './cache-directory.ts';
import type { VllmDialect } from './dialect.ts';
import { collectiveVariables } from './network-variables.ts';

/** vLLM on CUDA. */
export const nvidiaDialect: VllmDialect = {
  rpcPort: 13_345,
  choosesAllToAll: true,
  draftMethod: 'mtp',
  modelArguments: ({ group, release }) => [
    ...['--kv-cache-dtype', group.kvCache === 'fp8' ? 'fp8' : 'bfloat16'],
    ...toggle(release, '--enable-prefix-caching', true),
    // The V3.2 recipe turns FlashInfer's autotuner off; as JSON the key exists in every release.
    ...['--kernel-config', JSON.stringify({ enable_flashinfer_autotune: false })],
  ],
  deviceVariables: () => [
    { name: 'FLASHINFER_WORKSPACE_BASE', value: `${cacheDirectory}/flashinfer` },
    { name: 'CUDA_CACHE_PATH', value: `${cacheDirectory}/cuda` },
  ],
  networkVariables: (request) => [...collectiveVariables(request), ...nvshmemVariables(request)],
};

/**
 * DeepEP's NVSHMEM over IBGDA, as llm-d runs it on H200.
 *
 * @source llm-d guides/wide-ep-lws/modelserver/gpu/vllm-deepseek-r1-0528
 */
function nvshmemVariables(request: EngineRequest): EnvVar[] {
  if (!usesNvshmem(request)) return [];
  const { socketInterface, rdma } = request.pool.fabric;
  const { gidIndex, hcas } = rdma === undefined || rdma === 'none' ? {} : rdma;
  return [
    { name: 'NVIDIA_GDRCOPY', value: 'enabled' },
    { name: 'NVSHMEM_REMOTE_TRANSPORT', value: 'ibgda' },
    { name: 'NVSHMEM_IB_ENABLE_IBGDA', value: 'true' },
    ...(socketInterface === undefined
      ? []
      : [{ name: 'NVSHMEM_BOOTSTRAP_UID_SOCK_IFNAME', value: socketInterface }]),
    ...(gidIndex === undefined ? [] : [{ name: 'NVSHMEM_IB_GID_INDEX', value: String(gidIndex) }]),
    ...(hcas === undefined ? [] : [{ name: 'NVSHMEM_HCA_LIST', value: hcas }]),
  ];
}
