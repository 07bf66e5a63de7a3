import type { StepSettings } from '../../capacity/index.ts';
import { findMemoryBehaviour } from '../../catalog/index.ts';
import type { LayoutQuestion } from '../engine.ts';
import { allToAllOf } from './all-to-all.ts';
import { batchSizes } from './batch-sizes.ts';
import { visionSettings } from './vision-settings.ts';

/** What one step of the release holds on this layout. */
export function vllmStep(question: LayoutQuestion): StepSettings | undefined {
  const { release } = question;
  const engine = release.engine === 'vllm-ascend' ? 'vllm-ascend' : 'vllm';
  const behaviour = findMemoryBehaviour(engine, release.version);
  if (behaviour === undefined) return undefined;
  const { tokens, sequences } = batchSizes(question);
  const vision = visionSettings(question);
  return {
    behaviour,
    batchedTokens: tokens,
    allToAll: exchangeOf(question),
    maxSequences: sequences,
    // The dialect of ROCm turns AITER's experts on.
    ...(question.accelerator.vendor === 'amd' ? { aiterExperts: true } : {}),
    ...(recordsGraphs(question) ? {} : { graphs: false }),
    ...(vision === undefined ? {} : { vision }),
  };
}

function recordsGraphs({ group }: LayoutQuestion): boolean {
  return !group.extraArgs.includes('--enforce-eager');
}

function exchangeOf(question: LayoutQuestion): NonNullable<StepSettings['allToAll']> {
  const { backend } = allToAllOf(question);
  if (backend === 'deepep_low_latency') return 'deepep-low-latency';
  return backend === 'deepep_high_throughput' ? 'deepep-normal' : 'gather';
}
