import { describe, expect, test } from 'vitest';
import { findAccelerator, findModel, findRelease } from '../../src/catalog/index.ts';
import { sglangStep } from '../../src/engines/sglang/memory.ts';
import type { GroupSpec } from '../../src/spec/index.ts';
import { aGroup, aPool, aSpec } from '../fixtures/a-spec.ts';

/** What SGLang is told about its memory by a group on one H200 node. */
function stepOf(group: Partial<GroupSpec>) {
  const model = findModel('deepseek-ai/DeepSeek-V3.2');
  const release = findRelease('sglang', '0.5.23');
  const accelerator = findAccelerator('h200');
  if (model === undefined || release === undefined || accelerator === undefined) {
    throw new Error('not in the catalog');
  }
  return sglangStep({
    ...{ model, release, accelerator, group: aGroup(group), pool: aPool(), api: aSpec().api },
    ...{ parallelism: { tensor: 1, data: 8, pipeline: 1, expert: true } },
    ...{ podsPerGroup: 1, devicesPerPod: 8 },
  });
}

describe('memory of a group of SGLang follows its flags', () => {
  test.each([
    { flags: [], step: { wholeDense: false, headAsAttention: false, customAllReduce: true } },
    { flags: ['--moe-dense-tp-size=1'], step: { wholeDense: true } },
    { flags: ['--moe-dense-tp-size', '1'], step: { wholeDense: true } },
    { flags: ['--enable-dp-lm-head'], step: { headAsAttention: true } },
    { flags: ['--disable-custom-all-reduce'], step: { customAllReduce: false } },
  ])('$flags', ({ flags, step }) => {
    expect(stepOf({ extraArgs: flags })).toMatchObject(step);
  });

  test.each([
    { allToAll: 'auto', step: 'gather' },
    { allToAll: 'deepep', step: 'deepep-low-latency' },
    { allToAll: 'mooncake', step: 'deepep-normal' },
  ])('allToAll $allToAll', ({ allToAll, step }) => {
    expect(stepOf({ allToAll }).allToAll).toBe(step);
  });
});
