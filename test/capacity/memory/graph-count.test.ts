import { describe, expect, test } from 'vitest';
import { replayStartup } from '../../../src/capacity/index.ts';
import { accelerator, cut, gib, model } from '../catalog-rows.ts';

/** Kimi-K2.6 on 8 x H200 NVL in vLLM 0.20.0, as Czyszka/nanoserve-mini published its starts. */
function graphsGib(settings: {
  maxSequences: number;
  mtpTokens?: number;
  id?: string;
  tensorOnly?: boolean;
  release?: string;
  device?: string;
}): number {
  return bytesOf('CUDA graphs', settings) / gib;
}

function bytesOf(
  start: string,
  settings: Parameters<typeof graphsGib>[0] & { contextTokens?: number },
): number {
  const { maxSequences, mtpTokens = 0, id = 'moonshotai/Kimi-K2-Thinking' } = settings;
  const { release = '0.20.0', device = 'h200', contextTokens = 131_072 } = settings;
  const { memory } = replayStartup({
    engine: 'vllm',
    release,
    model: model(id),
    accelerator: accelerator(device),
    sharding: cut(8, 1, 1, settings.tensorOnly !== true),
    kvLayout: 'bf16',
    fraction: 0.6,
    contextTokens,
    batchedTokens: 4096,
    blockTokens: 16,
    maxSequences,
    mtpTokens,
  });
  return memory.overheads.find(({ name }) => name.startsWith(start))?.bytes ?? Number.NaN;
}

describe('graphs of vLLM', () => {
  test('for 32 requests with 3 draft tokens are the 33 and 17 that its log says', () => {
    expect(graphsGib({ maxSequences: 32, mtpTokens: 3 })).toBeCloseTo(1.22, 6);
  });

  test('for one request are the 2 and 1 that its log says', () => {
    expect(graphsGib({ maxSequences: 1 })).toBeCloseTo((1.22 * 3) / 50, 6);
  });

  test('are as many for 512 requests as for 1,024: 51 sizes, each twice', () => {
    const most = graphsGib({ maxSequences: 512 });
    expect(most).toBeCloseTo((1.22 * 102) / 50, 6);
    expect(graphsGib({ maxSequences: 1024 })).toBe(most);
  });

  test('of tensor ranks alone are as measured for 1,024 requests', () => {
    expect(graphsGib({ maxSequences: 1024, tensorOnly: true })).toBeCloseTo(2.76, 6);
  });

  test('of spread experts take more where attention is sparse, and hold the scores of the whole context', () => {
    const settings = { maxSequences: 1024, id: 'deepseek-ai/DeepSeek-V3.2' };
    const scores = bytesOf('indexer scores', { ...settings, contextTokens: 819_200 });
    expect(scores).toBe(4 * 512 * 819_200);
    expect(graphsGib(settings) + scores / gib).toBeCloseTo(4.99, 6);
  });

  test.each([
    { maxSequences: 1, mtpTokens: 0, tokens: 1 },
    { maxSequences: 32, mtpTokens: 3, tokens: 128 },
    { maxSequences: 1024, mtpTokens: 1, tokens: 512 },
  ])(
    'hold the scores of $tokens tokens for $maxSequences requests with $mtpTokens draft tokens',
    ({ maxSequences, mtpTokens, tokens }) => {
      const settings = { maxSequences, mtpTokens, id: 'deepseek-ai/DeepSeek-V3.2' };
      expect(bytesOf('indexer scores', settings)).toBe(4 * tokens * 131_072);
    },
  );

  test('hold no scores where attention is dense', () => {
    expect(bytesOf('indexer scores', { maxSequences: 1024 })).toBeNaN();
  });

  test.each([
    { release: '0.27.0', device: 'b200', graphs: 102 },
    { release: '0.28.0', device: 'b200', graphs: 166 },
    { release: '0.28.0', device: 'h200', graphs: 102 },
  ])('are $graphs on $device in $release', ({ release, device, graphs }) => {
    const settings = { maxSequences: 1024, tensorOnly: true, release, device };
    expect(graphsGib(settings)).toBeCloseTo((2.76 * graphs) / 102, 6);
  });
});
