import { indexerLogitsCapBytes, type ModelArchitecture } from '../../catalog/index.ts';
import { formatCount, gibibyte } from '../../units/index.ts';
import type { FitRequest, StepSettings } from './fit-request.ts';
import type { MemoryTerm } from './rank-memory.ts';
import type { WeightSharding } from './weights.ts';

/**
 * Activation bytes of one batched token: `expertsPerToken` BF16 rows of expert output and 1.8 rows
 * of everything else, 140,000 bytes for V3.
 *
 * @source vLLM 0.16, V3.2 TP8, 32,768 batched tokens: 7.54 GiB less 2.5 GiB non-torch memory and
 * 0.8 GiB of indexer workspace is 138,700 bytes per token; vllm-project/vllm#14842, R1 TP8 at
 * 163,840 unchunked tokens: 142,500
 */
export function activationBytesPerToken(shape: ModelArchitecture): number {
  return (shape.expertsPerToken + 1.766) * 2 * shape.hiddenSize;
}

/**
 * Bytes of DeepEP's low-latency buffers: send and receive, double buffered, for every expert.
 *
 * @source deepseek-ai/DeepEP csrc/legacy/config.hpp: 1.78 GiB at 256 experts and 128 tokens
 */
export function deepEpBufferBytes(experts: number, tokens: number, hiddenSize: number): number {
  return 4 * experts * tokens * (2 * hiddenSize + hiddenSize / 32);
}

/** A stand-in for the sum where the step's settings are not known. */
export function planningOverhead(sharding: WeightSharding): MemoryTerm[] {
  const spreads = spreadsExperts(sharding);
  return [
    {
      name: 'activations, graphs, communication',
      bytes: (spreads ? 7 : 5) * gibibyte,
      label: 'assumed',
      source: spreads
        ? 'planning value for data or expert parallel layouts'
        : 'planning value for tensor parallel layouts',
    },
  ];
}

export function spreadsExperts({ data, expert }: WeightSharding): boolean {
  return data > 1 || expert;
}

/** Memory of the driver, the communication library and whatever else torch does not count. */
export function runtimeTerm(): MemoryTerm {
  return {
    name: 'driver and communication library',
    bytes: 2.5 * gibibyte,
    label: 'measured',
    source: 'vllm-project/vllm#13074: 2.53 to 2.57 GiB non-torch memory, H20-3e TP8 x PP2',
  };
}

/** Tensors of one step. Gathered layouts see the tokens of all data ranks in the expert layers. */
export function activationTerm(
  request: FitRequest,
  { batchedTokens, allToAll = 'gather' }: StepSettings,
): MemoryTerm {
  const { model, sharding } = request;
  const ranks = allToAll === 'gather' ? sharding.data : 1;
  const tokens = batchedTokens * ranks;
  const each = ranks === 1 ? '' : `${ranks} x `;
  return {
    name: `activations of ${each}${formatCount(batchedTokens)} tokens`,
    bytes: tokens * activationBytesPerToken(model.architecture),
    label: sharding.data === 1 ? 'measured' : 'assumed',
    source:
      'bytes per token from two vLLM start-up logs at TP8; times data ranks where they are gathered',
  };
}

/**
 * The larger of what the model and what sampling take while vLLM profiles: one runs after the other.
 */
export function profilePeakTerm(request: FitRequest, step: StepSettings): MemoryTerm {
  const model = activationTerm(request, step);
  const { behaviour, maxSequences = 0 } = step;
  const { samplingBytesPerLogit = 0 } = behaviour;
  const { vocabularySize } = request.model.architecture;
  const bytes = maxSequences * vocabularySize * samplingBytesPerLogit;
  if (bytes <= model.bytes) return model;
  return {
    name: `sampling for ${formatCount(maxSequences)} requests`,
    bytes,
    label: 'assumed',
    source: `vLLM profiles its sampler with maxSequences requests: ${samplingBytesPerLogit} bytes for each logit, counted from its source`,
  };
}

