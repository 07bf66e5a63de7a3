import { indexerLogitsCapBytes, type ModelArchitecture } from '../../catalog/index.ts';
import { formatCount, gibibyte } from '../../units/index.ts';
import { attentionWorkspaceTerm, workspaceContexts } from './attention-workspace.ts';
import { expertMemory, int4Terms, wholeRowsTerm } from './expert-workspace.ts';
import type { FitRequest, StepSettings } from './fit-request.ts';
import { scoresInTensors } from './indexer-scores.ts';
import { npuExpertRows } from './npu-experts.ts';
import type { MemoryTerm } from './rank-memory.ts';
import { imageTerms } from './vision-profile.ts';
import { sumBytes, type WeightSharding } from './weights.ts';

/**
 * Activation bytes of one batched token: `expertsPerToken` BF16 rows of expert output and 1.8 rows
 * of everything else, 140,000 bytes for V3.
 *
 * @source vllm-project/vllm#14842, R1 TP8 at 163,840 unchunked tokens: 142,500 bytes per token less
 * 2.5 GiB non-torch memory
 */
export function activationBytesPerToken(shape: ModelArchitecture): number {
  return (shape.expertsPerToken + rowsOutsideExperts) * 2 * shape.hiddenSize;
}

/** BF16 rows of one token beside those of its experts. */
const rowsOutsideExperts = 1.766;

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
export function runtimeTerms(request: FitRequest, step: StepSettings): MemoryTerm[] {
  const { bytes, amdBytes = bytes, source } = step.behaviour.runtime;
  const own = request.accelerator.vendor === 'amd' ? amdBytes : bytes;
  const gathered = gatheredRuntimeBytes(request, step);
  const name = 'driver and communication library';
  return [
    { name, bytes: own, label: 'measured', source },
    ...(gathered === 0
      ? []
      : [{ name: `${name}, to gather`, bytes: gathered, label: 'assumed', source } as const]),
  ];
}

function gatheredRuntimeBytes(request: FitRequest, step: StepSettings): number {
  const gathers = request.accelerator.vendor === 'nvidia' && gatheredRanks(request, step) > 1;
  return gathers ? (step.behaviour.runtime.gatheredBytes ?? 0) : 0;
}

/**
 * What of it the engine leaves out of its sum, since it was there when it first measured; less what
 * comes up only when tokens are first gathered and is in the sum then.
 */
export function uncountedRuntimeTerm(request: FitRequest, step: StepSettings): MemoryTerm[] {
  const { uncountedBytes = 0, source } = step.behaviour.runtime;
  const bytes = Math.max(0, uncountedBytes - gatheredRuntimeBytes(request, step));
  const name = 'communication library, started before the engine measures';
  return bytes === 0 ? [] : [{ name, bytes, label: 'assumed', source }];
}

