import {
  comparableMeasurements,
  type OperatingPoint,
  slowestThroughputTpotMs,
} from '../../capacity/index.ts';
import {
  type GroupFacts,
  questionOfGroup,
  type SearchQuestion,
  type SearchSpace,
  searchGroup,
} from '../../layout/index.ts';
import type { Objective, Parallelism } from '../../spec/index.ts';
import type { EstimatedWorkload } from './estimate-result.ts';
import type { SearchChange, SearchPoint, SearchReport } from './search-result.ts';

export interface SearchOptions {
  /** Nodes over all copies. */
  readonly nodes?: number | undefined;
  /** In place of the group's own. */
  readonly objective?: Objective | undefined;
}

/** Searches degrees, copies, cache types and draft tokens of one group. */
export function searchDeployment(
  facts: GroupFacts,
  workload: EstimatedWorkload,
  options: SearchOptions,
): SearchReport {
  const { group, model } = facts;
  const nodes = options.nodes ?? group.nodes * group.replicas;
  const objective = options.objective ?? group.objective ?? 'throughput';
  const question: SearchQuestion = {
    ...questionOfGroup({ ...group, objective }),
    ...workload,
    objective,
  };
  const drafts = model.architecture.mtpLayers > 0 ? [0, 1, 2, 3] : [0];
  const space = { nodes, kvCaches: ['bf16', 'fp8'] as const, mtpTokens: drafts };
  const found = searchGroup(facts, space, question);
  const measured = comparableMeasurements(facts, workload);
  const header = {
    objective,
    nodes,
    ...(objective === 'throughput' ? { tpotLimitMs: slowestThroughputTpotMs } : {}),
    counts: found.counts,
    outcome: found.kind,
    measured,
  };
  if (found.kind === 'none-fits') return { ...header, front: [], changes: [] };
  const chosen = toPoint(found.kind === 'found' ? found.chosen : found.best);
  return {
    ...header,
    chosen,
    ...(found.kind === 'found' ? {} : { missedByFactor: found.missedByFactor }),
    front: found.front.map(toPoint),
    changes: changesOf(chosen, space).flatMap(({ change, space: other }): SearchChange[] => {
      const result = searchGroup(facts, other, question);
      if (result.kind === 'none-fits') return [];
      return [{ change, best: toPoint(result.kind === 'found' ? result.chosen : result.best) }];
    }),
  };
}

interface Change {
  readonly change: string;
  readonly space: SearchSpace;
}

/** One thing that differs from what was chosen, each. */
function changesOf(chosen: SearchPoint, space: SearchSpace): Change[] {
  const nodes = space.nodes + 1;
  const kvCache = chosen.kvCache === 'fp8' ? 'bf16' : 'fp8';
  const mtpTokens = chosen.mtpTokens > 0 ? 0 : 1;
  return [
    { change: `${nodes} nodes`, space: { ...space, nodes } },
    { change: `kvCache: ${kvCache}`, space: { ...space, kvCaches: [kvCache] } },
    ...(space.mtpTokens.includes(mtpTokens)
      ? [{ change: `mtpTokens: ${mtpTokens}`, space: { ...space, mtpTokens: [mtpTokens] } }]
      : []),
  ];
}

/** Where one layout of the spec stands among the others: its best point for throughput. */
export function currentPoint(
  facts: GroupFacts,
  workload: EstimatedWorkload,
  only: Parallelism,
): SearchPoint | undefined {
  const { nodes, replicas, kvCache, mtpTokens } = facts.group;
  const space = {
    nodes: nodes * replicas,
    nodesPerGroup: [nodes],
    kvCaches: [kvCache],
    mtpTokens: [mtpTokens],
    only,
  };
  const found = searchGroup(facts, space, { ...workload, objective: 'throughput' });
  return found.kind === 'found' ? toPoint(found.chosen) : undefined;
}

function toPoint(point: OperatingPoint): SearchPoint {
  const { candidate, groups, concurrency, estimate, outputTokensPerSecond } = point;
  const { layout, nodesPerGroup, kvLayout, mtpTokens } = candidate;
  return {
    parallelism: layout,
    nodesPerCopy: nodesPerGroup,
    copies: groups,
    kvCache: kvLayout.includes('fp8') || kvLayout.includes('c8') ? 'fp8' : 'bf16',
    mtpTokens,
    concurrency,
    ttftMs: estimate.ttftMs,
    tpotMs: estimate.tpotMs,
    outputTokensPerSecond,
    outputTokensPerSecondPerDevice: estimate.outputTokensPerSecondPerDevice,
    outputTokensPerSecondPerUser: 1e3 / estimate.tpotMs.p50,
  };
}
