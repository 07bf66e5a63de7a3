import type { EngineId } from '../../catalog/index.ts';
import { engines, type MetricNames } from '../../engines/index.ts';
import { type MetricSample, parseMetrics } from './parse-metrics.ts';

/** What a rank does and has done, as its engine counts it. */
export interface RankLoad {
  readonly running: number;
  readonly waiting: number;
  /** Used share of the KV cache, 0 to 1. */
  readonly kvUsed: number;
  readonly promptTokens: number;
  readonly generationTokens: number;
}

/** The metrics of one endpoint at one moment. */
export interface EngineMetrics {
  /** Sums over ranks; of the KV cache the fullest rank. */
  readonly total: RankLoad;
  /** By data-parallel rank; absent when the engine does not tell its ranks apart. */
  readonly byRank?: ReadonlyMap<number, RankLoad>;
  /** Prefix tokens found in the cache; absent when the engine counts none. */
  readonly prefixHits?: number;
}

/** The metrics of an endpoint, or why there are none. */
export type MetricsReading =
  | { readonly kind: 'read'; readonly value: EngineMetrics }
  | { readonly kind: 'unreadable'; readonly reason: string; readonly advice?: string };

/** Metric names of an engine and the label that tells its data-parallel ranks apart. */
export interface MetricsDialect {
  readonly names: Pick<
    MetricNames,
    'running' | 'waiting' | 'kvUsage' | 'promptTokens' | 'generationTokens' | 'prefixHits'
  >;
  /** @default - the engine does not tell its ranks apart */
  readonly rankLabel?: string;
}

/** How the metrics of an engine are read. */
export function metricsDialect(engine: EngineId): MetricsDialect {
  const { rankLabel, ...names } = engines[engine].metrics;
  return rankLabel === undefined ? { names } : { names, rankLabel };
}

/** Reads an exposition; says why when it is none, is another engine's, or holds impossible values. */
export function readEngineMetrics(text: string, dialect: MetricsDialect): MetricsReading {
  const { names, rankLabel } = dialect;
  const samples = parseMetrics(text);
  if (samples === undefined) return unreadable('GET /metrics answered no metrics');
  const missing = required.map((key) => names[key]).filter((name) => !has(samples, name));
  if (missing.length > 0) return unreadable(`GET /metrics has no ${missing.join(', ')}`);
  const total = loadOf(samples, names);
  const odd = findOdd(total);
  if (odd !== undefined) return unreadable(`GET /metrics cannot be right: ${odd}`);
  const byRank = rankLabel === undefined ? undefined : splitByRank(samples, names, rankLabel);
  const { prefixHits } = names;
  return {
    kind: 'read',
    value: {
      total,
      ...(byRank === undefined ? {} : { byRank }),
      ...(prefixHits === undefined || !has(samples, prefixHits)
        ? {}
        : { prefixHits: sum(samples, prefixHits) }),
    },
  };
}

/** Gauges are there from the start; some exporters show a counter only once it counted. */
const required = ['running', 'waiting'] as const;

function loadOf(samples: readonly MetricSample[], names: MetricsDialect['names']): RankLoad {
  const kv = samples.filter(({ name }) => name === names.kvUsage).map(({ value }) => value);
  return {
    running: sum(samples, names.running),
    waiting: sum(samples, names.waiting),
    kvUsed: Math.max(0, ...kv),
    promptTokens: sum(samples, names.promptTokens),
    generationTokens: sum(samples, names.generationTokens),
  };
}

function splitByRank(
  samples: readonly MetricSample[],
  names: MetricsDialect['names'],
  label: string,
): ReadonlyMap<number, RankLoad> | undefined {
  const own = samples.filter(({ name }) => name === names.running);
  const ranks = new Set(own.map(({ labels }) => labels.get(label) ?? ''));
  if (ranks.size === 0 || ![...ranks].every((rank) => /^\d+$/.test(rank))) return undefined;
  return new Map(
    [...ranks].map((rank) => {
      const part = samples.filter(({ labels }) => labels.get(label) === rank);
      return [Number(rank), loadOf(part, names)];
    }),
  );
}

function findOdd(load: RankLoad): string | undefined {
  const odd = Object.entries(load).find(([, value]) => !Number.isFinite(value) || value < 0);
  if (odd !== undefined) return `${odd[0]} is ${odd[1]}`;
  return load.kvUsed > 1 ? `kvUsed is ${load.kvUsed}` : undefined;
}

function has(samples: readonly MetricSample[], wanted: string): boolean {
  return samples.some(({ name }) => name === wanted);
}

function sum(samples: readonly MetricSample[], wanted: string): number {
  return samples
    .filter(({ name }) => name === wanted)
    .reduce((total, { value }) => total + value, 0);
}

function unreadable(reason: string): MetricsReading {
  return { kind: 'unreadable', reason };
}
