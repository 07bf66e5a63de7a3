import { describe, expect, test } from 'vitest';
import { type LogStatement, replayStartup } from '../../../src/capacity/index.ts';
import { accelerator, cut, model } from '../catalog-rows.ts';

const statement: LogStatement = {
  engine: 'vllm-ascend',
  release: '0.23.0',
  model: model('vllm-ascend/DeepSeek-V3.2-W8A8'),
  accelerator: accelerator('ascend-a2'),
  sharding: cut(8, 2),
  kvLayout: 'ascend-bf16',
  fraction: 0.9,
  contextTokens: 8192,
  batchedTokens: 4096,
  blockTokens: 128,
};

function rowsOf(more: Partial<LogStatement>): number | undefined {
  const { memory } = replayStartup({ ...statement, ...more });
  return memory.overheads.find(({ name }) => name.startsWith('rows of the experts'))?.bytes;
}

describe('rows of the experts on the 910B', () => {
  test('INT8 rows in and gate and up, or activated rows and rows out, of 8 experts', () => {
    const each = Math.max(7168 + 4 * 2048, 2048 + 2 * 7168);
    expect(rowsOf({})).toBe(2 * 4096 * (8 * each + 2 * 7168));
  });

  test('a draft module in BF16 holds rows in, activated rows and rows out at once', () => {
    const each = 4 * 6144 + 2 * 2048;
    expect(rowsOf({ model: model('Eco-Tech/GLM-5.1-w8a8'), mtpTokens: 3 })).toBe(
      2 * 4096 * (8 * each + 2 * 6144),
    );
  });

  test('are not counted on A3, which exchanges tokens in another way', () => {
    expect(rowsOf({ accelerator: accelerator('ascend-a3') })).toBeUndefined();
  });
});
