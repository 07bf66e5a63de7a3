import type { Parallelism } from '../../spec/index.ts';
import type { GroupQuestion } from '../engine.ts';

function layout(tensor: number, data: number, expert: boolean): Parallelism {
  return { tensor, data, pipeline: 1, expert };
}

/**
 * Layouts with evidence for V3.2 on these devices, best first.
 *
 * @source GPUStack performance lab, 8 x H200: TP8 with DP8 attention 8968 against TP8 3012 tokens/s;
 * SGLang cookbook, two Hopper nodes: TP16 with DP2 attention 6842 against TP16 4948; SGLang
 * test/registered/amd: TP8 on MI35x; SGLang Ascend tutorial: TP16 on 16 dies
 */
export function sglangPreferredLayouts({
  accelerator,
  pool,
  podsPerGroup,
}: GroupQuestion & { readonly podsPerGroup: number }): Parallelism[] {
  const devices = pool.devicesPerNode * podsPerGroup;
  const whole = layout(devices, 1, false);
  if (accelerator.vendor === 'nvidia' && podsPerGroup === 1) {
    return [layout(1, devices, true), whole];
  }
  if (accelerator.vendor === 'nvidia' && devices === 16) {
    return [layout(devices / 2, 2, false), whole];
  }
  return devices <= 16 ? [whole] : [];
}
