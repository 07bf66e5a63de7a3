import type { StepSettings } from '../../capacity/index.ts';
import { findMemoryBehaviour } from '../../catalog/index.ts';
import type { LayoutQuestion } from '../engine.ts';
import { allToAllOf } from './all-to-all.ts';
import { vllmMaxSequences } from './max-sequences.ts';

/** Tokens a server of a device with 70 GiB or more batches in one step by default. */
const defaultBatchedTokens = 8192;

/**
 * What one step of the release holds on this layout.
 *
 * @source vllm/engine/arg_utils.py get_batch_defaults: 8,192 for an API server
 */
export function vllmStep(question: LayoutQuestion): StepSettings | undefined {
  const { release, group } = question;
  const engine = release.engine === 'vllm-ascend' ? 'vllm-ascend' : 'vllm';
  const behaviour = findMemoryBehaviour(engine, release.version);
  if (behaviour === undefined) return undefined;
  return {
    behaviour,
    batchedTokens: group.maxBatchedTokens ?? defaultBatchedTokens,
    allToAll: exchangeOf(question),
    maxSequences: vllmMaxSequences(question),
  };
}

function exchangeOf(question: LayoutQuestion): NonNullable<StepSettings['allToAll']> {
  const { backend } = allToAllOf(question);
  if (backend === 'deepep_low_latency') return 'deepep-low-latency';
  return backend === 'deepep_high_throughput' ? 'deepep-normal' : 'gather';
}
