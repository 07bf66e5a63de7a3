import type { RankMemory } from '../capacity/index.ts';
import type { Reason } from '../engines/index.ts';
import type { Parallelism } from '../spec/index.ts';
import { gibibyte } from '../units/index.ts';
import { distance, enumerateParallelism } from './candidates.ts';
import { checkParallelism } from './check-parallelism.ts';
import { formatParallelism } from './format-parallelism.ts';
import type { GroupFacts } from './group-facts.ts';

/**
 * Cache per rank below which `auto` looks for a roomier layout: TP1 x DP8 on 8 x H200 leaves 25.0
 * GiB by arithmetic and ran out of memory in practice, TP2 x DP4 leaves 34.3 GiB and started.
 *
 * @source LMCache/LMCache#2521; GPUStack performance lab, DeepSeek-V3.2 on H200
 */
const comfortableKvBytes = 30 * gibibyte;

export type Choice =
  | { readonly kind: 'chosen'; readonly parallelism: Parallelism; readonly memory: RankMemory }
  | {
      readonly kind: 'refused';
      readonly reasons: readonly Reason[];
      readonly memory?: RankMemory;
    };

/** Takes the layout the spec names, or the best one for `auto`, or tells why there is none. */
export function chooseParallelism(facts: GroupFacts): Choice {
  const asked = facts.group.parallelism;
  return asked === 'auto' ? chooseBest(facts) : checkAsked(facts, asked);
}

function checkAsked(facts: GroupFacts, asked: Parallelism): Choice {
  const { reasons, memory } = checkParallelism(facts, asked);
  if (reasons.length === 0 && memory !== undefined) {
    return { kind: 'chosen', parallelism: asked, memory };
  }
  const nearest = legalLayouts(facts).toSorted(
    (a, b) => distance(a.parallelism, asked) - distance(b.parallelism, asked),
  )[0];
  const advised = reasons.map((reason) => ({ ...reason, hint: withNearest(reason.hint, nearest) }));
  return memory === undefined
    ? { kind: 'refused', reasons: advised }
    : { kind: 'refused', reasons: advised, memory };
}

function withNearest(hint: string, nearest: LegalLayout | undefined): string {
  if (nearest === undefined) return `${hint} No layout of this model fits these nodes.`;
  return `${hint} The nearest layout that works is ${formatParallelism(nearest.parallelism)}.`;
}

/**
 * Most cache tokens among the comfortable layouts, else among all; fewest tensor ranks on a tie.
 * A pipeline is taken only when nothing else fits: its bubbles cost time and it rules out MTP.
 */
function chooseBest(facts: GroupFacts): Choice {
  const legal = legalLayouts(facts);
  const comfortable = legal.filter(({ memory }) => memory.kvBytesPerRank >= comfortableKvBytes);
  const candidates = comfortable.length > 0 ? comfortable : legal;
  const best = candidates.toSorted(
    (a, b) =>
      a.parallelism.pipeline - b.parallelism.pipeline ||
      b.memory.kvTokensPerGroup - a.memory.kvTokensPerGroup ||
      a.parallelism.tensor - b.parallelism.tensor,
  )[0];
  if (best !== undefined) return { kind: 'chosen', ...best };
  return { kind: 'refused', ...explainNone(facts) };
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

interface LegalLayout {
  readonly parallelism: Parallelism;
  readonly memory: RankMemory;
}

function legalLayouts(facts: GroupFacts): LegalLayout[] {
  return candidatesOf(facts).flatMap((parallelism) => {
    const { reasons, memory } = checkParallelism(facts, parallelism);
    return reasons.length === 0 && memory !== undefined ? [{ parallelism, memory }] : [];
  });
}

function candidatesOf({ group, pool }: GroupFacts): Parallelism[] {
  return enumerateParallelism(group.nodes * pool.devicesPerNode);
}
