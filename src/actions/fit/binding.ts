import { type FitRequest, type Fix, findFixes, type RankMemory } from '../../capacity/index.ts';
import {
  formatParallelism,
  type GroupFacts,
  ownSpace,
  questionFor,
  questionOfGroup,
  searchGroup,
} from '../../layout/index.ts';
import type { Parallelism } from '../../spec/index.ts';
import type { BindingFix, BindingTerm } from './fit-result.ts';

interface BindingQuestion {
  readonly facts: GroupFacts;
  readonly parallelism: Parallelism;
  readonly request: FitRequest;
}

/** The first term that does not fit and what would make it fit; undefined when all fit. */
export function explainBinding(
  { binding }: RankMemory,
  question: BindingQuestion,
): BindingTerm | undefined {
  if (binding === undefined) return undefined;
  const { facts, request } = question;
  const fixes = findFixes(request, facts.engine.fit, smallerCaches(question));
  return { ...binding, fixes: [...fixes.map(toSetting), ...moreNodes(facts)] };
}

/** Nobody is offered a smaller cache than the one they asked for, but the engine's FP8 one. */
function smallerCaches({ facts, parallelism, request }: BindingQuestion): FitRequest['kvLayout'][] {
  if (facts.group.kvCache === 'fp8') return [];
  const group = { ...facts.group, kvCache: 'fp8' as const };
  const smaller = facts.engine.kvLayout(questionFor({ ...facts, group }, parallelism));
  return smaller === request.kvLayout ? [] : [smaller];
}

function toSetting(fix: Fix): BindingFix {
  switch (fix.change) {
    case 'cache':
      return { change: fix.change, set: 'kvCache: fp8' };
    case 'context':
      return { change: fix.change, set: `context: ${fix.contextTokens}` };
    case 'utilization':
      return { change: fix.change, set: `memoryUtilization: ${fix.utilization}` };
    case 'batched-tokens':
      return { change: fix.change, set: `maxBatchedTokens: ${fix.batchedTokens}` };
    case 'no-mtp':
      return { change: fix.change, set: 'mtpTokens: 0' };
  }
}

/** Fewest nodes, in doublings, on which some layout fits. */
function moreNodes(facts: GroupFacts): BindingFix[] {
  for (let nodes = facts.group.nodes * 2; nodes <= 16; nodes *= 2) {
    const group = { ...facts.group, nodes, replicas: 1 };
    const found = searchGroup({ ...facts, group }, ownSpace(group), questionOfGroup(facts.group));
    if (found.kind === 'none-fits') continue;
    const { candidate } = found.kind === 'found' ? found.chosen : found.best;
    const set = `nodes: ${nodes}, with ${formatParallelism(candidate.layout)}`;
    return [{ change: 'nodes', set }];
  }
  return [];
}
