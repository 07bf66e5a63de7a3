import { describe, expect, test } from 'vitest';
import { type LogStatement, replayStartup } from '../../../src/capacity/index.ts';
import { cut, gib, model } from '../catalog-rows.ts';
import { vllm } from './log-statements.ts';

const statement: LogStatement = {
  ...vllm('0.20.0', 0.9),
  model: model('moonshotai/Kimi-K2.5'),
  kvLayout: 'bf16',
  contextTokens: 262_144,
  maxSequences: 128,
};

/** GiB of the terms of images. */
function imagesOf(more: Partial<LogStatement>): [name: string, gib: string][] {
  const { memory } = replayStartup({ ...statement, ...more });
  return memory.overheads
    .filter(({ name }) => /image/.test(name))
    .map(({ name, bytes }) => [name, (bytes / gib).toFixed(3)]);
}

describe('images in the profile of vLLM', () => {
  test.each([
    { log: '2,048 tokens hold one image of 4,225 all the same', batchedTokens: 2048, items: 1 },
    { log: '8,192 tokens hold one', batchedTokens: 8192, items: 1 },
    { log: '32,768 tokens hold 7, as two logs print', batchedTokens: 32_768, items: 7 },
    { log: '131,072 tokens hold 31, as a README prints', batchedTokens: 131_072, items: 31 },
  ])('$log', ({ batchedTokens, items }) => {
    const patches = items * 130 * 130;
    const bytes = patches * (3 * 14 * 14 * 2) + (patches / 4) * 7168 * 2 + 512 * 512 * 36 * 8;
    const [[name, size] = []] = imagesOf({ batchedTokens });
    expect(name).toMatch(/^embeddings of/);
    expect(size).toBe((bytes / gib).toFixed(3));
  });

  test('are no more than all requests may bring', () => {
    const few = { batchedTokens: 32_768, contextTokens: 8192, maxSequences: 3 };
    expect(imagesOf(few)[0]?.[0]).toBe('embeddings of 3 of the largest images');
  });

  test('the tower itself is fullest where little is batched and sampled', () => {
    const few = { batchedTokens: 2048, maxSequences: 1, sharding: cut(2) };
    expect(imagesOf({ ...few, vision: { tower: 'whole' } })).toEqual([
      ['vision tower with the largest image', '0.692'],
    ]);
    expect(imagesOf({ ...few, sharding: cut(8) })[0]?.[0]).toBe('embeddings of the largest image');
  });

  test.each<{ what: string; more: Partial<LogStatement> }>([
    { what: 'a server told to profile none', more: { vision: { profiled: false } } },
    { what: 'a server without its tower', more: { vision: { tower: 'none' } } },
    { what: 'a model that does not see', more: { model: model('moonshotai/Kimi-K2-Thinking') } },
    { what: 'SGLang', more: { engine: 'sglang', release: '0.5.23' } },
  ])('$what has none', ({ more }) => {
    expect(imagesOf(more)).toEqual([]);
  });

  test('pixels are gone from 0.33 on when the language model runs', () => {
    const held = (release: string) => Number(imagesOf({ release, batchedTokens: 32_768 })[0]?.[1]);
    expect(held('0.25.1') - held('0.33.0')).toBeCloseTo((7 * 130 * 130 * 1176) / gib, 3);
  });
});

describe('the vision tower in the weights', () => {
  const towerMib = (more: Partial<LogStatement>) => {
    const { memory } = replayStartup({ ...statement, ...more });
    const bytes = memory.weights.find(({ name }) => name === 'vision tower')?.bytes ?? 0;
    return Math.round(bytes / 2 ** 20);
  };

  test.each<{ what: string; more: Partial<LogStatement>; mib: number }>([
    { what: 'is cut by vLLM', more: {}, mib: 212 },
    { what: 'is whole where vLLM is told so', more: { vision: { tower: 'whole' } }, mib: 899 },
    { what: 'is left out where vLLM is told so', more: { vision: { tower: 'none' } }, mib: 0 },
    { what: 'is whole where ranks do not divide its heads', more: { sharding: cut(32) }, mib: 899 },
    { what: 'is whole in SGLang', more: { engine: 'sglang', release: '0.5.23' }, mib: 899 },
  ])('$what', ({ more, mib }) => {
    expect(towerMib(more)).toBe(mib);
  });
});
