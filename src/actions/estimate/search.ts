import type { OperatingPoint } from '../../capacity/index.ts';
import {
  type GroupFacts,
  questionOfGroup,
  type SearchQuestion,
  searchGroup,
} from '../../layout/index.ts';
import type { Objective, Parallelism } from '../../spec/index.ts';
import type { EstimatedWorkload } from './estimate-result.ts';
import type { SearchPoint, SearchReport } from './search-result.ts';

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
  const header = { objective, nodes, counts: found.counts, outcome: found.kind };
  if (found.kind === 'none-fits') return { ...header, front: [] };
  const front = found.front.map(toPoint);
  if (found.kind === 'found') return { ...header, chosen: toPoint(found.chosen), front };
  const { best, missedByFactor } = found;
  return { ...header, chosen: toPoint(best), missedByFactor, front };
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
