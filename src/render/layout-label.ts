import { formatParallelism, type PlacedGroup } from '../layout/index.ts';

/** A group's layout in one line: `TP1 x DP16 + EP16, 2 pods x 8 devices`. */
export function formatLayout(group: PlacedGroup): string {
  const pods = count(group.podsPerGroup, 'pod');
  const devices = count(group.devicesPerPod, 'device');
  return `${formatParallelism(group.parallelism)}, ${pods} x ${devices}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
