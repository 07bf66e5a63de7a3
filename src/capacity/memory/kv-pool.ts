import type { FitRequest } from './fit-request.ts';
import {
  indexerBytesPerTokenPerLayer,
  type KvLayout,
  latentBytesPerTokenPerLayer,
} from './kv-cache.ts';
import { pipelineStages } from './pipeline-stages.ts';
import { fullContextBytes, type MemoryTerm, type RankMemory } from './rank-memory.ts';
import type { SharedCutOptions } from './shared-cut.ts';
import { towerRanks } from './tower-ranks.ts';
import { draftTermName, sumBytes, type WeightOptions, weightTermsByStage } from './weights.ts';

/** What an engine's formula gives: the budget and what it takes from it and adds to it. */
export interface PoolRules {
  readonly deviceBytes: number;
  readonly budgetBytes: number;
  readonly overheads: readonly MemoryTerm[];
  readonly peaks: readonly MemoryTerm[];
  /**
   * Whether the engine keeps room for the peaks beside the budget, so that they never touch the pool.
   *
   * @default false
   */
  readonly peaksBesideBudget?: boolean;
  /** Layout the engine counts with; may be smaller than the one it stores. */
  readonly sizingLayout: KvLayout;
  /**
   * How all but attention and routed experts is cut.
   *
   * @default - over the tensor ranks
   */
  readonly sharedCut?: SharedCutOptions;
  /**
   * Whether the engine sizes the pool before it loads the draft module, which then takes its weights
   * and its layer of cache from what is left.
   *
   * @default false
   */
  readonly draftAfterPool?: boolean;
}

/**
 * Memory of the rank that holds the fewest tokens: of all pipeline stages the one that binds.
 *
 * Fits when every pool holds one sequence of full context, also with the peaks taken out of it where
 * the engine keeps no room for them, and when budget and peaks together are on the device. The second
 * demand is stricter than the engines: without it TP1 x DP8 at 163,840 tokens on 8 x H200 would pass,
 * which ran out of memory.
 *
 * @source GPUStack performance lab, DeepSeek-V3.2 on H200; LMCache/LMCache#2521
 */
export function fitPool(request: FitRequest, rules: PoolRules): RankMemory {
  return stageMemories(request, rules).reduce((a, b) => (holdsLess(b, a) ? b : a));
}

/** Half-byte formats, slices, and GiB of logs and data sheets make no whole number of bytes. */
function inWholeBytes(term: MemoryTerm): MemoryTerm {
  return { ...term, bytes: Math.round(term.bytes) };
}

function holdsLess(a: RankMemory, b: RankMemory): boolean {
  if (a.kvTokensPerRank !== b.kvTokensPerRank) return a.kvTokensPerRank < b.kvTokensPerRank;
  return a.kvBytesPerRank < b.kvBytesPerRank;
}

function stageMemories(request: FitRequest, rules: PoolRules): RankMemory[] {
  const { model, sharding, measured } = request;
  const draft = request.mtpTokens > 0 ? model.architecture.mtpLayers : 0;
  const weights = weightTermsByStage(model, sharding, {
    mtp: draft > 0,
    redundantExpertsPerRank: request.redundantExpertsPerRank ?? 0,
    ...rules.sharedCut,
    indexersInAllLayers: request.step?.behaviour.keepsSharedIndexers === true,
    // Where heads are cached whole there is nothing to absorb.
    absorbedCopy: request.kvLayout !== 'mha-bf16',
    mergedProjections: request.step?.behaviour.mergedProjections === true,
    absorbedViews: hasAbsorbedViews(request),
    towerRanks: towerRanks(request),
    ...npuOptions(request),
  });
  const stages = pipelineStages(model.architecture.layers, sharding.pipeline);
  return stages.map((stage, index) => {
    const terms = (weights[index] ?? []).map(inWholeBytes);
    const late = rules.draftAfterPool === true ? terms.filter(isDraft) : [];
    const stated = measured?.weightsBytes;
    return rankMemory(request, rules, {
      layers: stage.end - stage.first,
      draftLayers: index === stages.length - 1 ? draft : 0,
      weights:
        stated === undefined
          ? terms.filter((term) => !late.includes(term))
          : [statedWeights(stated, measured)],
      late: late.map((term) => ({ ...term, name: `${term.name}, loaded after the cache` })),
    });
  });
}

function npuOptions({ model, step }: FitRequest): Omit<WeightOptions, 'mtp'> {
  const { behaviour, npu } = step ?? {};
  const isSparse = model.architecture.indexer !== undefined;
  return {
    dropsUpProjection: isSparse && behaviour?.dropsSparseUpProjection === true,
    keepsDraftHead: behaviour?.keepsDraftHead === true,
    ...(npu === undefined ? {} : { npu }),
  };
}

/** AITER multiplies with copies in FP8 or FP4 instead. */
function hasAbsorbedViews({ step }: FitRequest): boolean {
  return step?.behaviour.absorbedViews === true && step.aiterExperts !== true;
}

function isDraft({ name }: MemoryTerm): boolean {
  return name === draftTermName;
}

