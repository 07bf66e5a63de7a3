import { describe, expect, test } from 'vitest';
import { type LogStatement, replayStartup } from '../../../src/capacity/index.ts';
import { accelerator, cut, gib, model } from '../catalog-rows.ts';
import { vllm } from './log-statements.ts';

/** DeepSeek-V3.2 on 8 x H200 with the packed FP8 cache. */
const packed: LogStatement = { ...vllm('0.33.0', 0.92), contextTokens: 131_072 };

function read(more: Partial<LogStatement> = {}) {
  const { memory, lines } = replayStartup({ ...packed, ...more });
  const bytesOf = (start: string) =>
    memory.overheads.find(({ name }) => name.startsWith(start))?.bytes;
  const weights = lines.find(({ name }) => name === 'weights')?.value ?? Number.NaN;
  return {
    attention: bytesOf('workspace of the sparse attention'),
    experts: bytesOf('workspace of the experts'),
    indexer: bytesOf('indexer key workspace'),
    cacheBytes: memory.kvBytesPerRank,
    weights,
  };
}

/** Rows of five contexts, 576 values in BF16. */
const unpacked = 5 * 131_072 * 576 * 2;

describe('workspace that FlashMLA reserves while vLLM loads the model', () => {
  test('holds the queries of a step and the rows of five contexts until 0.25', () => {
    expect(read({ release: '0.25.1' }).attention).toBe(8192 * 16 * 576 * 2 + unpacked);
  });

  test('holds padded queries and two sizes of output, too, in 0.33', () => {
    const copies = 64 * (576 + 512) + 16 * 512;
    expect(read().attention).toBe(8192 * (16 * 576 + copies) * 2 + unpacked);
  });

  test('is largest where each rank has all heads', () => {
    expect((read({ sharding: cut(1, 16) }).attention ?? 0) / gib).toBeCloseTo(4.95, 2);
  });

  test.each([
    { release: '0.25.1', contexts: 5 },
    { release: '0.33.0', contexts: 2 },
  ])(
    'has rows of $contexts contexts beyond 262,144 tokens in $release',
    ({ release, contexts }) => {
      const of = (contextTokens: number) =>
        read({ release, model: model('zai-org/GLM-5.2-FP8'), contextTokens }).attention ??
        Number.NaN;
      expect(of(500_000) - of(400_000)).toBe(contexts * 100_000 * 576 * 2);
    },
  );

  test.each<[string, Partial<LogStatement>]>([
    ['a BF16 cache', { kvLayout: 'bf16' }],
    ['the plain FP8 cache', { kvLayout: 'fp8-plain', accelerator: accelerator('b200') }],
    ['a release without a shared workspace', { release: '0.16.0' }],
  ])('is not there with %s', (_, more) => {
    expect(read(more).attention).toBeUndefined();
  });

  test('is printed among the weights, and the experts take only what goes beyond it', () => {
    const without = read({ kvLayout: 'bf16' });
    const shared = read();
    expect(shared.weights - without.weights).toBeCloseTo(shared.attention ?? Number.NaN, 0);
    expect(shared.experts).toBeUndefined();
    expect(shared.indexer).toBeUndefined();
    const many = read({ batchedTokens: 65_536, contextTokens: 8192 });
    const alone = read({ batchedTokens: 65_536, contextTokens: 8192, kvLayout: 'bf16' });
    expect((many.experts ?? 0) + (many.attention ?? 0)).toBeCloseTo(alone.experts ?? 0, 0);
  });

  test('is in the weights that a log states, and not counted again', () => {
    const measured = { weightsBytes: 90 * gib, source: 'log' };
    const { attention, experts, indexer } = read({ measured });
    expect([attention, experts, indexer]).toEqual([undefined, undefined, undefined]);
  });
});
