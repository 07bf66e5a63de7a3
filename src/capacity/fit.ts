import type { AcceleratorRow, ModelRow } from '../catalog/index.ts';
import { gibibyte } from '../units/index.ts';
import { type KvLayout, kvBytesPerTokenPerLayer } from './kv-cache.ts';
import { pipelineStages } from './pipeline-stages.ts';
import type { MemoryTerm, RankMemory } from './rank-memory.ts';
import { type WeightSharding, weightTerms } from './weights.ts';

export interface FitRequest {
  readonly model: ModelRow;
  readonly accelerator: AcceleratorRow;
  readonly sharding: WeightSharding;
  readonly kvLayout: KvLayout;
  /** Fraction of device memory the engine may use. */
  readonly utilization: number;
  readonly contextTokens: number;
  /** Draft tokens of the MTP module; 0 when it is not loaded. */
  readonly mtpTokens: number;
  /** Tokens per cache block; the pool is a whole number of blocks. */
  readonly blockTokens: number;
}

/**
 * Memory of the fullest rank: budget = utilization x device, minus weights, minus overhead, and the
 * rest is KV cache. Fits when at least one sequence of full context has room in every pool.
 *
 * Weights and bytes per token are exact; the overhead is a planning value until measured.
 */
export function fitRank(request: FitRequest): RankMemory {
  const { model, accelerator, sharding, utilization, contextTokens } = request;
  const weights = weightTerms(model, sharding, { mtp: request.mtpTokens > 0 });
  const overheads = overheadTerms(sharding);
  const budgetBytes = Math.floor(utilization * accelerator.memoryBytes);
  const weightsBytesPerRank = sumBytes(weights);
  const overheadBytesPerRank = sumBytes(overheads);
  const kvBytesPerRank = budgetBytes - weightsBytesPerRank - overheadBytesPerRank;
  const kvBytesPerToken = kvBytesPerTokenPerRank(request);
  const kvTokensPerRank = wholeBlocks(kvBytesPerRank / kvBytesPerToken, request.blockTokens);
  const sequencesPerPool = Math.floor(kvTokensPerRank / contextTokens);
  const memory = {
    deviceBytes: accelerator.memoryBytes,
    utilization,
    budgetBytes,
    weights,
    weightsBytesPerRank,
    overheads,
    overheadBytesPerRank,
    kvBytesPerToken,
    kvBytesPerRank,
    kvTokensPerRank,
    kvTokensPerGroup: kvTokensPerRank * sharding.data,
    contextTokens,
    fullContextSequencesPerGroup: sequencesPerPool * sharding.data,
    fits: sequencesPerPool >= 1,
  };
  return memory.fits ? memory : { ...memory, binding: findBinding(memory) };
}

/** Layers of the fullest pipeline stage, plus one per MTP module. */
function kvBytesPerTokenPerRank(request: FitRequest): number {
  const { architecture } = request.model;
  const stages = pipelineStages(architecture.layers, request.sharding.pipeline);
  const layers = Math.max(...stages.map((stage) => stage.end - stage.first));
  const draftLayers = request.mtpTokens > 0 ? architecture.mtpLayers : 0;
  return (layers + draftLayers) * kvBytesPerTokenPerLayer(architecture, request.kvLayout);
}

/**
 * Activations, graphs, communication buffers and what the driver holds.
 *
 * @source planning values between 4.6 and 7.5 GiB seen in start-up logs: vLLM 0.16 V3.2 TP8 with
 * 32,768 batched tokens 7.54 GiB; NCCL 1.8 to 2.0 GiB and graphs 2.0 GiB on H200
 */
function overheadTerms(sharding: WeightSharding): MemoryTerm[] {
  const spreads = sharding.data > 1 || sharding.expert;
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

function findBinding(memory: Omit<RankMemory, 'fits'>): NonNullable<RankMemory['binding']> {
  const afterWeights = memory.budgetBytes - memory.weightsBytesPerRank;
  if (afterWeights < 0) return { term: 'weights', missingBytes: -afterWeights };
  if (memory.kvBytesPerRank < 0) return { term: 'overhead', missingBytes: -memory.kvBytesPerRank };
  const needed = memory.contextTokens * memory.kvBytesPerToken;
  return { term: 'one sequence of full context', missingBytes: needed - memory.kvBytesPerRank };
}

function wholeBlocks(tokens: number, blockTokens: number): number {
  return Math.max(0, Math.floor(tokens / blockTokens) * blockTokens);
}

function sumBytes(terms: readonly MemoryTerm[]): number {
  return terms.reduce((sum, term) => sum + term.bytes, 0);
}
