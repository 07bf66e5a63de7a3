import type { Role } from '../engines/index.ts';
import type { Parallelism } from '../spec/index.ts';
import type { PodLayout, RankLayout } from './layout.ts';

/** Numbers the ranks of one group: tensor ranks innermost, then pipeline, then data. */
export function placePods(parallelism: Parallelism, podsPerGroup: number): PodLayout[] {
  const { tensor, pipeline, data } = parallelism;
  const ranksPerPod = (tensor * pipeline * data) / podsPerGroup;
  return Array.from({ length: podsPerGroup }, (_, index) => ({
    index,
    role: roleOf(index, podsPerGroup),
    ranks: Array.from({ length: ranksPerPod }, (__, device) =>
      rankLayout(index * ranksPerPod + device, device, parallelism),
    ),
  }));
}

function roleOf(index: number, podsPerGroup: number): Role {
  if (podsPerGroup === 1) return 'single';
  return index === 0 ? 'leader' : 'worker';
}

function rankLayout(rank: number, device: number, parallelism: Parallelism): RankLayout {
  const { tensor, pipeline } = parallelism;
  return {
    rank,
    dataRank: Math.floor(rank / (tensor * pipeline)),
    tensorRank: rank % tensor,
    pipelineRank: Math.floor(rank / tensor) % pipeline,
    device,
  };
}
