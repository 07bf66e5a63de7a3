import type { Parallelism } from '../spec/index.ts';

/** Degrees a search tries: expert width 2048 in FP8 blocks of 128 allows at most 16 tensor ranks. */
const tensorDegrees = [1, 2, 4, 8, 16] as const;

const pipelineDegrees = [1, 2, 4] as const;

/** Every way to use exactly `devices` devices, with experts spread, in a fixed order. */
export function enumerateParallelism(devices: number): Parallelism[] {
  const found: Parallelism[] = [];
  for (const tensor of tensorDegrees) {
    for (const pipeline of pipelineDegrees) {
      const data = devices / (tensor * pipeline);
      if (!Number.isInteger(data) || data < 1) continue;
      found.push({ tensor, data, pipeline, expert: data > 1 });
    }
  }
  return found;
}

/**
 * Sum of the doublings between two layouts: how far a hint is from what was asked. A pipeline counts
 * twice, since it has bubbles, rules out MTP, and no published run of these models uses one.
 */
export function distance(a: Parallelism, b: Parallelism): number {
  const doublings = (x: number, y: number) => Math.abs(Math.log2(x) - Math.log2(y));
  return (
    doublings(a.tensor, b.tensor) +
    doublings(a.data, b.data) +
    2 * doublings(a.pipeline, b.pipeline) +
    (a.expert === b.expert ? 0 : 0.5)
  );
}
