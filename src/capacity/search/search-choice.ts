import type { FittingCandidate, OperatingPoint } from './operating-point.ts';

/** What a service must keep; absent limits do not bind. */
export interface Limits {
  readonly tpotMs?: number;
  readonly ttftMs?: number;
  /** Requests in flight over the whole pool. */
  readonly concurrency: number;
}

/** Differences below this are noise of the estimate: the simpler point wins. */
const tieTolerance = 0.02;

/**
 * Slowest time between tokens that `throughput` accepts, milliseconds: 10 tokens per second, about
 * twice the speed of reading. Without a limit the most tokens come at loads nobody can work with.
 */
export const slowestThroughputTpotMs = 100;

/** Most output tokens per second within the limit above; where none keeps it, the fastest point. */
export function chooseUsableThroughput(points: readonly OperatingPoint[]): OperatingPoint {
  const tpot = ({ estimate }: OperatingPoint) => estimate.tpotMs.p50;
  const limit = Math.max(slowestThroughputTpotMs, Math.min(...points.map(tpot)));
  return chooseThroughput(points.filter((point) => tpot(point) <= limit));
}

/** Most output tokens per second; among equals the smaller group, so that a lost node costs less. */
export function chooseThroughput(points: readonly OperatingPoint[]): OperatingPoint {
  const best = Math.max(...points.map((point) => point.outputTokensPerSecond));
  const equals = points.filter((point) => point.outputTokensPerSecond >= best * (1 - tieTolerance));
  return simplest(equals);
}

/** Least time between tokens for a single request per group. */
export function chooseLatency(points: readonly OperatingPoint[]): OperatingPoint {
  const single = points.filter((point) => point.concurrency === point.groups);
  const best = Math.min(...single.map(({ estimate }) => estimate.tpotMs.p50));
  return simplest(
    single.filter(({ estimate }) => estimate.tpotMs.p50 <= best * (1 + tieTolerance)),
  );
}

interface LimitsQuestion {
  readonly nodes: number;
  readonly pointOf: (
    entry: FittingCandidate,
    load: { readonly groups: number; readonly perGroup: number },
  ) => OperatingPoint | undefined;
}

type LimitsChoice =
  | { readonly kind: 'found'; readonly chosen: OperatingPoint }
  | {
      readonly kind: 'limits-unreachable';
      readonly best: OperatingPoint;
      readonly missedByFactor: number;
    };

/** Fewest nodes that keep all limits; when none do, the point that misses by the least. */
export function chooseWithinLimits(
  limits: Limits,
  fitting: readonly FittingCandidate[],
  question: LimitsQuestion,
): LimitsChoice {
  const points = fitting.flatMap((entry) => fewestGroups(limits, entry, question));
  const missed = (point: OperatingPoint) => missedBy(limits, point);
  const kept = points.filter((point) => missed(point) <= 1);
  if (kept.length > 0) {
    const fewest = Math.min(...kept.map(nodesOf));
    return { kind: 'found', chosen: chooseThroughput(kept.filter((p) => nodesOf(p) === fewest)) };
  }
  const [best] = points.toSorted((a, b) => missed(a) - missed(b));
  if (best === undefined) throw new RangeError('a fitting layout has no operating point');
  return { kind: 'limits-unreachable', best, missedByFactor: missed(best) };
}

/** The first number of groups that keeps the limits, or all groups. */
function fewestGroups(
  limits: Limits,
  entry: FittingCandidate,
  { nodes, pointOf }: LimitsQuestion,
): OperatingPoint[] {
  const most = Math.floor(nodes / entry.candidate.nodesPerGroup);
  let last: OperatingPoint | undefined;
  for (let groups = 1; groups <= most; groups += 1) {
    const point = pointOf(entry, { groups, perGroup: Math.ceil(limits.concurrency / groups) });
    last = point ?? last;
    if (point !== undefined && missedBy(limits, point) <= 1) return [point];
  }
  return last === undefined ? [] : [last];
}

/** Largest factor by which a limit is exceeded; 1 or less when all are kept. */
function missedBy({ tpotMs, ttftMs }: Limits, { estimate }: OperatingPoint): number {
  return Math.max(
    tpotMs === undefined ? 0 : estimate.tpotMs.p50 / tpotMs,
    ttftMs === undefined ? 0 : estimate.ttftMs.p50 / ttftMs,
  );
}

function nodesOf({ candidate, groups }: OperatingPoint): number {
  return candidate.nodesPerGroup * groups;
}

function simplest(points: readonly OperatingPoint[]): OperatingPoint {
  const [first] = points.toSorted(
    ({ candidate: a }, { candidate: b }) =>
      a.nodesPerGroup - b.nodesPerGroup ||
      a.layout.pipeline - b.layout.pipeline ||
      a.mtpTokens - b.mtpTokens ||
      a.layout.tensor - b.layout.tensor,
  );
  if (first === undefined) throw new RangeError('there is no operating point to choose from');
  return first;
}
