import type { Estimate, NearestMeasurement } from '../../capacity/index.ts';
import type { Note, Reason } from '../../layout/index.ts';
import type { Parallelism } from '../../spec/index.ts';
import type { BindingTerm } from '../fit/fit-result.ts';
import type { CostRow, HourlyPrice } from './cost-result.ts';
import type { SearchReport } from './search-result.ts';

/** Speed, and cost where prices are known, of every group of a spec. */
export interface EstimateResult {
  readonly apiVersion: 'dsdeploy/v1';
  readonly kind: 'Estimate';
  /** Name of the site profile that replaced values of the catalog. */
  readonly profile?: string;
  readonly workload: EstimatedWorkload;
  readonly fits: boolean;
  readonly groups: readonly EstimateGroup[];
}

export interface EstimatedWorkload {
  /** Mean prompt. */
  readonly inputTokens: number;
  /** Mean answer. */
  readonly outputTokens: number;
  /** Share of prompt tokens found in the prefix cache, 0 to 1. */
  readonly prefixHitRatio: number;
}

export type EstimateGroup = EstimatedGroup | RefusedEstimate;

interface GroupHeader {
  readonly name: string;
  readonly engine: string;
  readonly release: string;
  readonly model: string;
  readonly device: string;
  /** Present with `--search`. */
  readonly search?: SearchReport;
}

/** Numbers are of one copy of the model. */
export interface EstimatedGroup extends GroupHeader {
  readonly kind: 'estimated';
  readonly parallelism: Parallelism;
  readonly chosenBy: 'spec' | 'auto';
  readonly nodes: number;
  readonly devices: number;
  readonly copies: number;
  readonly kvTokensTotal: number;
  /** Why `auto` chose this layout and what would change it. */
  readonly choice: readonly Note[];
  readonly rows: readonly EstimateRow[];
  /** Present with `--cost`. */
  readonly price?: HourlyPrice;
}

/** A group that does not fit has no latency. */
export interface RefusedEstimate extends GroupHeader {
  readonly kind: 'refused';
  readonly reasons: readonly Reason[];
  readonly binding?: BindingTerm;
}

export interface EstimateRow {
  /** Requests sent at once to one copy. */
  readonly concurrency: number;
  /** Of these, as many as run at once; the rest wait for room in the cache. */
  readonly inFlight: number;
  /** What keeps the rest waiting; absent when all run. */
  readonly inFlightLimit?: 'cache' | 'engine';
  readonly ttftMs: Estimate;
  readonly tpotMs: Estimate;
  readonly outputTokensPerSecond: Estimate;
  readonly outputTokensPerSecondPerDevice: Estimate;
  readonly inputTokensPerSecond: Estimate;
  readonly nearestMeasured?: NearestMeasurement;
  /** Present with `--cost`. */
  readonly cost?: CostRow;
}
