import type { EngineRequest } from '../engine.ts';
import type { Note } from '../reason.ts';

/** Query heads per rank that FlashMLA's sparse kernel pads to on Hopper. */
const hopperHeadTile = 64;

/** What the reader of a plan must know about this layout on vLLM. */
export function vllmNotes(request: EngineRequest): Note[] {
  return [...headPadding(request), ...allToAll(request)];
}

function headPadding({ model, parallelism, accelerator }: EngineRequest): Note[] {
  const heads = model.architecture.attentionHeads / parallelism.tensor;
  if (accelerator.vendor !== 'nvidia' || heads >= hopperHeadTile) return [];
  return [
    {
      code: 'VLLM_HEAD_PADDING',
      level: 'warning',
      message:
        `tensor ${parallelism.tensor} leaves ${heads} heads per rank, which the sparse attention ` +
        `kernel pads to ${hopperHeadTile}: prefer tensor 1 or 2 with data and expert parallelism`,
    },
  ];
}

function allToAll({ group, parallelism, podsPerGroup }: EngineRequest): Note[] {
  const chosen = group.extraArgs.some((arg) => arg.startsWith('--all2all-backend'));
  if (!parallelism.expert || podsPerGroup === 1 || chosen) return [];
  return [
    {
      code: 'VLLM_ALL2ALL_DEFAULT',
      level: 'info',
      message:
        'all-to-all backend is allgather_reducescatter, which runs on any fabric; DeepEP is faster ' +
        'but needs driver options on every host (extraArgs: [--all2all-backend, deepep_low_latency])',
    },
  ];
}
