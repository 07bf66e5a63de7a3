import type { EngineRequest } from '../engine.ts';
import type { Note } from '../reason.ts';
import { replacedNotes } from './arguments.ts';
import { chatNotes } from './chat-notes.ts';
import { evidenceNotes } from './evidence-notes.ts';
import {
  dispatchSequences,
  speculativeRequests,
  usesLowLatencyDispatch,
  usesNormalDispatch,
} from './sizes.ts';

/** What the reader of a plan must know about this layout on SGLang. */
export function sglangNotes(request: EngineRequest): Note[] {
  return [
    ...evidenceNotes(request),
    ...keyInLog(request),
    ...chatNotes(request),
    ...speculativeLimit(request),
    ...allToAll(request),
    ...dispatchLimit(request),
    ...dispatchWithoutGraphs(request),
    ...tensorOverNodes(request),
    ...replacedNotes(request),
  ];
}

/** @source SGLang entrypoints/engine.py: logger.info(f"{server_args=}"), 0.5.12 to 0.5.23 */
function keyInLog({ api }: EngineRequest): Note[] {
  if (api.keySecret === 'none') return [];
  return [
    {
      code: 'SGLANG_KEY_IN_LOG',
      level: 'warning',
      message:
        'SGLang prints its arguments when it starts, the API key among them: whoever reads the pod log of a leader has the key',
    },
  ];
}

function speculativeLimit({ group, parallelism }: EngineRequest): Note[] {
  if (group.mtpTokens === 0 || group.maxSequences !== undefined || group.allToAll === 'deepep') {
    return [];
  }
  const perRank = Math.floor(speculativeRequests / parallelism.data);
  const each = parallelism.data === 1 ? '' : `, ${perRank} on each data rank`;
  return [
    {
      code: 'SGLANG_MTP_REQUESTS',
      level: 'warning',
      message: `with mtpTokens SGLang runs at most ${speculativeRequests} requests at once${each}, and queues the rest: set maxSequences for more`,
    },
  ];
}

function allToAll(request: EngineRequest): Note[] {
  const { group, parallelism, podsPerGroup } = request;
  if (group.allToAll !== 'auto' || !parallelism.expert || podsPerGroup === 1) return [];
  return [
    {
      code: 'SGLANG_ALL2ALL_DEFAULT',
      level: 'info',
      message: `all-to-all backend is none (auto): collectives that run on any fabric and carry every token to every rank; ${fasterBackend(request)} sends each token only where its experts are (allToAll)`,
    },
  ];
}

function fasterBackend({ accelerator }: EngineRequest): string {
  switch (accelerator.vendor) {
    case 'nvidia':
      return 'deepep, which needs driver options on every host,';
    case 'amd':
      return 'mori';
    case 'huawei':
      return 'deepep or ascend_fuseep';
  }
}

function dispatchLimit(request: EngineRequest): Note[] {
  if (!usesLowLatencyDispatch(request) || request.group.maxSequences !== undefined) return [];
  return [
    {
      code: 'SGLANG_DEEPEP_REQUESTS',
      level: 'info',
      message: `each data rank runs at most ${dispatchSequences(request)} requests at once, what DeepEP's buffers of 128 tokens hold: maxSequences makes them larger`,
    },
  ];
}

/** @source SGLang arg_groups/moe_hook.py, _handle_a2a_moe: only for DeepEP, not for MoRI */
function dispatchWithoutGraphs(request: EngineRequest): Note[] {
  if (!usesNormalDispatch(request)) return [];
  return [
    {
      code: 'SGLANG_DEEPEP_NO_GRAPHS',
      level: 'warning',
      message:
        '--deepep-mode normal turns CUDA graphs off, so every decode step waits for its kernels to be launched one by one: auto, the default, uses these kernels for prefill only',
    },
  ];
}

/** Every layer of attention and dense work then waits for the network. */
function tensorOverNodes({ parallelism, podsPerGroup, devicesPerPod }: EngineRequest): Note[] {
  if (podsPerGroup === 1 || parallelism.tensor <= devicesPerPod) return [];
  return [
    {
      code: 'SGLANG_TENSOR_OVER_NODES',
      level: 'info',
      message: `tensor ${parallelism.tensor} spans nodes of ${devicesPerPod} devices, so every layer waits for the network: the cookbook has 4948 token/s for tensor 16 and 6842 for tensor 8 x data 2 with mtpTokens 2, on two Hopper nodes`,
    },
  ];
}
