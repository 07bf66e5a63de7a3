import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  checkpointBytes,
  countParameters,
  weightBytesByStage,
  weightTerms,
} from '../../../src/capacity/index.ts';
import { models } from '../../../src/catalog/index.ts';
import { cut, model } from '../catalog-rows.ts';

const gib = 2 ** 30;

const v32 = model('deepseek-ai/DeepSeek-V3.2');

function rankGib(
  [tensor, data, expert]: readonly [number, number, boolean],
  options: { mtp?: boolean; absorbedCopy?: boolean; redundantExpertsPerRank?: number } = {},
): string {
  const terms = weightTerms(v32, { tensor, data, pipeline: 1, expert }, { mtp: false, ...options });
  return (terms.reduce((sum, term) => sum + term.bytes, 0) / gib).toFixed(2);
}

describe('weightTerms() of DeepSeek-V3.2 in GiB per rank', () => {
  // Values computed from the parameter shapes independently of this code and checked against
  // published start-up logs.
  test.each([
    { layout: 'TP8', cut: [8, 1, false], plain: '80.35', mtp: '81.91', noCopy: '80.11' },
    { layout: 'TP16', cut: [16, 1, false], plain: '41.12', mtp: '42.01', noCopy: '41.00' },
    { layout: 'TP2 x DP4 EP8', cut: [2, 4, true], plain: '87.33', mtp: '88.98', noCopy: '86.38' },
    { layout: 'DP8 EP8', cut: [1, 8, true], plain: '96.64', mtp: '98.41', noCopy: '94.73' },
    { layout: 'TP8 x DP2 EP16', cut: [8, 2, true], plain: '42.28', mtp: '43.19', noCopy: '42.04' },
    { layout: 'TP4 x DP4 EP16', cut: [4, 4, true], plain: '44.61', mtp: '45.54', noCopy: '44.13' },
    { layout: 'DP16 EP16', cut: [1, 16, true], plain: '58.57', mtp: '59.68', noCopy: '56.66' },
    { layout: 'DP32 EP32', cut: [1, 32, true], plain: '39.53', mtp: '40.32', noCopy: '37.63' },
  ] as const)('$layout', ({ cut, plain, mtp, noCopy }) => {
    expect(rankGib(cut)).toBe(plain);
    expect(rankGib(cut, { mtp: true })).toBe(mtp);
    expect(rankGib(cut, { absorbedCopy: false })).toBe(noCopy);
  });

  test('the fullest rank holds the expert that is left over', () => {
    const routed = (data: number) =>
      weightTerms(v32, { tensor: 1, data, pipeline: 1, expert: true }, { mtp: false }).find(
        ({ name }) => name === 'routed experts',
      )?.bytes ?? Number.NaN;
    // 256 experts over 24 ranks are 10 or 11 each, over 16 they are 16.
    expect(routed(24) / routed(16)).toBeCloseTo(11 / 16);
  });

  test('DP32 EP32 with one redundant expert per rank', () => {
    expect(rankGib([1, 32, true], { redundantExpertsPerRank: 1 })).toBe('41.91');
  });

  test.each([
    { stages: 2, tensor: 8, expected: ['38.95', '41.40'] },
    { stages: 4, tensor: 8, expected: ['16.98', '20.59', '21.97', '20.81'] },
    { stages: 2, tensor: 4, expected: ['76.95', '81.87'] },
  ])('PP$stages x TP$tensor by stage', ({ stages, tensor, expected }) => {
    const bytes = weightBytesByStage(
      v32,
      { tensor, data: 1, pipeline: stages, expert: false },
      { mtp: false },
    );
    expect(bytes.map((value) => (value / gib).toFixed(2))).toEqual(expected);
  });

  test('the checkpoint is 689.47 GB on disk', () => {
    expect((checkpointBytes(v32) / 1e9).toFixed(2)).toBe('689.47');
  });

  test('more ranks never need more bytes per rank', () => {
    const degrees = fc.constantFrom(1, 2, 4, 8, 16);
    fc.assert(
      fc.property(degrees, degrees, fc.boolean(), (tensor, data, expert) => {
        const bytes = (t: number, d: number) =>
          weightTerms(v32, { tensor: t, data: d, pipeline: 1, expert }, { mtp: false }).reduce(
            (sum, term) => sum + term.bytes,
            0,
          );
        expect(bytes(tensor * 2, data)).toBeLessThanOrEqual(bytes(tensor, data));
        expect(bytes(tensor, data * 2)).toBeLessThanOrEqual(bytes(tensor, data));
      }),
    );
  });
});

