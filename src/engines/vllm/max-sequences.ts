import type { LayoutQuestion } from '../engine.ts';

const largeDeviceBytes = 70 * 2 ** 30;

/**
 * Requests one data rank runs at once.
 *
 * @source vllm engine/arg_utils.py, get_batch_defaults: 1024 for a server on devices of 70 GiB and
 * more, else 256
 */
export function vllmMaxSequences({ group, accelerator }: LayoutQuestion): number {
  return group.maxSequences ?? (accelerator.memoryBytes >= largeDeviceBytes ? 1024 : 256);
}
