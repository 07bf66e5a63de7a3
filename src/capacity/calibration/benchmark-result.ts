/** One run of a serving benchmark; mean lengths in tokens. */
export interface BenchmarkRun {
  readonly tool: 'vllm-bench' | 'sglang-bench-serving';
  readonly concurrency: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly ttftMs: number;
  readonly tpotMs: number;
  readonly outputTokensPerSecond: number;
}

export type BenchmarkResult =
  | { readonly kind: 'parsed'; readonly runs: readonly BenchmarkRun[] }
  | {
      readonly kind: 'refused';
      readonly reason: 'not-a-benchmark' | 'no-completed-requests' | 'no-concurrency';
      /** Fields that are absent or not numbers, in the first run that lacks any. */
      readonly missing: readonly string[];
    };

const countFields = ['completed', 'total_input_tokens', 'total_output_tokens'] as const;
const timeFields = ['median_ttft_ms', 'median_tpot_ms', 'output_throughput'] as const;

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads the result file of `vllm bench serve` or SGLang's `bench_serving`: one object, or a list
 * of them for a sweep.
 */
export function parseBenchmark(json: unknown): BenchmarkResult {
  const entries = Array.isArray(json) ? (json as readonly unknown[]) : [json];
  if (entries.length === 0) return refuse('not-a-benchmark', [...countFields, ...timeFields]);
  const runs: BenchmarkRun[] = [];
  for (const entry of entries) {
    const run = parseRun(entry);
    if ('kind' in run) return run;
    runs.push(run);
  }
  return { kind: 'parsed', runs };
}

function parseRun(entry: unknown): BenchmarkRun | Extract<BenchmarkResult, { kind: 'refused' }> {
  const fields: Fields = isFields(entry) ? entry : {};
  const missing = [...countFields, ...timeFields].filter((name) => !isRate(fields[name]));
  if (missing.length > 0) return refuse('not-a-benchmark', missing);
  const number = (name: string) => Number(fields[name]);
  const completed = number('completed');
  if (completed === 0) return refuse('no-completed-requests', ['completed']);
  const concurrency = concurrencyOf(fields);
  if (concurrency === undefined) return refuse('no-concurrency', ['max_concurrency']);
  return {
    tool:
      'random_input_len' in fields || 'sharegpt_output_len' in fields
        ? 'sglang-bench-serving'
        : 'vllm-bench',
    concurrency,
    inputTokens: number('total_input_tokens') / completed,
    outputTokens: number('total_output_tokens') / completed,
    ttftMs: number('median_ttft_ms'),
    tpotMs: number('median_tpot_ms'),
    outputTokensPerSecond: number('output_throughput'),
  };
}

/** The limit that was set, else the mean that SGLang reports; an open rate has neither. */
function concurrencyOf(fields: Fields): number | undefined {
  for (const name of ['max_concurrency', 'concurrency']) {
    const value = fields[name];
    if (typeof value === 'number' && value >= 1) return Math.round(value);
  }
  return undefined;
}

function refuse(
  reason: Extract<BenchmarkResult, { kind: 'refused' }>['reason'],
  missing: readonly string[],
): Extract<BenchmarkResult, { kind: 'refused' }> {
  return { kind: 'refused', reason, missing };
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isRate(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
