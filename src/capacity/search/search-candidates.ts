import type { KvLayout } from '../memory/kv-cache.ts';
import type { WeightSharding } from '../memory/weights.ts';

/** One way to serve: how a group is cut, over how many nodes, with which cache and drafts. */
export interface Candidate {
  readonly layout: WeightSharding;
  readonly nodesPerGroup: number;
  readonly kvLayout: KvLayout;
  readonly mtpTokens: number;
}

export interface CandidateSpace {
  readonly nodes: number;
  readonly devicesPerNode: number;
  readonly kvLayouts: readonly KvLayout[];
  /** Draft tokens to consider; `[0]` when the user set none. */
  readonly mtpTokens: readonly number[];
  /**
   * Sizes of a group to consider.
   *
   * @default - every divisor of `nodes`
   */
  readonly nodesPerGroup?: readonly number[];
}

const tensorDegrees = [1, 2, 4, 8, 16] as const;
const pipelineDegrees = [1, 2, 4] as const;

/** Every way to use whole nodes in equal groups, in a fixed order; legality is asked elsewhere. */
export function enumerateCandidates(space: CandidateSpace): Candidate[] {
  return (space.nodesPerGroup ?? divisors(space.nodes)).flatMap((nodesPerGroup) =>
    layoutsOf(nodesPerGroup * space.devicesPerNode).flatMap((layout) =>
      space.kvLayouts.flatMap((kvLayout) =>
        space.mtpTokens.map((mtpTokens) => ({ layout, nodesPerGroup, kvLayout, mtpTokens })),
      ),
    ),
  );
}

/** Smallest first. */
function divisors(nodes: number): number[] {
  return Array.from({ length: nodes }, (_, index) => index + 1).filter(
    (size) => nodes % size === 0,
  );
}

function layoutsOf(devices: number): WeightSharding[] {
  const found: WeightSharding[] = [];
  for (const tensor of tensorDegrees) {
    for (const pipeline of pipelineDegrees) {
      const data = devices / (tensor * pipeline);
      if (!Number.isInteger(data) || data < 1) continue;
      const ways = data * tensor > 1 ? [true, false] : [false];
      found.push(...ways.map((expert) => ({ tensor, data, pipeline, expert })));
    }
  }
  return found;
}
