/** Every wait of the module in one place, in milliseconds. */
export interface Timings {
  readonly connectMs: number;
  /** Until the first byte of an answer. */
  readonly headersMs: number;
  /** Longest silence inside an answer that is not a watch. */
  readonly bodyIdleMs: number;
  readonly retries: number;
  readonly retryMinMs: number;
  readonly retryMaxMs: number;
  /** No new attempt starts after this. */
  readonly retryBudgetMs: number;
  /** A longer `Retry-After` is cut to this. */
  readonly retryAfterMaxMs: number;
  /** What the server is asked to end a watch after; a random part is added against herds. */
  readonly watchMs: number;
  /** A watch silent for longer is taken for dead; bookmarks come about once a minute. */
  readonly watchStallMs: number;
  /** A watch that cannot be resumed for this long is an error. */
  readonly watchGiveUpMs: number;
  readonly execPluginMs: number;
}

/** About 25 to 50 seconds of retries: longer than a rolling restart of an API server or webhook. */
export const defaultTimings: Timings = {
  connectMs: 10_000,
  headersMs: 60_000,
  bodyIdleMs: 60_000,
  retries: 7,
  retryMinMs: 250,
  retryMaxMs: 10_000,
  retryBudgetMs: 60_000,
  retryAfterMaxMs: 30_000,
  watchMs: 240_000,
  watchStallMs: 120_000,
  watchGiveUpMs: 300_000,
  execPluginMs: 60_000,
};
