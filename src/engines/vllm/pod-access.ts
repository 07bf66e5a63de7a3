import type { EngineRequest } from '../engine.ts';
import type { PodAccess } from '../pod-access.ts';
import { usesNvshmem } from './all-to-all.ts';

/**
 * The user `vllm` that the CUDA images carry, so that `getpwuid()` in PyTorch finds it. Its own group
 * 0 is not used: it may write `/etc/passwd` in the image. The one here belongs to nobody.
 *
 * @source vllm `docker/Dockerfile` (`useradd --uid 2000 --gid 0`, vllm#40275, 2026-04); not tried on
 * hardware
 */
const imageUser = { user: 2000, group: 10_001 };

const rocmUser = {
  user: 0,
  group: 0,
  why: '/dev/kfd and /dev/dri belong to the group render of the node, whose number differs from node to node',
};

/** Rights of vLLM's pods on CUDA and ROCm. */
export function vllmAccess(request: EngineRequest): PodAccess {
  return {
    user: request.accelerator.vendor === 'amd' ? rocmUser : imageUser,
    capabilities: usesNvshmem(request)
      ? [
          {
            name: 'SYS_RAWIO',
            why: 'NVSHMEM maps doorbells of the network card into GPU memory (IBGDA, allToAll)',
          },
        ]
      : [],
    hostPaths: [],
  };
}
