/** How ranks share the work, as far as time is concerned. */
export type LayoutClass = 'tensor' | 'spread';

export interface MeasuredLayout {
  readonly tensor: number;
  readonly data: number;
  readonly pipeline: number;
  readonly expert: boolean;
}

/** One published measurement of a whole group. Times in milliseconds, rates in tokens per second. */
export interface MeasurementRow {
  readonly id: string;
  readonly engine: string;
  readonly release?: string;
  /** Row of `models`. */
  readonly model: string;
  /** Row of `accelerators`. */
  readonly device: string;
  readonly layout: MeasuredLayout;
  readonly kvLayout: 'bf16' | 'fp8-ds-mla' | 'fp8-plain' | 'ascend-bf16';
  readonly mtpTokens: number;
  /** Nominal lengths; the mean is `(1 - lengthSpread / 2)` of them. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Lengths are uniform between `1 - lengthSpread` and 1 times the nominal one. */
  readonly lengthSpread: number;
  readonly concurrency: number;
  readonly ttftMs?: number;
  readonly tpotMs?: number;
  readonly outputTokensPerSecond?: number;
  /** Prompt and answer together. */
  readonly totalTokensPerSecond?: number;
  /** Requests queued without bound: the time to the first token is not a property of the layout. */
  readonly saturated: boolean;
  readonly source: string;
}
