import type { RankOrder, Role } from '../engines/index.ts';
import type { Parallelism } from '../spec/index.ts';
import type { PodLayout, RankLayout } from './layout.ts';

/** Numbers the ranks of one group over its pods as its engine does; tensor ranks are innermost. */
export function placePods(
  parallelism: Parallelism,
  podsPerGroup: number,
  order: RankOrder,
): PodLayout[] {
  const { tensor, pipeline, data } = parallelism;
  const ranksPerPod = (tensor * pipeline * data) / podsPerGroup;
  return Array.from({ length: podsPerGroup }, (_, index) => ({
    index,
    role: roleOf(index, podsPerGroup),
    ranks: Array.from({ length: ranksPerPod }, (__, device) => ({
      ...place(index * ranksPerPod + device, parallelism, order),
      device,
    })),
  }));
}

function roleOf(index: number, podsPerGroup: number): Role {
  if (podsPerGroup === 1) return 'single';
  return index === 0 ? 'leader' : 'worker';
}

function place(
  rank: number,
  { tensor, pipeline, data }: Parallelism,
  order: RankOrder,
): Omit<RankLayout, 'device'> {
  const tensorRank = rank % tensor;
  const outer = Math.floor(rank / tensor);
  return order === 'data-first'
    ? { rank, tensorRank, pipelineRank: outer % pipeline, dataRank: Math.floor(outer / pipeline) }
    : { rank, tensorRank, dataRank: outer % data, pipelineRank: Math.floor(outer / data) };
}
