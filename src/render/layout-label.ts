import { formatParallelism, type PlacedGroup } from '../layout/index.ts';
import { formatNouns } from '../units/index.ts';

/** A group's layout in one line: `TP1 x DP16 + EP16, 2 pods x 8 devices`. */
export function formatLayout(group: PlacedGroup): string {
  const pods = formatNouns(group.podsPerGroup, 'pod');
  const devices = formatNouns(group.devicesPerPod, 'device');
  return `${formatParallelism(group.parallelism)}, ${pods} x ${devices}`;
}
