import { describe, expect, test } from 'vitest';
import { findAccelerator, findModel, findRelease } from '../../src/catalog/index.ts';
import { ascendStep } from '../../src/engines/vllm-ascend/step-settings.ts';
import type { GroupSpec } from '../../src/spec/index.ts';
import { aGroup, aPool, aSpec } from '../fixtures/a-spec.ts';

/** What vllm-ascend does with the weights of a group on two A3 nodes. */
function npuOf(
  group: Partial<GroupSpec>,
  { model: id = 'vllm-ascend/DeepSeek-V3.2-W8A8', tensor = 8 } = {},
) {
  const model = findModel(id);
  const release = findRelease('vllm-ascend', '0.23.0.post1');
  const accelerator = findAccelerator('ascend-a3');
  if (model === undefined || release === undefined || accelerator === undefined) {
    throw new Error('not in the catalog');
  }
  const parallelism = { tensor, data: 32 / tensor, pipeline: 1, expert: true };
  return ascendStep({
    ...{ model, release, accelerator, parallelism, group: aGroup(group), pool: aPool() },
    ...{ api: aSpec().api, podsPerGroup: 2, devicesPerPod: 16 },
  })?.npu;
}

const config = (settings: object) => ['--additional-config', JSON.stringify(settings)];

describe('weights of a group of vllm-ascend', () => {
  test('V3.2 has FlashComm 1 and the fused kernel', () => {
    expect(npuOf({})).toEqual({ flashComm: true, fusedPreprocess: true });
  });

  test('one tensor rank has no FlashComm 1', () => {
    expect(npuOf({}, { tensor: 1 })).toMatchObject({ flashComm: false });
  });

  test('a model without sparse attention has no fused kernel outside decode servers', () => {
    const r1 = { model: 'deepseek-ai/DeepSeek-R1' };
    expect(npuOf({}, r1)).toMatchObject({ fusedPreprocess: false });
  });

  test.each([
    { by: 'its variable', group: { extraEnv: { VLLM_ASCEND_ENABLE_MLAPO: '0' } } },
    { by: 'its key', group: { extraArgs: config({ enable_mlapo: false }) } },
    { by: 'a packed cache', group: { extraArgs: config({ enable_sparse_sfa_c8: true }) } },
  ])('the fused kernel is off by $by', ({ group }) => {
    expect(npuOf(group)).toMatchObject({ fusedPreprocess: false });
  });

  test('sparse attention is split by tokens where the user says so', () => {
    const asked = { extraArgs: config({ enable_dsa_cp: true }) };
    expect(npuOf(asked)).toMatchObject({ contextParallel: 'mixed' });
    expect(npuOf(asked, { tensor: 1 })).not.toHaveProperty('contextParallel');
  });
});
