import type { AcceleratorRow, MemoryBehaviourRow, ModelRow } from '../../catalog/index.ts';
import type { NpuWeights } from './attention-cut.ts';
import type { KvLayout } from './kv-cache.ts';
import type { RankMemory } from './rank-memory.ts';
import type { VisionSettings } from './vision-tower.ts';
import type { WeightSharding } from './weights.ts';

/** What decides the memory of a rank; the same for every engine. */
export interface FitRequest {
  readonly model: ModelRow;
  readonly accelerator: AcceleratorRow;
  readonly sharding: WeightSharding;
  readonly kvLayout: KvLayout;
  /** Fraction of device memory the engine may use: vLLM's utilisation, SGLang's static fraction. */
  readonly utilization: number;
  readonly contextTokens: number;
  /** Draft tokens of the MTP module; 0 when it is not loaded. */
  readonly mtpTokens: number;
  /** Tokens per cache block; the pool is a whole number of blocks. */
  readonly blockTokens: number;
  /**
   * Tensor ranks that share one copy of the cache (decode context parallelism); divides `tensor`.
   *
   * @default 1
   */
  readonly decodeContextRanks?: number;
  /** Extra expert slots per rank. */
  readonly redundantExpertsPerRank?: number;
  /**
   * What one step holds, so that overhead is summed term by term.
   *
   * @default - a planning value of 5 GiB, or 7 GiB for data or expert parallel layouts
   */
  readonly step?: StepSettings;
  /** What a start-up log or a site profile states, in place of the computed value. */
  readonly measured?: MeasuredMemory;
}

export interface StepSettings {
  readonly behaviour: MemoryBehaviourRow;
  /** Most tokens of one step: vLLM's batched tokens, SGLang's chunked prefill size. */
  readonly batchedTokens: number;
  /**
   * How tokens reach the experts of other ranks.
   *
   * @default 'gather'
   */
  readonly allToAll?: 'gather' | 'deepep-normal' | 'deepep-low-latency';
  /**
   * Tokens one rank may send in DeepEP's low-latency mode.
   *
   * @default 128
   */
  readonly dispatchTokens?: number;
  /**
   * Whether the ranks of a node reduce in buffers of their own instead of those of the communication library.
   *
   * @default true
   */
  readonly customAllReduce?: boolean;
  /**
   * Whether the experts run in AITER's kernels, on ROCm alone.
   *
   * @default false
   */
  readonly aiterExperts?: boolean;
  /**
   * Whether the engine records graphs at its start.
   *
   * @default true
   */
  readonly graphs?: boolean;
  /**
   * Requests one data rank runs at once, which the profile samples for.
   *
   * @default - sampling is not counted
   */
  readonly maxSequences?: number;
  /**
   * Whether SGLang is told to hold the dense blocks whole on every rank.
   *
   * @default false
   */
  readonly wholeDense?: boolean;
  /**
   * Whether SGLang is told to cut the output head as the attention.
   *
   * @default false
   */
  readonly headAsAttention?: boolean;
  /**
   * What the engine is told about a vision tower.
   *
   * @default - nothing
   */
  readonly vision?: VisionSettings;
  /**
   * What vllm-ascend does with the weights.
   *
   * @default - what every vLLM does
   */
  readonly npu?: NpuWeights;
}

export interface MeasuredMemory {
  /** Free device memory before the weights load (SGLang), bytes. */
  readonly freeBytes?: number;
  /** Weights as the log states them, bytes. */
  readonly weightsBytes?: number;
  /** All the engine counted besides weights and KV cache, bytes. */
  readonly overheadBytes?: number;
  readonly source: string;
}

/** Arithmetic of one engine; `src/engines` picks one of these. */
export type FitRank = (request: FitRequest) => RankMemory;