function statedWeights(bytes: number, measured: FitRequest['measured']): MemoryTerm {
  return {
    name: 'weights',
    bytes: Math.round(bytes),
    label: 'measured',
    source: measured?.source ?? 'stated',
  };
}

interface StageMemory {
  /** Layers of the model itself, the draft module left out. */
  readonly layers: number;
  readonly draftLayers: number;
  readonly weights: readonly MemoryTerm[];
  /** Weights that the engine loads when the pool is already sized. */
  readonly late: readonly MemoryTerm[];
}

function rankMemory(request: FitRequest, rules: PoolRules, stage: StageMemory): RankMemory {
  const { contextTokens, sharding } = request;
  const { budgetBytes } = rules;
  const overheads = rules.overheads.map(inWholeBytes);
  const peaks = [...rules.peaks.map(inWholeBytes), ...stage.late];
  const weightsBytesPerRank = sumBytes(stage.weights);
  const overheadBytesPerRank = sumBytes(overheads);
  const kvBytesPerRank = budgetBytes - weightsBytesPerRank - overheadBytesPerRank;
  const counted = rules.draftAfterPool === true ? { ...stage, draftLayers: 0 } : stage;
  const kvBytesPerToken = bytesPerToken(request, rules.sizingLayout, counted);
  const kvTokensPerRank = wholeBlocks(kvBytesPerRank / kvBytesPerToken, request.blockTokens);
  const sequencesPerPool = Math.floor(kvTokensPerRank / contextTokens);
  const memory = {
    deviceBytes: Math.round(rules.deviceBytes),
    utilization: request.utilization,
    budgetBytes,
    weights: stage.weights,
    weightsBytesPerRank,
    overheads,
    overheadBytesPerRank,
    peaks,
    peakBytesPerRank: sumBytes(peaks),
    kvBytesPerToken,
    kvStoredBytesPerToken: bytesPerToken(request, request.kvLayout, stage),
    kvBytesPerRank,
    kvTokensPerRank,
    kvPools: sharding.data,
    kvTokensPerGroup: kvTokensPerRank * sharding.data,
    contextTokens,
    fullContextSequencesPerGroup: sequencesPerPool * sharding.data,
  };
  const binding = findBinding(memory, rules);
  return binding === undefined ? { ...memory, fits: true } : { ...memory, fits: false, binding };
}

/** Bytes on one rank: each of the ranks that share a copy holds its part of the tokens. */
function bytesPerToken(
  request: FitRequest,
  layout: KvLayout,
  { layers, draftLayers }: Pick<StageMemory, 'layers' | 'draftLayers'>,
): number {
  const { model, sharding, decodeContextRanks = 1 } = request;
  const { architecture } = model;
  const latent = latentBytesPerTokenPerLayer(architecture, layout, sharding.tensor);
  const indexed = indexedLayers(request, layers) + draftLayers;
  const bytes =
    (layers + draftLayers) * latent + indexed * indexerBytesPerTokenPerLayer(architecture, layout);
  return bytes / decodeContextRanks;
}

/** Layers of a stage with a cache of indexer keys; shared indexers are spread evenly. */
function indexedLayers({ model, step }: FitRequest, layers: number): number {
  const { indexer, layers: all } = model.architecture;
  const { weightLayers = all } = indexer ?? {};
  const caches = step?.behaviour.keepsSharedIndexers === true ? all : weightLayers;
  return Math.round((layers * caches) / all);
}

/** The first demand that is not met, and by how many bytes. */
function findBinding(
  memory: Omit<RankMemory, 'fits'>,
  { peaksBesideBudget = false }: PoolRules,
): RankMemory['binding'] {
  const { budgetBytes, kvBytesPerRank, peakBytesPerRank } = memory;
  const afterWeights = budgetBytes - memory.weightsBytesPerRank;
  if (afterWeights < 0) return { term: 'weights', missingBytes: -afterWeights };
  if (kvBytesPerRank < 0) return { term: 'overhead', missingBytes: -kvBytesPerRank };
  const needed = fullContextBytes(memory);
  if (memory.fullContextSequencesPerGroup === 0) {
    return { term: 'one sequence of full context', missingBytes: needed - kvBytesPerRank };
  }
  const largest = memory.peaks.toSorted((a, b) => b.bytes - a.bytes)[0]?.name ?? 'peaks';
  const overDevice = storedBytes(memory) + peakBytesPerRank - memory.deviceBytes;
  if (overDevice > 0) return { term: largest, missingBytes: overDevice };
  if (peaksBesideBudget) return undefined;
  // Known to fail in practice although what lies outside the budget would hold it: TP1 x DP8 at full context.
  const missing = needed + peakBytesPerRank - kvBytesPerRank;
  const term = `one sequence of full context beside ${largest}`;
  return missing > 0 ? { term, missingBytes: missing } : undefined;
}

/** Budget as filled, plus what an undersized cell allocates beyond it. */
function storedBytes(memory: Omit<RankMemory, 'fits'>): number {
  const beyond = memory.kvStoredBytesPerToken - memory.kvBytesPerToken;
  return memory.budgetBytes + memory.kvTokensPerRank * beyond;
}

function wholeBlocks(tokens: number, blockTokens: number): number {
  return Math.max(0, Math.floor(tokens / blockTokens) * blockTokens);
}
