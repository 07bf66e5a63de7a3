import type { BreakEven, CostPart, Energy, HostedPrices } from '../../capacity/index.ts';

/** What one copy of the model costs for an hour, whether it works or not. */
export interface HourlyPrice {
  readonly perNodeHour: number;
  readonly parts: readonly CostPart[];
  readonly perCopyHour: number;
  /** Share of the hours the devices serve at the rate of a row. */
  readonly utilization: number;
  readonly hosted: HostedPrices;
}

/** Money in the currency of the prices, for a million tokens. */
export interface CostRow {
  /** Output tokens, each with its share of prompt tokens. */
  readonly perMillionOutput: PriceRange;
  /** Prompt and answer tokens alike. */
  readonly perMillionTokens: PriceRange;
  /** What the hosted API takes for the same prompts and answers, per million output tokens. */
  readonly hostedPerMillionOutput: number;
  readonly breakEven: BreakEven;
  readonly cheaper: 'own' | 'hosted' | 'within the band';
  readonly energy: Energy;
}

export interface PriceRange {
  readonly p50: number;
  readonly low: number;
  readonly high: number;
}
