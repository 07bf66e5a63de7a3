import { ncclVariables, nvshmemVariables } from '../fabric-variables.ts';
import { usesNvshmem } from './all-to-all.ts';
import { toggle } from './arguments.ts';
import { cacheDirectory } from './cache-directory.ts';
import type { VllmDialect } from './dialect.ts';

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
  networkVariables: (request) => [
    ...ncclVariables(request.pool),
    ...(usesNvshmem(request) ? nvshmemVariables(request.pool) : []),
  ],
};
