import { blackwell } from '../../catalog/index.ts';
import { formatCount } from '../../units/index.ts';
import type { FitRequest, StepSettings } from './fit-request.ts';
import type { MemoryTerm } from './rank-memory.ts';

const mebibyte = 2 ** 20;

/** Largest tensor that FlashInfer reduces and normalises at once, by tensor ranks; bytes. */
const fusedReduceBytes: Readonly<Record<DeviceKind, Readonly<Record<number, number>>>> = {
  b300: { 2: 64 * mebibyte, 4: 64 * mebibyte, 8: 2 * mebibyte },
  blackwell: { 2: 64 * mebibyte, 4: 32 * mebibyte, 8: mebibyte },
  hopper: { 2: 64 * mebibyte, 4: 2 * mebibyte, 8: mebibyte / 2 },
};

type DeviceKind = 'b300' | 'blackwell' | 'hopper';

function deviceKind(id: string): DeviceKind {
  if (id === 'b300') return id;
  return blackwell.has(id) ? 'blackwell' : 'hopper';
}

/** Buffers of the kernel, and slices in each: one that is written, one that is read. */
const reduceBuffers = 3 * 2;

/** Buffers in which the tensor ranks of a node reduce and normalise. */
export function fusedReduceTerm(request: FitRequest, step: StepSettings): MemoryTerm[] {
  const { accelerator, sharding, model } = request;
  if (step.behaviour.multicastReduce !== true || accelerator.vendor !== 'nvidia') return [];
  const most = fusedReduceBytes[deviceKind(accelerator.id)][sharding.tensor] ?? 0;
  const row = 2 * model.architecture.hiddenSize;
  const tokens = Math.min(Math.floor(most / row), step.batchedTokens);
  if (tokens === 0) return [];
  return [
    {
      name: `buffers to reduce and normalise ${formatCount(tokens)} tokens`,
      bytes: reduceBuffers * sharding.tensor * Math.ceil(tokens / sharding.tensor) * row,
      label: 'exact',
      source:
        'FlashInfer trtllm_mnnvl_ar.py, get_required_buffer_size_bytes; sizes from FI_ALLREDUCE_FUSION_MAX_SIZE_MB of vLLM allreduce_rms_fusion.py',
    },
  ];
}

/** Rows that a runner and its drafter keep for every token of a step: embeddings, and hidden states. */
export function runnerBufferTerm(request: FitRequest, step: StepSettings): MemoryTerm[] {
  if (step.behaviour.countsRunnerBuffers !== true) return [];
  const rows = request.mtpTokens > 0 ? 3 : 1;
  return [
    {
      name: `buffers of the runner for ${formatCount(step.batchedTokens)} tokens`,
      bytes: rows * step.batchedTokens * 2 * request.model.architecture.hiddenSize,
      label: 'exact',
      source:
        'vLLM gpu_model_runner.py, inputs_embeds, and llm_base_proposer.py, inputs_embeds and hidden_states: BF16 rows',
    },
  ];
}
