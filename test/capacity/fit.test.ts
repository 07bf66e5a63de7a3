import { describe, expect, test } from 'vitest';
import { fitRank, kvBytesPerTokenPerLayer } from '../../src/capacity/index.ts';
import { type AcceleratorRow, findAccelerator, findModel } from '../../src/catalog/index.ts';

const gib = 2 ** 30;

function aRequest(overrides: Partial<Parameters<typeof fitRank>[0]> = {}) {
  const model = findModel('deepseek-ai/DeepSeek-V3.2');
  const accelerator = findAccelerator('h200');
  if (model === undefined || accelerator === undefined) throw new Error('catalog rows are missing');
  return {
    model,
    accelerator,
    sharding: { tensor: 1, data: 16, pipeline: 1, expert: true },
    kvLayout: 'fp8-ds-mla' as const,
    utilization: 0.92,
    contextTokens: 131_072,
    mtpTokens: 0,
    blockTokens: 64,
    ...overrides,
  };
}

function withMemory(memoryGib: number): AcceleratorRow {
  return { ...aRequest().accelerator, memoryBytes: memoryGib * gib };
}

describe('kvBytesPerTokenPerLayer()', () => {
  test.each([
    { layout: 'bf16', perLayer: 1284, allLayers: 78_324 },
    { layout: 'fp8-ds-mla', perLayer: 788, allLayers: 48_068 },
  ] as const)('V3.2 $layout is $perLayer bytes, $allLayers over 61 layers', (row) => {
    const bytes = kvBytesPerTokenPerLayer(aRequest().model.architecture, row.layout);
    expect(bytes).toBe(row.perLayer);
    expect(bytes * 61).toBe(row.allLayers);
  });

  test('V3 without the indexer is 70,272 bytes over 61 layers in BF16', () => {
    const { indexer: _, ...v3 } = aRequest().model.architecture;
    expect(kvBytesPerTokenPerLayer(v3, 'bf16') * 61).toBe(70_272);
  });
});

describe('fitRank() of V3.2 on H200 with the FP8 cache', () => {
  test.each([
    { layout: 'TP8', cut: [8, 1, 1, false], kvGib: '43.3', totalM: '0.97', at128k: 7 },
    { layout: 'TP2 x DP4', cut: [2, 4, 1, true], kvGib: '34.3', totalM: '3.06', at128k: 20 },
    { layout: 'DP8', cut: [1, 8, 1, true], kvGib: '25.0', totalM: '4.46', at128k: 32 },
    { layout: 'TP16', cut: [16, 1, 1, false], kvGib: '82.5', totalM: '1.84', at128k: 14 },
    { layout: 'DP16', cut: [1, 16, 1, true], kvGib: '63.0', totalM: '22.53', at128k: 160 },
  ] as const)('$layout leaves $kvGib GiB per rank', ({ cut, kvGib, totalM, at128k }) => {
    const [tensor, data, pipeline, expert] = cut;
    const memory = fitRank(aRequest({ sharding: { tensor, data, pipeline, expert } }));
    expect((memory.kvBytesPerRank / gib).toFixed(1)).toBe(kvGib);
    expect((memory.kvTokensPerGroup / 1e6).toFixed(2)).toBe(totalM);
    expect(memory.fullContextSequencesPerGroup).toBe(at128k);
    expect(memory.fits).toBe(true);
  });
});

describe('fitRank() verdicts', () => {
  test('names the weights on 8 x H100 80 GB, which published recipes claim to fit', () => {
    const memory = fitRank(
      aRequest({
        accelerator: withMemory(79.6),
        sharding: { tensor: 8, data: 1, pipeline: 1, expert: false },
      }),
    );
    expect(memory.fits).toBe(false);
    expect(memory.binding?.term).toBe('weights');
  });

  test('names the context when less than one sequence has room', () => {
    const memory = fitRank(aRequest({ accelerator: withMemory(75) }));
    expect(memory.binding?.term).toBe('one sequence of full context');
    expect(memory.fullContextSequencesPerGroup).toBe(0);
  });

  test('parts sum to the budget', () => {
    const memory = fitRank(aRequest());
    const parts = memory.weightsBytesPerRank + memory.overheadBytesPerRank + memory.kvBytesPerRank;
    expect(parts).toBe(memory.budgetBytes);
  });
});
