import type { RankMemory } from '../capacity/index.ts';
import type { Note, Reason } from '../engines/index.ts';
import type { Parallelism } from '../spec/index.ts';
import { enumerateParallelism } from './candidates.ts';
import { checkParallelism } from './check-parallelism.ts';
import { explainChanges, explainPreferred, explainSearch } from './explain-choice.ts';
import type { GroupFacts } from './group-facts.ts';
import { ownSpace, questionOfGroup, searchGroup } from './search-group.ts';

export type Choice =
  | {
      readonly kind: 'chosen';
      readonly parallelism: Parallelism;
      readonly memory: RankMemory;
      /** Why this one, for a layout that dsdeploy chose. */
      readonly notes: readonly Note[];
    }
  | {
      readonly kind: 'refused';
      readonly reasons: readonly Reason[];
      readonly memory?: RankMemory;
    };

/** Takes the layout the spec names, or the best one for `auto`, or tells why there is none. */
export function chooseParallelism(facts: GroupFacts): Choice {
  const asked = facts.group.parallelism;
  if (asked !== 'auto') return checkAsked(facts, asked);
  // What was seen to work comes before what is estimated, unless the user asks for something.
  const preferred = facts.group.objective === undefined ? choosePreferred(facts) : undefined;
  return preferred ?? chooseBest(facts);
}

function checkAsked(facts: GroupFacts, asked: Parallelism): Choice {
  const { reasons, memory } = checkParallelism(facts, asked);
  if (reasons.length === 0 && memory !== undefined) {
    return { kind: 'chosen', parallelism: asked, memory, notes: [] };
  }
  return memory === undefined ? { kind: 'refused', reasons } : { kind: 'refused', reasons, memory };
}

/** The first layout with evidence on this hardware that is legal and fits. */
function choosePreferred(facts: GroupFacts): Choice | undefined {
  const preferred = facts.engine.preferredLayouts({ ...facts, podsPerGroup: facts.group.nodes });
  for (const parallelism of preferred) {
    const { reasons, memory } = checkParallelism(facts, parallelism);
    if (reasons.length === 0 && memory !== undefined) {
      const notes = [explainPreferred(facts, parallelism)];
      return { kind: 'chosen', parallelism, memory, notes };
    }
  }
  return undefined;
}

/** The best layout by the time model under the group's objective, with its explanation. */
function chooseBest(facts: GroupFacts): Choice {
  const { group } = facts;
  const question = questionOfGroup(group);
  const result = searchGroup(facts, ownSpace(group), question);
  if (result.kind === 'none-fits') return { kind: 'refused', ...explainNone(facts) };
  const point = result.kind === 'found' ? result.chosen : result.best;
  const parallelism = point.candidate.layout;
  const { reasons, memory } = checkParallelism(facts, parallelism);
  if (reasons.length > 0 || memory === undefined) {
    return { kind: 'refused', reasons, ...(memory === undefined ? {} : { memory }) };
  }
  const notes = [explainSearch(result, question.objective), ...explainChanges(facts, point)];
  return { kind: 'chosen', parallelism, memory, notes };
}

/** The reasons of the candidate that came nearest to fitting. */
function explainNone(facts: GroupFacts): {
  readonly reasons: readonly Reason[];
  readonly memory?: RankMemory;
} {
  const missing = ({ memory }: { readonly memory?: RankMemory }) =>
    memory?.binding?.missingBytes ?? Number.POSITIVE_INFINITY;
  const checks = candidatesOf(facts).map((parallelism) => checkParallelism(facts, parallelism));
  const closest = checks.toSorted((a, b) => missing(a) - missing(b))[0];
  return closest ?? { reasons: [noCandidate(facts)] };
}

function noCandidate({ group, pool }: GroupFacts): Reason {
  const devices = group.nodes * pool.devicesPerNode;
  return {
    code: 'LAYOUT_NO_CANDIDATE',
    message: `${devices} devices cannot be split into tensor, data and pipeline ranks`,
    hint: 'Use a number of nodes that is a power of two.',
    source: 'degrees are powers of two',
  };
}

function candidatesOf({ group, pool }: GroupFacts): Parallelism[] {
  return enumerateParallelism(group.nodes * pool.devicesPerNode);
}
