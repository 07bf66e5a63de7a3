import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { placePods } from '../../src/layout/place-pods.ts';
import type { Parallelism } from '../../src/spec/index.ts';

function layout(tensor: number, data: number, pipeline: number): Parallelism {
  return { tensor, data, pipeline, expert: false };
}

/** `stage/copy/part` of each device of each pod. */
function shown(...given: Parameters<typeof placePods>): string[] {
  return placePods(...given).map(({ ranks }) =>
    ranks.map((rank) => `${rank.pipelineRank}/${rank.dataRank}/${rank.tensorRank}`).join(' '),
  );
}

describe('placePods()', () => {
  const twoStages = layout(2, 2, 2);

  test('puts a copy of the model with its stages on each node for vLLM', () => {
    expect(shown(twoStages, 2, 'data-first')).toEqual([
      '0/0/0 0/0/1 1/0/0 1/0/1',
      '0/1/0 0/1/1 1/1/0 1/1/1',
    ]);
  });

  test('puts a stage with its part of every copy on each node for SGLang', () => {
    expect(shown(twoStages, 2, 'pipeline-first')).toEqual([
      '0/0/0 0/0/1 0/1/0 0/1/1',
      '1/0/0 1/0/1 1/1/0 1/1/1',
    ]);
  });

  test('splits a stage of SGLang over two of four nodes', () => {
    const pods = placePods(layout(4, 4, 2), 4, 'pipeline-first');
    expect(pods.map(({ ranks }) => ranks[0]?.pipelineRank)).toEqual([0, 0, 1, 1]);
    expect(pods.map(({ ranks }) => [...new Set(ranks.map(({ dataRank }) => dataRank))])).toEqual([
      [0, 1],
      [2, 3],
      [0, 1],
      [2, 3],
    ]);
  });

  test.each(['data-first', 'pipeline-first'] as const)('%s gives every place once', (order) => {
    const degree = fc.constantFrom(1, 2, 4, 8);
    fc.assert(
      fc.property(
        degree,
        degree,
        degree,
        fc.constantFrom(1, 2, 4),
        (tensor, data, pipeline, pods) => {
          fc.pre((tensor * data * pipeline) % pods === 0);
          const ranks = placePods(layout(tensor, data, pipeline), pods, order).flatMap(
            (pod) => pod.ranks,
          );
          expect(ranks.map(({ rank }) => rank)).toEqual(ranks.map((_, index) => index));
          const places = ranks.map(
            (rank) => `${rank.dataRank} ${rank.pipelineRank} ${rank.tensorRank}`,
          );
          expect(new Set(places).size).toBe(tensor * data * pipeline);
        },
      ),
    );
  });
});
