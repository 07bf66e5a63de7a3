import type { ComparableMeasurement, Estimate, SearchCounts } from '../../capacity/index.ts';
import type { Objective, Parallelism } from '../../spec/index.ts';

/** What a search over layouts found; numbers are over all copies unless they say otherwise. */
export interface SearchReport {
  readonly objective: Objective;
  readonly nodes: number;
  /** Slowest time between tokens that `throughput` accepts, milliseconds; absent for other objectives. */
  readonly tpotLimitMs?: number;
  readonly counts: SearchCounts;
  readonly outcome: 'found' | 'limits-unreachable' | 'none-fits';
  /** The best one; absent when none fits. */
  readonly chosen?: SearchPoint;
  /** By which factor the best one misses the limits. */
  readonly missedByFactor?: number;
  /** Points that no other beats in both rate and speed, fastest sequence first. */
  readonly front: readonly SearchPoint[];
  /** Where the group as the spec has it stands; absent when it does not fit. */
  readonly current?: SearchPoint;
  /** What the next node, the other cache type and draft tokens would give, under the same objective. */
  readonly changes: readonly SearchChange[];
  /** Published runs on this device with a model of this size and lengths within a factor of two. */
  readonly measured: readonly ComparableMeasurement[];
}

/** The best point of a search that differs in one thing. */
export interface SearchChange {
  /** `5 nodes`, `kvCache: bf16` or `mtpTokens: 0`. */
  readonly change: string;
  readonly best: SearchPoint;
}

export interface SearchPoint {
  readonly parallelism: Parallelism;
  readonly nodesPerCopy: number;
  readonly copies: number;
  readonly kvCache: 'bf16' | 'fp8';
  readonly mtpTokens: number;
  /** Requests in flight over all copies. */
  readonly concurrency: number;
  readonly ttftMs: Estimate;
  readonly tpotMs: Estimate;
  readonly outputTokensPerSecond: number;
  readonly outputTokensPerSecondPerDevice: Estimate;
  /** Of one sequence, after its first token. */
  readonly outputTokensPerSecondPerUser: number;
}