/** Tensors of one step. Gathered layouts see the tokens of all data ranks in the expert layers. */
export function activationTerm(request: FitRequest, step: StepSettings): MemoryTerm {
  const { model, sharding } = request;
  const { batchedTokens } = step;
  const ranks = gatheredRanks(request, step);
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

/** Data ranks whose tokens one rank sees in its expert layers: all of them where they are gathered. */
function gatheredRanks({ sharding }: FitRequest, { allToAll = 'gather' }: StepSettings): number {
  return allToAll === 'gather' ? sharding.data : 1;
}

/** What vLLM's profile finds at its fullest: a vision tower runs first and leaves embeddings behind. */
export function profileTerms(request: FitRequest, step: StepSettings): readonly MemoryTerm[] {
  const { held, tower } = imageTerms(request, step);
  return fuller([...held, ...languageTerms(request, step)], tower);
}

/** The model and the sampler run one after the other, on top of the workspace that both leave in place. */
function languageTerms(request: FitRequest, step: StepSettings): MemoryTerm[] {
  const { sharedWorkspace = false, indexerLogitsProfiled = false } = step.behaviour;
  const logits = indexerLogitsProfiled ? indexerLogitsTerm(request, step) : [];
  const indexer = indexerWorkspaceTerm(request, step);
  const sampling = samplingTerm(request, step);
  const gatheredTokens = step.batchedTokens * gatheredRanks(request, step);
  if (!sharedWorkspace) {
    const activations = activationTerms(request, step, gatheredTokens);
    return [...fuller([...activations, ...logits], sampling), ...indexer];
  }
  const experts = expertMemory(request, step, gatheredTokens);
  const tokens = experts.holdsGathered ? step.batchedTokens : gatheredTokens;
  // Experts and attention give back what they take before the other starts.
  const passing = [passingTerm(request, tokens), ...fuller(logits, experts.passing)];
  const attention = attentionWorkspaceTerm(request, step);
  return [
    ...fuller(passing, sampling),
    ...grown(fuller(experts.kept, indexer), sumBytes(attention)),
  ];
}

function activationTerms(
  request: FitRequest,
  step: StepSettings,
  gatheredTokens: number,
): MemoryTerm[] {
  const rows = npuExpertRows(request, step, gatheredTokens);
  if (rows !== undefined) return [passingTerm(request, step.batchedTokens), rows];
  const int4 = int4Terms(request, step, gatheredTokens);
  if (int4 !== undefined) return int4;
  return [activationTerm(request, step), ...wholeRowsTerm(request, step, gatheredTokens)];
}

/** What a workspace takes beyond what it had when the model was loaded. */
function grown(kept: readonly MemoryTerm[], reservedBytes: number): readonly MemoryTerm[] {
  const bytes = sumBytes(kept);
  if (reservedBytes === 0 || bytes === 0) return kept;
  if (bytes <= reservedBytes) return [];
  return kept.map((term) => ({
    ...term,
    name: `${term.name}, beyond that of the attention`,
    bytes: term.bytes * (1 - reservedBytes / bytes),
  }));
}

function fuller(a: readonly MemoryTerm[], b: readonly MemoryTerm[]): readonly MemoryTerm[] {
  return sumBytes(b) > sumBytes(a) ? b : a;
}

function samplingTerm(request: FitRequest, step: StepSettings): MemoryTerm[] {
  const { behaviour, maxSequences = 0 } = step;
  const { samplingBytesPerLogit = 0 } = behaviour;
  const { vocabularySize } = request.model.architecture;
  const bytes = maxSequences * vocabularySize * samplingBytesPerLogit;
  if (bytes === 0) return [];
  return [
    {
      name: `sampling for ${formatCount(maxSequences)} requests`,
      bytes,
      label: 'measured',
      source: `vLLM profiles its sampler with maxSequences requests: ${samplingBytesPerLogit} bytes for each logit, counted from its source and seen in start-up logs`,
    },
  ];
}

/** Tensors of one step outside the workspace. */
function passingTerm(request: FitRequest, tokens: number): MemoryTerm {
  return {
    name: `activations of ${formatCount(tokens)} tokens outside the experts`,
    bytes: tokens * rowsOutsideExperts * 2 * request.model.architecture.hiddenSize,
    label: 'assumed',
    source: 'rows outside the experts in two vLLM start-up logs at TP8',
  };
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

/** Copy of indexer keys for prefill. */
function indexerWorkspaceTerm(request: FitRequest, step: StepSettings): MemoryTerm[] {
  const { indexer } = request.model.architecture;
  if (indexer === undefined || !scoresInTensors(request)) return [];
  return [
    {
      name: 'indexer key workspace',
      bytes: 8 * workspaceContexts(request, step) * request.contextTokens * (indexer.headDim + 4),
      label: 'exact',
      source:
        'vLLM indexer.py: 40 x max-model-len keys of 132 bytes; 16 x beyond 262,144 tokens in 0.33.0',
    },
  ];
}

/** The buffer of chosen positions, and another of the draft module. */
export function topKBufferTerm(request: FitRequest, step: StepSettings): MemoryTerm[] {
  const { indexer, mtpLayers } = request.model.architecture;
  if (indexer === undefined || !scoresInTensors(request)) return [];
  const { draftOwnsTopKBuffer = false } = step.behaviour;
  const modules = draftOwnsTopKBuffer && request.mtpTokens > 0 ? 1 + mtpLayers : 1;
  return [
    {
      name: topKBufferName,
      bytes: modules * 4 * step.batchedTokens * indexer.topK,
      label: 'exact',
      source:
        'vLLM deepseek_v2.py and deepseek_mtp.py: 4 bytes x batched tokens x top-k, allocated with the weights',
    },
  ];
}

/** What the loader adds to the weights. */
export function loaderTerm(request: FitRequest, engine: 'vllm' | 'sglang'): MemoryTerm[] {
  const { vendor } = request.accelerator;
  if (engine === 'sglang') {
    if (vendor === 'huawei') return [loadedOnAscend];
    return makesTables(request) ? [sglangTables] : [];
  }
  return [
    ...(vendor === 'amd' ? [vllmBuffersOnRocm] : []),
    ...(makesTables(request) ? [vllmTables] : []),
  ];
}

const vllmBuffersOnRocm: MemoryTerm = {
  name: 'tables and buffers made at load on ROCm',
  bytes: 1.57 * gibibyte,
  label: 'measured',
  source: 'vLLM 0.11.2 to 0.18 logs, R1 TP8: 81.31 GiB on MI300X, 79.74 on H200',
};

const vllmTables: MemoryTerm = {
  name: 'tables and buffers made at load',
  bytes: 0.18 * gibibyte,
  label: 'measured',
  source:
    'vLLM 0.16 log, V3.2 TP8: 80.78 GiB less weights and top-k buffer; 0.16 to 0.21 in those of R1 (0.11.2 to 0.20) and Kimi-K2.6 at TP8 and DP8',
};

const sglangTables: MemoryTerm = {
  name: 'tables and buffers made at load',
  bytes: 0.28 * gibibyte,
  label: 'measured',
  source: 'SGLang log, V3.2 TP8: 80.63 GiB less weights',
};

/** SGLang takes what the device lost as weights, and loading starts kernels there. */
const loadedOnAscend: MemoryTerm = {
  name: 'tables, buffers and kernels of the first operations',
  bytes: 1.27 * gibibyte,
  label: 'measured',
  source:
    'shun8686/for_debug, six servers of R1 in W8A8 on A3 with 1 to 8 tensor ranks, December 2025 and January 2026: 1.24 to 1.30 GiB beyond weights',
};

function makesTables({ model, step }: FitRequest): boolean {
  return model.architecture.indexer !== undefined || step?.behaviour.tablesInAllModels === true;
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
