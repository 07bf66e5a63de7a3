import { describe, expect, test } from 'vitest';
import { comparableMeasurements } from '../../../src/capacity/index.ts';
import { accelerator, v32 } from '../catalog-rows.ts';

const h200 = { model: v32, accelerator: accelerator('h200') };
const lengths = { inputTokens: 1024, outputTokens: 1024 };

describe('comparableMeasurements()', () => {
  test('takes runs on the same device with lengths within a factor of two', () => {
    const found = comparableMeasurements(h200, { inputTokens: 2000, outputTokens: 600 });
    expect(found.length).toBeGreaterThan(0);
    for (const { id, inputTokens, outputTokens } of found) {
      expect(id).toMatch(/^h200-/);
      expect([inputTokens, outputTokens]).toEqual([1024, 1024]);
    }
  });

  test.each([
    { why: 'a device nobody published runs of', device: 'gb200', ...lengths },
    { why: 'prompts nobody measured', device: 'h200', inputTokens: 100_000, outputTokens: 1024 },
  ])('finds none for $why', ({ device, inputTokens, outputTokens }) => {
    const question = { model: v32, accelerator: accelerator(device) };
    expect(comparableMeasurements(question, { inputTokens, outputTokens })).toEqual([]);
  });

  test('leaves out runs of a model of another size', () => {
    const { architecture } = v32;
    const large = { ...v32, architecture: { ...architecture, expertsPerToken: 16 } };
    expect(comparableMeasurements({ ...h200, model: large }, lengths)).toEqual([]);
  });

  test('the rate of 4 requests with 10.29 ms a token follows from the times: 47 tokens/s per device', () => {
    const run = comparableMeasurements(h200, lengths).find(
      ({ id }) => id === 'h200-sglang-tp8-1k-1k-c4',
    );
    expect(run).toMatchObject({ rateFrom: 'times', saturated: false });
    expect(run?.outputTokensPerSecondPerUser).toBeCloseTo(97.2, 1);
    expect(run?.outputTokensPerSecondPerDevice).toBeCloseTo(47.3, 1);
  });

  test('a published total rate is shared between prompts and answers', () => {
    const run = comparableMeasurements(h200, { inputTokens: 220, outputTokens: 200 }).find(
      ({ id }) => id === 'h200-vllm-tp8-sharegpt',
    );
    expect(run).toMatchObject({ rateFrom: 'publication', saturated: true });
    expect(run?.outputTokensPerSecondPerDevice).toBeCloseTo((5714 * 200) / 420 / 8, 6);
  });
});
