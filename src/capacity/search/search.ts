import type { AcceleratorRow, ModelRow } from '../../catalog/index.ts';
import type { SiteProfile } from '../calibration/site-profile.ts';
import type { FitRank, FitRequest } from '../memory/fit-request.ts';
import { fitsWithMargin, type RankMemory } from '../memory/rank-memory.ts';
import { type EstimateRequest, estimateServing } from '../time/estimate.ts';
import type { Workload } from '../time/workload.ts';
import type { FittingCandidate, OperatingPoint } from './operating-point.ts';
import { paretoFront } from './pareto.ts';
import { type Candidate, type CandidateSpace, enumerateCandidates } from './search-candidates.ts';
import {
  chooseLatency,
  chooseUsableThroughput,
  chooseWithinLimits,
  type Limits,
  slowestThroughputTpotMs,
} from './search-choice.ts';

export type Objective =
  | { readonly kind: 'throughput' }
  | { readonly kind: 'latency' }
  | ({ readonly kind: 'limits' } & Limits);

export interface SearchRequest extends CandidateSpace {
  readonly engine: string;
  readonly model: ModelRow;
  readonly accelerator: AcceleratorRow;
  /** The engine's memory arithmetic. */
  readonly fit: FitRank;
  /** Settings of the fit that do not vary between candidates. */
  readonly fitSettings: Pick<
    FitRequest,
    'utilization' | 'contextTokens' | 'blockTokens' | 'step' | 'measured'
  >;
  /** Whether the engine accepts a candidate; rules live with the engines. */
  readonly isLegal: (candidate: Candidate) => boolean;
  /** What a request looks like; how many run at once is searched. */
  readonly workload: Omit<Workload, 'concurrency' | 'mtpTokens'>;
  readonly objective: Objective;
  /**
   * Requests the engine runs at once in one data rank of a candidate.
   *
   * @default - what the cache holds
   */
  readonly maxSequencesPerRank?: (candidate: Candidate) => number;
  readonly profile?: SiteProfile;
}

export interface SearchCounts {
  readonly enumerated: number;
  readonly legal: number;
  readonly fitting: number;
}

export type SearchResult =
  | {
      readonly kind: 'found';
      readonly chosen: OperatingPoint;
      readonly front: readonly OperatingPoint[];
      readonly counts: SearchCounts;
    }
  | {
      readonly kind: 'limits-unreachable';
      /** The point that misses the limits by the smallest factor, and that factor. */
      readonly best: OperatingPoint;
      readonly missedByFactor: number;
      readonly front: readonly OperatingPoint[];
      readonly counts: SearchCounts;
    }
  | {
      readonly kind: 'none-fits';
      /** The legal candidate that lacks the fewest bytes; absent when none is legal. */
      readonly closest?: { readonly candidate: Candidate; readonly memory: RankMemory };
      readonly counts: SearchCounts;
    };

/**
 * Searches all legal layouts of a pool for the best one under an objective. Equal requests give
 * equal answers: candidates come in a fixed order and ties are broken by it.
 */
export function searchLayouts(request: SearchRequest): SearchResult {
  const candidates = enumerateCandidates(request);
  const legal = candidates.filter(request.isLegal);
  const sized = legal.map((candidate) => ({ candidate, memory: fitCandidate(request, candidate) }));
  const barely = sized.filter(({ memory }) => memory.fits);
  const counts = { enumerated: candidates.length, legal: legal.length, fitting: barely.length };
  if (barely.length === 0) return { kind: 'none-fits', ...closestOf(sized), counts };
  // A layout without margin is taken only when none has one: a failed start costs half an hour.
  const roomy = barely.filter(({ memory }) => fitsWithMargin(memory));
  const fitting = roomy.length > 0 ? roomy : barely;
  const points = fitting.flatMap((entry) => operatingPoints(request, entry));
  return { ...choose(request, fitting, points), front: paretoFront(points), counts };
}

function fitCandidate(request: SearchRequest, candidate: Candidate): RankMemory {
  const { model, accelerator, fit, fitSettings } = request;
  const { layout: sharding, kvLayout, mtpTokens } = candidate;
  return fit({ ...fitSettings, model, accelerator, sharding, kvLayout, mtpTokens });
}

function closestOf(sized: readonly FittingCandidate[]) {
  const missing = ({ memory }: FittingCandidate) =>
    memory.binding?.missingBytes ?? Number.POSITIVE_INFINITY;
  const [closest] = sized.toSorted((a, b) => missing(a) - missing(b));
  return closest === undefined ? {} : { closest };
}

