import type { RankMemory } from '../memory/rank-memory.ts';
import type { ServingEstimate } from '../time/estimate.ts';
import type { Candidate } from './search-candidates.ts';

/** A candidate that fits, with its memory. */
export interface FittingCandidate {
  readonly candidate: Candidate;
  readonly memory: RankMemory;
}

/** One operating point: a candidate under a number of requests in flight. */
export interface OperatingPoint {
  readonly candidate: Candidate;
  /** Groups of this candidate that the point uses. */
  readonly groups: number;
  /** Requests in flight over all groups. */
  readonly concurrency: number;
  readonly memory: RankMemory;
  readonly estimate: Extract<ServingEstimate, { kind: 'estimated' }>;
  /** Of all groups together. */
  readonly outputTokensPerSecond: number;
}
