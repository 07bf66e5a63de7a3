import type { EngineMetrics, MetricsReading, RankLoad } from './engine-metrics.ts';

/** When anything an engine counts last moved: tokens, requests, or the fill of its KV cache. */
export interface Motion {
  readonly last: EngineMetrics;
  /** Milliseconds, by the clock of whoever looked. */
  readonly movedMs: number;
  /** By data-parallel rank; empty where the metrics do not tell ranks apart. */
  readonly rankMovedMs: ReadonlyMap<number, number>;
}

/** A request that waits for its answer. */
export interface Waiting {
  readonly askedMs: number;
  /** The rank it was sent to, where it was sent to one. */
  readonly dataRank?: number | undefined;
}

/** Follows the metrics; `undefined` once they cannot be read, as then nothing is known. */
export function followMotion(
  motion: Motion | undefined,
  reading: MetricsReading,
  atMs: number,
): Motion | undefined {
  if (reading.kind === 'unreadable') return undefined;
  const last = reading.value;
  const isMoved = motion === undefined || !isSame(motion.last.total, last.total);
  const ranks = [...(last.byRank ?? [])].map(([rank, load]) => {
    const before = motion?.last.byRank?.get(rank);
    const sinceMs = motion?.rankMovedMs.get(rank);
    const isStill = before !== undefined && sinceMs !== undefined && isSame(before, load);
    return [rank, isStill ? sinceMs : atMs] as const;
  });
  return { last, movedMs: isMoved ? atMs : motion.movedMs, rankMovedMs: new Map(ranks) };
}

/**
 * Milliseconds for which the engine has stood still while a request waits for its answer.
 *
 * One that was sent to a rank is answered by that rank. Any other waits at a rank nobody knows: it is
 * stuck when nothing moves at all, or when a rank that holds requests does not.
 */
export function standstillMs(
  motion: Motion | undefined,
  { askedMs, dataRank }: Waiting,
  nowMs: number,
): number {
  if (motion === undefined) return 0;
  const own = dataRank === undefined ? undefined : motion.rankMovedMs.get(dataRank);
  const sinceMs = own ?? Math.min(motion.movedMs, ...holdersMovedMs(motion));
  return nowMs - Math.max(askedMs, sinceMs);
}

function holdersMovedMs({ last, rankMovedMs }: Motion): readonly number[] {
  return [...(last.byRank ?? [])]
    .filter(([, { running }]) => running > 0)
    .map(([rank]) => rankMovedMs.get(rank) ?? Number.POSITIVE_INFINITY);
}

function isSame(a: RankLoad, b: RankLoad): boolean {
  return (
    a.running === b.running &&
    a.waiting === b.waiting &&
    a.kvUsed === b.kvUsed &&
    a.promptTokens === b.promptTokens &&
    a.generationTokens === b.generationTokens
  );
}
