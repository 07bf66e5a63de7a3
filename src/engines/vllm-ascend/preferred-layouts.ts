import type { Parallelism } from '../../spec/index.ts';
import type { GroupQuestion } from '../engine.ts';

/** Tensor ranks of every published V3.2 configuration but one. */
const tensor = 8;

/** TP8 inside a node, data parallel over the rest, experts spread: tutorial and nightly tests. */
export function ascendPreferredLayouts({
  pool,
  podsPerGroup,
}: GroupQuestion & { readonly podsPerGroup: number }): Parallelism[] {
  const data = (pool.devicesPerNode * podsPerGroup) / tensor;
  return Number.isInteger(data) ? [{ tensor, data, pipeline: 1, expert: true }] : [];
}