/** What the graphs that the engine records at its start are called. */
const graphNames = { nvidia: 'CUDA graphs', amd: 'HIP graphs', huawei: 'ACL graphs' } as const;

export function graphTerm(
  { sharding, accelerator }: FitRequest,
  { behaviour }: StepSettings,
): MemoryTerm {
  const spreads = spreadsExperts(sharding);
  return {
    name: graphNames[accelerator.vendor],
    bytes: spreads ? behaviour.graphBytes.expert : behaviour.graphBytes.tensor,
    label: 'assumed',
    source: spreads
      ? 'SGLang log, R1 TP8 EP8 on B200: 6.37 GiB'
      : 'vLLM 0.16 log, V3.2 TP8 on H200: 2.01 GiB',
  };
}

/** Ascend's fused indexer kernel keeps scores on chip; elsewhere they are a tensor. */
function scoresInTensors({ model, accelerator }: FitRequest): boolean {
  return model.architecture.indexer !== undefined && accelerator.vendor !== 'huawei';
}

/** FP32 scores `[batched tokens, context]` of the indexer, cut into pieces by newer releases. */
export function indexerLogitsTerm(request: FitRequest, step: StepSettings): MemoryTerm[] {
  if (!scoresInTensors(request)) return [];
  const whole = 4 * step.batchedTokens * request.contextTokens;
  const capped = step.behaviour.indexerLogitsCapped;
  return [
    {
      name: 'indexer logits',
      bytes: capped ? Math.min(whole, indexerLogitsCapBytes) : whole,
      label: 'exact',
      source: capped
        ? 'VLLM_SPARSE_INDEXER_MAX_LOGITS_MB = 512 (vllm-project/vllm#36178)'
        : '4 bytes x batched tokens x context; not capped in this release',
    },
  ];
}

/** Allocated while the weights load, so the log counts it among them. */
export const topKBufferName = 'indexer top-k buffer';

/** Copy of indexer keys for prefill, and the buffer of chosen positions. */
export function indexerWorkspaceTerms(request: FitRequest, step: StepSettings): MemoryTerm[] {
  const { indexer } = request.model.architecture;
  if (indexer === undefined || !scoresInTensors(request)) return [];
  return [
    {
      name: 'indexer key workspace',
      bytes: 40 * request.contextTokens * (indexer.headDim + 4),
      label: 'exact',
      source: 'vLLM indexer.py: 40 x max-model-len keys of 132 bytes',
    },
    {
      name: topKBufferName,
      bytes: 4 * step.batchedTokens * indexer.topK,
      label: 'exact',
      source: 'vLLM deepseek_v2.py: 4 bytes x batched tokens x top-k, allocated with the weights',
    },
  ];
}

/** What the loader adds to the weights of sparse-attention models. */
export function loaderTerm({ model }: FitRequest, engine: 'vllm' | 'sglang'): MemoryTerm[] {
  if (model.architecture.indexer === undefined) return [];
  return [
    {
      name: 'tables and buffers made at load',
      bytes: (engine === 'vllm' ? 0.18 : 0.28) * gibibyte,
      label: 'measured',
      source:
        engine === 'vllm'
          ? 'vLLM 0.16 log, V3.2 TP8: 80.78 GiB less weights and top-k buffer'
          : 'SGLang log, V3.2 TP8: 80.63 GiB less weights',
    },
  ];
}

export function dispatchTerms(request: FitRequest, step: StepSettings): MemoryTerm[] {
  if (step.allToAll !== 'deepep-low-latency') return [];
  const { model, sharding, redundantExpertsPerRank = 0 } = request;
  const { routedExperts, hiddenSize } = model.architecture;
  const experts = routedExperts + redundantExpertsPerRank * sharding.tensor * sharding.data;
  return [
    {
      name: 'DeepEP low-latency buffers',
      bytes: deepEpBufferBytes(experts, step.dispatchTokens ?? 128, hiddenSize),
      label: 'exact',
      source: 'deepseek-ai/DeepEP csrc/legacy/config.hpp',
    },
  ];
}
