import { describe, expect, test } from 'vitest';
import { replayStartup } from '../../../src/capacity/index.ts';
import { accelerator, cut, gib, model } from '../catalog-rows.ts';

/** Kimi-K2.6 on 8 x H200 NVL in vLLM 0.20.0, as Czyszka/nanoserve-mini published its starts. */
function graphsGib(settings: {
  maxSequences: number;
  mtpTokens?: number;
  id?: string;
  tensorOnly?: boolean;
}): number {
  const { maxSequences, mtpTokens = 0, id = 'moonshotai/Kimi-K2-Thinking' } = settings;
  const { memory } = replayStartup({
    engine: 'vllm',
    release: '0.20.0',
    model: model(id),
    accelerator: accelerator('h200'),
    sharding: cut(8, 1, 1, settings.tensorOnly !== true),
    kvLayout: 'bf16',
    fraction: 0.6,
    contextTokens: 131_072,
    batchedTokens: 4096,
    blockTokens: 16,
    maxSequences,
    mtpTokens,
  });
  const bytes = memory.overheads.find(({ name }) => name === 'CUDA graphs')?.bytes ?? Number.NaN;
  return bytes / gib;
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

  test('of spread experts take more where attention is sparse', () => {
    const id = 'deepseek-ai/DeepSeek-V3.2';
    expect(graphsGib({ maxSequences: 1024, id })).toBeCloseTo(4.99, 6);
  });
});
