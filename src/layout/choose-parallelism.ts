import type { RankMemory } from '../capacity/index.ts';
import type { Reason } from '../engines/index.ts';
import type { Parallelism } from '../spec/index.ts';
import { gibibyte } from '../units/index.ts';
import { distance, enumerateParallelism } from './candidates.ts';
import { checkParallelism } from './check-parallelism.ts';
import { formatParallelism } from './format-parallelism.ts';
import type { GroupFacts } from './group-facts.ts';

/**
 * Cache per rank below which `auto` looks for a roomier layout: TP1 x DP8 on 8 x H200 leaves 13.2
 * GiB by arithmetic and ran out of memory in practice, TP2 x DP4 leaves 26.8 GiB and started.
 *
 * @source LMCache/LMCache#2521; GPUStack performance lab, DeepSeek-V3.2 on H200
 */
const comfortableKvBytes = 20 * gibibyte;

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
  if (asked !== 'auto') return checkAsked(facts, asked);
  return choosePreferred(facts) ?? chooseBest(facts);
}

function checkAsked(facts: GroupFacts, asked: Parallelism): Choice {
  const { reasons, memory } = checkParallelism(facts, asked);
  if (reasons.length === 0 && memory !== undefined) {
    return { kind: 'chosen', parallelism: asked, memory };
  }
  return memory === undefined ? { kind: 'refused', reasons } : { kind: 'refused', reasons, memory };
}

/** Adds to each reason's hint the layout nearest to the one asked for, or how many nodes it takes. */
export function adviseNearest(facts: GroupFacts, reasons: readonly Reason[]): Reason[] {
  const advice = nearestAdvice(facts);
  return reasons.map((reason) => ({ ...reason, hint: `${reason.hint} ${advice}` }));
}

function nearestAdvice(facts: GroupFacts): string {
  const asked = facts.group.parallelism;
  const legal = legalLayouts(facts);
  const nearest =
    asked === 'auto'
      ? legal[0]
      : legal.toSorted(
          (a, b) => distance(a.parallelism, asked) - distance(b.parallelism, asked),
        )[0];
  if (nearest !== undefined) {
    return `The nearest layout that works is ${formatParallelism(nearest.parallelism)}.`;
  }
  const enough = fewestNodes(facts);
  if (enough === undefined) return 'No layout of this model fits these nodes, nor more of them.';
  const { nodes, layout } = enough;
  return `No layout of this model fits these nodes; on ${nodes} of them ${formatParallelism(layout.parallelism)} does.`;
}

/** Numbers of nodes a hint tries: what people have, in doublings. */
const nodeCounts = [1, 2, 4, 8, 16] as const;

function fewestNodes(facts: GroupFacts) {
  for (const nodes of nodeCounts) {
    if (nodes === facts.group.nodes) continue;
    const [layout] = legalLayouts({ ...facts, group: { ...facts.group, nodes } });
    if (layout !== undefined) return { nodes, layout };
  }
  return undefined;
}

/** The first layout with evidence on this hardware that is legal and fits. */
function choosePreferred(facts: GroupFacts): Choice | undefined {
  const preferred = facts.engine.preferredLayouts({ ...facts, podsPerGroup: facts.group.nodes });
  for (const parallelism of preferred) {
    const { reasons, memory } = checkParallelism(facts, parallelism);
    if (reasons.length === 0 && memory !== undefined) {
      return { kind: 'chosen', parallelism, memory };
    }
  }
  return undefined;
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