describe('weightTerms() by component, whole model in GB', () => {
  test.each([
    { name: 'attention', gb: '11.416' },
    { name: 'sparse-attention indexer', gb: '0.880' },
    { name: 'dense feed-forward', gb: '1.189' },
    { name: 'routed experts', gb: '654.068' },
    { name: 'shared expert', gb: '2.555' },
    { name: 'router', gb: '0.213' },
    { name: 'embedding and output head', gb: '3.707' },
    { name: 'MTP module', gb: '11.732' },
  ])('$name is $gb', ({ name, gb }) => {
    const terms = weightTerms(v32, cut(1), { mtp: true, absorbedCopy: false });
    const bytes = terms.find((term) => term.name === name)?.bytes ?? 0;
    expect((bytes / 1e9).toFixed(3)).toBe(gb);
  });
});

describe('countParameters() in billions', () => {
  test.each([
    { id: 'deepseek-ai/DeepSeek-V3', mtp: false, expected: '671.03' },
    { id: 'deepseek-ai/DeepSeek-V3.2', mtp: false, expected: '671.88' },
    { id: 'deepseek-ai/DeepSeek-V3.2', mtp: true, expected: '685.36' },
    { id: 'moonshotai/Kimi-K2-Instruct', mtp: false, expected: '1026.41' },
  ])('$id is $expected, MTP $mtp', ({ id, mtp, expected }) => {
    expect((countParameters(model(id), { mtp }) / 1e9).toFixed(2)).toBe(expected);
  });
});

describe('checkpointBytes() by weight format', () => {
  test.each([
    { id: 'sgl-npu/DeepSeek-V3.2-W8A8', publishedGb: 694.47 },
    { id: 'deepseek-ai/DeepSeek-V3.2', publishedGb: 689 },
  ])('$id is within 1 % of the published $publishedGb GB', ({ id, publishedGb }) => {
    expect(Math.abs(checkpointBytes(model(id)) / 1e9 / publishedGb - 1)).toBeLessThan(0.01);
  });

  test('orders the formats of one shape by bits', () => {
    const gb = [
      'nvidia/DeepSeek-V3.2-NVFP4',
      'deepseek-ai/DeepSeek-V3.2',
      'Modelers_Park/DeepSeek-V3.2-Exp-BF16',
    ].map((id) => checkpointBytes(model(id)) / 1e9);
    expect(gb).toEqual(gb.toSorted((a, b) => a - b));
  });

  test('components sum to the whole for every model of the catalog', () => {
    for (const row of models) {
      const whole = weightTerms(row, cut(1), { mtp: false }).reduce(
        (sum, { bytes }) => sum + bytes,
        0,
      );
      expect(weightBytesByStage(row, cut(1), { mtp: false })[0]).toBe(whole);
      expect(Number.isFinite(whole)).toBe(true);
    }
  });
});

describe('weights of models in INT4', () => {
  test('the checkpoint of Kimi-K2.5 is 554.27 GiB, vision tower included, as its tensors sum up', () => {
    expect((checkpointBytes(model('moonshotai/Kimi-K2.5')) / gib).toFixed(2)).toBe('554.27');
  });

  test('with one scale for 128 values Kimi-K2 is 509 GiB, of which copies report 510', () => {
    const id = 'RedHatAI/Kimi-K2-Instruct-quantized.w4a16';
    expect((checkpointBytes(model(id)) / gib).toFixed(0)).toBe('509');
  });

  test.each([
    { towerRanks: 1, mib: 899 },
    { towerRanks: 8, mib: 212 },
    { towerRanks: 0, mib: 0 },
  ])(
    'the vision tower on $towerRanks ranks takes $mib MiB of each stage',
    ({ towerRanks, mib }) => {
      const kimi = model('moonshotai/Kimi-K2.6');
      const { vision, ...blind } = kimi;
      expect(vision).toBeDefined();
      const stages = (row: typeof kimi) =>
        weightBytesByStage(row, cut(8, 1, 2), { mtp: false, towerRanks });
      const without = stages(blind);
      const tower = stages(kimi).map((bytes, stage) => bytes - (without[stage] ?? Number.NaN));
      expect(tower.map((bytes) => Math.round(bytes / 2 ** 20))).toEqual([mib, mib]);
    },
  );

  test('absorbed projections are views where attention is in BF16, else copies', () => {
    const absorbed = (id: string, absorbedViews: boolean) =>
      weightTerms(model(id), cut(8), { mtp: false, absorbedViews }).find(({ name }) =>
        name.startsWith('absorbed'),
      )?.bytes;
    const id = 'moonshotai/Kimi-K2.6';
    expect(absorbed(id, false)).toBe(61 * 2 * 8 * 512 * 256);
    expect(absorbed(id, true)).toBeUndefined();
    const fp8 = 'deepseek-ai/DeepSeek-V3.2';
    expect(absorbed(fp8, true)).toBe(absorbed(fp8, false));
  });
});