/** Points of a candidate on all nodes: requests per group doubled until cache or engine take no more. */
function operatingPoints(request: SearchRequest, entry: FittingCandidate): OperatingPoint[] {
  const perRequest = request.workload.inputTokens + request.workload.outputTokens;
  const { kvTokensPerRank, kvPools } = entry.memory;
  const held = Math.floor(kvTokensPerRank / perRequest);
  // More would only wait.
  const capacity = Math.min(held, request.maxSequencesPerRank?.(entry.candidate) ?? held) * kvPools;
  const groups = Math.floor(request.nodes / entry.candidate.nodesPerGroup);
  const most = Math.min(capacity, 16_384);
  const points: OperatingPoint[] = [];
  for (let perGroup = 1; perGroup <= most; perGroup = nextLoad(perGroup, most)) {
    const point = operatingPoint(request, entry, { groups, perGroup });
    if (point !== undefined) points.push(point);
  }
  return request.objective.kind === 'throughput'
    ? [...points, ...pointAtLimit(request, entry, points)]
    : points;
}

/** The largest load of a candidate within the limit of `throughput`, which lies between two doublings. */
function pointAtLimit(
  request: SearchRequest,
  entry: FittingCandidate,
  points: readonly OperatingPoint[],
): OperatingPoint[] {
  const beyond = points.findIndex(isTooSlow);
  const last = points[beyond - 1];
  const next = points[beyond];
  if (last === undefined || next === undefined) return [];
  const { groups } = last;
  let low = last.concurrency / groups;
  let high = next.concurrency / groups;
  let best: OperatingPoint | undefined;
  for (let step = 0; step < 4 && high - low > 1; step += 1) {
    const perGroup = Math.round((low + high) / 2);
    const point = operatingPoint(request, entry, { groups, perGroup });
    if (point === undefined || isTooSlow(point)) {
      high = perGroup;
    } else {
      low = perGroup;
      best = point;
    }
  }
  return best === undefined ? [] : [best];
}

function isTooSlow({ estimate }: OperatingPoint): boolean {
  return estimate.tpotMs.p50 > slowestThroughputTpotMs;
}

/** Twice as many requests, and at last as many as there can be. */
function nextLoad(requests: number, most: number): number {
  return requests < most ? Math.min(2 * requests, most) : 2 * requests;
}

/** The point of one candidate under a load; undefined when not one request fits. */
export function operatingPoint(
  request: SearchRequest,
  { candidate, memory }: FittingCandidate,
  load: { readonly groups: number; readonly perGroup: number },
): OperatingPoint | undefined {
  const { engine, model, accelerator, workload, profile, maxSequencesPerRank } = request;
  const { layout, kvLayout, mtpTokens } = candidate;
  const question: EstimateRequest = {
    engine,
    placement: { model, accelerator, layout, kvLayout },
    workload: { ...workload, concurrency: load.perGroup, mtpTokens },
    memory,
    ...(maxSequencesPerRank === undefined
      ? {}
      : { maxSequencesPerRank: maxSequencesPerRank(candidate) }),
    ...(profile === undefined ? {} : { profile }),
  };
  const estimate = estimateServing(question);
  if (estimate.kind !== 'estimated') return undefined;
  return {
    candidate,
    groups: load.groups,
    concurrency: load.perGroup * load.groups,
    memory,
    estimate,
    outputTokensPerSecond: estimate.outputTokensPerSecond.p50 * load.groups,
  };
}

type Choice =
  | { readonly kind: 'found'; readonly chosen: OperatingPoint }
  | {
      readonly kind: 'limits-unreachable';
      readonly best: OperatingPoint;
      readonly missedByFactor: number;
    };

function choose(
  request: SearchRequest,
  fitting: readonly FittingCandidate[],
  points: readonly OperatingPoint[],
): Choice {
  const { objective } = request;
  switch (objective.kind) {
    case 'throughput':
      return { kind: 'found', chosen: chooseUsableThroughput(points) };
    case 'latency':
      return { kind: 'found', chosen: chooseLatency(points) };
    case 'limits':
      return chooseWithinLimits(objective, fitting, {
        nodes: request.nodes,
        pointOf: (entry, load) => operatingPoint(request, entry, load),
      });
  }
}
