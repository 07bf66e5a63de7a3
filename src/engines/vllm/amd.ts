import type { EngineRequest } from '../engine.ts';
import { ncclVariables } from '../fabric-variables.ts';
import type { EnvVar } from '../workload.ts';
import { allToAllOf } from './all-to-all.ts';
import { toggle } from './arguments.ts';
import { cacheDirectory } from './cache-directory.ts';
import type { VllmDialect } from './dialect.ts';

/** Tokens per cache block of the sparse backend on ROCm. */
export const amdSparseBlockTokens = 1;

/**
 * vLLM on ROCm.
 *
 * @source vllm-project/recipes DeepSeek-V3.2-Exp.yaml, hardware_overrides.amd; its VLLM_RPC_TIMEOUT
 * is left out, since vLLM no longer reads it
 */
export const amdDialect: VllmDialect = {
  rpcPort: 13_345,
  choosesAllToAll: true,
  draftMethod: 'mtp',
  modelArguments: ({ group, release, model }) => {
    const sparse = model.architecture.indexer !== undefined;
    return [
      ...(sparse ? ['--block-size', String(amdSparseBlockTokens)] : []),
      ...['--kv-cache-dtype', group.kvCache === 'fp8' ? 'fp8' : 'bfloat16'],
      ...toggle(release, '--enable-prefix-caching', !sparse),
    ];
  },
  deviceVariables: () => [
    { name: 'VLLM_ROCM_USE_AITER', value: '1' },
    { name: 'VLLM_ROCM_USE_AITER_MOE', value: '1' },
    { name: 'SAFETENSORS_FAST_GPU', value: '1' },
    { name: 'AITER_JIT_DIR', value: `${cacheDirectory}/aiter` },
  ],
  networkVariables: (request) => [...ncclVariables(request.pool), ...moriVariables(request)],
};

/**
 * MoRI as llm-d runs it for DeepSeek-V3 on MI355X. The heap of 4 GiB, MoRI's default, overruns; with
 * MoRI the expert traffic does not go through RCCL, which then stays off the RDMA cards.
 *
 * @source llm-d guides/wide-ep-lws/modelserver/amd/vllm-deepseek-v3; not seen with V3.2
 */
function moriVariables(request: EngineRequest): EnvVar[] {
  const { backend } = allToAllOf(request);
  if (backend?.startsWith('mori') !== true) return [];
  return [
    { name: 'MORI_SHMEM_HEAP_SIZE', value: '17179869184' },
    { name: 'MORI_DISABLE_TOPO', value: '1' },
    { name: 'VLLM_ROCM_USE_AITER_MLA', value: '1' },
    { name: 'VLLM_ROCM_USE_AITER_RMSNORM', value: '1' },
    // AITER has no gfx950 binary for the large linear layers.
    { name: 'VLLM_ROCM_USE_AITER_LINEAR', value: '0' },
    { name: 'TORCHINDUCTOR_USE_STATIC_CUDA_LAUNCHER', value: '0' },
    { name: 'ROCPROFILER_QUEUE_INTERPOSITION', value: '1' },
    { name: 'NCCL_IB_DISABLE', value: '1' },
  ];
}
