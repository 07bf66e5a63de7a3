import {
  type Candidate,
  type FitRank,
  type SearchRequest,
  type SearchResult,
  searchLayouts,
  timeProfile,
} from '../capacity/index.ts';
import type { LayoutQuestion } from '../engines/index.ts';
import type { GroupSpec, Objective, Parallelism } from '../spec/index.ts';
import { devicesPerPod, layoutRules } from './check-parallelism.ts';
import type { GroupFacts } from './group-facts.ts';
import { fitRequestOf } from './rank-memory.ts';

/** What a search may vary; the rest is as the group says. */
export interface SearchSpace {
  /** Nodes over all copies. */
  readonly nodes: number;
  /** Sizes of one copy; every divisor of `nodes` when absent. */
  readonly nodesPerGroup?: readonly number[];
  readonly kvCaches: readonly GroupSpec['kvCache'][];
  readonly mtpTokens: readonly number[];
  /** Looks at these layouts alone. */
  readonly only?: Parallelism;
}

export interface SearchQuestion {
  readonly objective: Objective;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly prefixHitRatio?: number;
}

/** Mean lengths a layout is chosen for when nobody says otherwise. */
export const defaultLengths = { inputTokens: 1024, outputTokens: 1024 } as const;

/** The objective of a group with the lengths that go with it; throughput when it has none. */
export function questionOfGroup({ objective = 'throughput' }: GroupSpec): SearchQuestion {
  if (typeof objective === 'string') return { objective, ...defaultLengths };
  const { inputTokens, outputTokens } = objective;
  return {
    objective,
    inputTokens: inputTokens ?? defaultLengths.inputTokens,
    outputTokens: outputTokens ?? defaultLengths.outputTokens,
  };
}

/** The space of `parallelism: auto`: degrees alone. */
export function ownSpace({ nodes, replicas, kvCache, mtpTokens }: GroupSpec): SearchSpace {
  return {
    nodes: nodes * replicas,
    nodesPerGroup: [nodes],
    kvCaches: [kvCache],
    mtpTokens: [mtpTokens],
  };
}

/**
 * Searches the layouts the engine accepts. A pipeline is looked at only when nothing else fits: its
 * bubbles cost time, it rules out MTP, and no published run calibrates it.
 */
export function searchGroup(
  facts: GroupFacts,
  space: SearchSpace,
  question: SearchQuestion,
): SearchResult {
  const request = searchRequest(facts, space, question);
  const flat = ({ layout }: Candidate) => layout.pipeline === 1;
  const found = searchLayouts({
    ...request,
    isLegal: (candidate) => flat(candidate) && request.isLegal(candidate),
  });
  return found.kind === 'none-fits' ? searchLayouts(request) : found;
}

function searchRequest(
  facts: GroupFacts,
  space: SearchSpace,
  { objective, inputTokens, outputTokens, prefixHitRatio }: SearchQuestion,
): SearchRequest {
  const { group, pool, profile, model, accelerator, release } = facts;
  const cacheOf = (kvCache: GroupSpec['kvCache']) =>
    facts.engine.kvLayout(questionFor({ ...facts, group: { ...group, kvCache } }, anyLayout));
  const has = facts.engine.kvCaches(accelerator);
  const caches = new Map(
    space.kvCaches.flatMap((kvCache) =>
      has.includes(kvCache) ? [[cacheOf(kvCache), kvCache] as const] : [],
    ),
  );
  const varied = (candidate: Omit<Candidate, 'nodesPerGroup'>): GroupFacts => {
    const { layout, kvLayout, mtpTokens } = candidate;
    const nodes = (layout.tensor * layout.data * layout.pipeline) / pool.devicesPerNode;
    const kvCache = caches.get(kvLayout) ?? group.kvCache;
    return { ...facts, group: { ...group, nodes, kvCache, mtpTokens } };
  };
  const fit: FitRank = ({ sharding, kvLayout, mtpTokens }) => {
    const its = varied({ layout: sharding, kvLayout, mtpTokens });
    return its.engine.fit({ ...fitRequestOf(its, questionFor(its, sharding)), contextTokens });
  };
  const isLegal = (candidate: Candidate) =>
    isUsual(candidate.layout, space.only) &&
    layoutRules(varied(candidate), candidate.layout).length === 0;
  const contextTokens = contextOf(group, objective);
  return {
    engine: release.engine,
    model,
    accelerator,
    nodes: space.nodes,
    devicesPerNode: pool.devicesPerNode,
    ...(space.nodesPerGroup === undefined ? {} : { nodesPerGroup: space.nodesPerGroup }),
    kvLayouts: [...caches.keys()],
    mtpTokens: space.mtpTokens,
    fit,
    // All but the context is the engine's to say for each candidate.
    fitSettings: { utilization: 0, contextTokens, blockTokens: 1 },
    isLegal,
    workload: {
      inputTokens,
      outputTokens,
      ...(prefixHitRatio === undefined ? {} : { prefixHitRatio }),
    },
    objective:
      typeof objective === 'string' ? { kind: objective } : { kind: 'limits', ...objective },
    maxSequencesPerRank: (candidate) => {
      const its = varied(candidate);
      return its.engine.maxSequences(questionFor(its, candidate.layout));
    },
    ...(profile === undefined ? {} : { profile: timeProfile(profile) }),
  };
}

const anyLayout: Parallelism = { tensor: 1, data: 1, pipeline: 1, expert: false };

/** Experts are spread where data ranks make it worth while, and cut elsewhere, as published runs do. */
function isUsual(layout: Parallelism, only: Parallelism | undefined): boolean {
  if (only === undefined) return layout.expert === layout.data > 1;
  return (
    layout.tensor === only.tensor &&
    layout.data === only.data &&
    layout.pipeline === only.pipeline &&
    layout.expert === only.expert
  );
}

/** The longest request to hold: the group's own, or a longer one of the objective. */
function contextOf({ contextTokens }: GroupSpec, objective: Objective): number {
  const asked = typeof objective === 'string' ? undefined : objective.contextTokens;
  return Math.max(contextTokens, asked ?? 0);
}

/** What the engine is asked about one layout. */
export function questionFor(facts: GroupFacts, parallelism: Parallelism): LayoutQuestion {
  const { nodes } = facts.group;
  return {
    ...facts,
    parallelism,
    podsPerGroup: nodes,
    devicesPerPod: devicesPerPod(parallelism, nodes),
  };
}
