import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  countSequences,
  type FitRequest,
  fitRank,
  fitSglangRank,
  kvBytesPerTokenPerLayer,
  kvLayoutSource,
  type RankMemory,
} from '../../../src/capacity/index.ts';
import { accelerators, findMemoryBehaviour, models } from '../../../src/catalog/index.ts';
import { accelerator, cut, gib, r1, v32 } from '../catalog-rows.ts';

/** V3.2 on H200 with the FP8 cache and planning overhead. */
function aRequest(overrides: Partial<FitRequest> = {}): FitRequest {
  return {
    model: v32,
    accelerator: accelerator('h200'),
    sharding: cut(1, 16),
    kvLayout: 'fp8-ds-mla',
    utilization: 0.92,
    contextTokens: 131_072,
    mtpTokens: 0,
    blockTokens: 64,
    ...overrides,
  };
}

function withMemory(memoryGib: number) {
  return { ...accelerator('h200'), memoryBytes: memoryGib * gib };
}

describe('kvBytesPerTokenPerLayer()', () => {
  test.each([
    { layout: 'bf16', perLayer: 1284, allLayers: 78_324 },
    { layout: 'fp8-ds-mla', perLayer: 788, allLayers: 48_068 },
    { layout: 'fp8-plain', perLayer: 708, allLayers: 43_188 },
    { layout: 'ascend-bf16', perLayer: 1408, allLayers: 85_888 },
    { layout: 'ascend-bf16-li-c8', perLayer: 1282, allLayers: 78_202 },
    { layout: 'ascend-c8', perLayer: 786, allLayers: 47_946 },
  ] as const)('V3.2 $layout is $perLayer bytes, $allLayers over 61 layers', (row) => {
    const bytes = kvBytesPerTokenPerLayer(v32.architecture, row.layout);
    expect(bytes).toBe(row.perLayer);
    expect(bytes * 61).toBe(row.allLayers);
    expect(kvLayoutSource(row.layout)).not.toBe('');
  });

  test.each([
    { layout: 'bf16', perLayer: 1152 },
    { layout: 'fp8-plain', perLayer: 576 },
    { layout: 'bf16-padded-1280', perLayer: 1280 },
  ] as const)('V3 without the indexer is $perLayer bytes in $layout', ({ layout, perLayer }) => {
    expect(kvBytesPerTokenPerLayer(r1.architecture, layout)).toBe(perLayer);
  });
});

describe('fitRank() of V3.2 at utilisation 0.92 with planning overhead', () => {
  const b200 = { accelerator: accelerator('b200') };
  const mi355x = {
    accelerator: { ...accelerator('mi355x'), memoryBytes: 283.96 * gib },
    kvLayout: 'fp8-plain',
  } as const;
  // The published vectors for 64 GB dies were computed at a budget of 58.07 GiB.
  const ascend = {
    accelerator: { ...accelerator('ascend-a2'), memoryBytes: (58.07 / 0.92) * gib },
    kvLayout: 'ascend-bf16',
  } as const;
  test.each<{
    on: string;
    request: Partial<FitRequest>;
    kvGib: number;
    totalM: number;
    sequences: readonly [number, number, number];
  }>([
    {
      on: 'H200 TP8',
      request: { sharding: cut(8) },
      kvGib: 43.3,
      totalM: 0.97,
      // Published as 118, from 43.3 GiB after rounding.
      sequences: [117, 29, 7],
    },
    {
      on: 'H200 TP2 x DP4',
      request: { sharding: cut(2, 4) },
      kvGib: 34.3,
      totalM: 3.06,
      sequences: [372, 92, 20],
    },
    {
      on: 'H200 DP8',
      request: { sharding: cut(1, 8) },
      kvGib: 25.0,
      totalM: 4.46,
      sequences: [544, 136, 32],
    },
    {
      on: 'H200 PP2 x TP8',
      request: { sharding: cut(8, 1, 2) },
      kvGib: 84.7,
      totalM: 3.72,
      sequences: [454, 113, 28],
    },
    {
      on: 'H200 TP16',
      request: { sharding: cut(16) },
      kvGib: 82.5,
      totalM: 1.84,
      sequences: [224, 56, 14],
    },
    {
      on: 'H200 DP16',
      request: { sharding: cut(1, 16) },
      kvGib: 63.1,
      totalM: 22.5,
      sequences: [2736, 672, 160],
    },
    {
      on: 'H200 DP32 and one redundant expert',
      request: { sharding: cut(1, 32), redundantExpertsPerRank: 1 },
      kvGib: 79.7,
      totalM: 57.0,
      sequences: [6944, 1728, 416],
    },
    {
      on: 'MI355X TP8',
      request: { ...mi355x, sharding: cut(8) },
      kvGib: 176,
      totalM: 4.37,
      sequences: [533, 133, 33],
    },
    {
      on: 'MI355X DP8',
      request: { ...mi355x, sharding: cut(1, 8) },
      kvGib: 158,
      totalM: 31.4,
      sequences: [3824, 952, 232],
    },
    {
      on: 'B200 TP8',
      request: { ...b200, sharding: cut(8) },
      kvGib: 78.7,
      totalM: 1.76,
      sequences: [214, 53, 13],
    },
    {
      on: 'B200 DP8',
      request: { ...b200, sharding: cut(1, 8) },
      kvGib: 60.4,
      totalM: 10.8,
      sequences: [1312, 328, 80],
    },
    {
      on: '64 GB dies, TP8 x DP2',
      request: { ...ascend, sharding: cut(8, 2) },
      kvGib: 8.8,
      totalM: 0.22,
      sequences: [26, 6, 0],
    },
    {
      on: '64 GB dies, TP4 x DP8',
      request: { ...ascend, sharding: cut(4, 8) },
      kvGib: 25.5,
      totalM: 2.55,
      sequences: [304, 72, 16],
    },
    {
      on: '64 GB dies, DP16',
      request: { ...ascend, sharding: cut(1, 16) },
      kvGib: -7.5,
      totalM: 0,
      sequences: [0, 0, 0],
    },
  ])('$on leaves $kvGib GiB and $totalM M tokens', ({ request, kvGib, totalM, sequences }) => {
    const memory = fitRank(aRequest(request));
    expect(Math.abs(memory.kvBytesPerRank / gib - kvGib)).toBeLessThan(kvGib > 100 ? 0.6 : 0.06);
    expect(Math.abs(memory.kvTokensPerGroup / 1e6 - totalM)).toBeLessThanOrEqual(
      0.0051 * Math.max(1, totalM),
    );
    const counted = [8, 32, 128].map((k) => countSequences(memory, k * 1024));
    expect(counted).toEqual(sequences);
  });
});

describe('fitRank() with decode context parallelism', () => {
  test('eight ranks that share a copy hold eight times the tokens', () => {
    const alone = fitRank(aRequest({ sharding: cut(8), blockTokens: 1 }));
    const shared = fitRank(aRequest({ sharding: cut(8), blockTokens: 1, decodeContextRanks: 8 }));
    expect(shared.kvTokensPerRank / alone.kvTokensPerRank).toBeCloseTo(8, 4);
  });
});

describe('fitRank() verdicts', () => {
  test('names the weights on 8 x H100 80 GB, which published recipes claim to fit', () => {
    const memory = fitRank(aRequest({ accelerator: withMemory(79.6), sharding: cut(8) }));
    expect(memory.fits).toBe(false);
    expect(memory.binding?.term).toBe('weights');
  });

  test('names the context when less than one sequence has room', () => {
    const memory = fitRank(aRequest({ accelerator: withMemory(75) }));
    expect(memory.binding?.term).toBe('one sequence of full context');
    expect(memory.fullContextSequencesPerGroup).toBe(0);
  });

  test('names the overhead when weights fit and nothing is left', () => {
    const memory = fitRank(aRequest({ accelerator: withMemory(68) }));
    expect(memory.binding?.term).toBe('overhead');
  });

  test('gives as many more bytes as it says are missing, and then fits', () => {
    const short = fitRank(aRequest({ accelerator: withMemory(72), utilization: 1 }));
    const missing = (short.binding?.missingBytes ?? Number.NaN) + 64 * short.kvBytesPerToken;
    const memoryBytes = 72 * gib + missing;
    const device = { ...accelerator('h200'), memoryBytes };
    expect(fitRank(aRequest({ accelerator: device, utilization: 1 })).fits).toBe(true);
  });
});

describe('fitRank() and fitSglangRank() invariants', () => {
  const degree = fc.constantFrom(1, 2, 4, 8, 16);
  const behaviour = findMemoryBehaviour('vllm', '0.33.0');
  if (behaviour === undefined) throw new Error('vLLM is not in the catalog');
  const anyRequest: fc.Arbitrary<FitRequest> = fc.record({
    model: fc.constantFrom(...models),
    accelerator: fc.constantFrom(...accelerators),
    sharding: fc.record({
      tensor: degree,
      data: degree,
      pipeline: fc.constantFrom(1, 2, 4),
      expert: fc.boolean(),
    }),
    kvLayout: fc.constantFrom('bf16' as const, 'fp8-ds-mla' as const, 'ascend-bf16' as const),
    utilization: fc.double({ min: 0.3, max: 0.98, noNaN: true }),
    contextTokens: fc.integer({ min: 1, max: 163_840 }),
    mtpTokens: fc.constantFrom(0, 1, 3),
    blockTokens: fc.constantFrom(1, 16, 64, 128),
    step: fc
      .integer({ min: 1024, max: 32_768 })
      .map((batchedTokens) => ({ behaviour, batchedTokens })),
  });

  test.each([
    { name: 'fitRank', fit: fitRank },
    { name: 'fitSglangRank', fit: fitSglangRank },
  ])('$name(): parts sum to the budget and the pool holds whole blocks', ({ fit }) => {
    fc.assert(
      fc.property(anyRequest, (request) => {
        const memory = fit(request);
        const sum = (terms: RankMemory['weights']) =>
          terms.reduce((all, { bytes }) => all + bytes, 0);
        expect(sum(memory.weights)).toBe(memory.weightsBytesPerRank);
        expect(sum(memory.overheads)).toBe(memory.overheadBytesPerRank);
        expect(
          memory.weightsBytesPerRank + memory.overheadBytesPerRank + memory.kvBytesPerRank,
        ).toBe(memory.budgetBytes);
        expect(Number.isInteger(memory.deviceBytes + memory.kvBytesPerRank)).toBe(true);
        expect(memory.kvTokensPerRank % request.blockTokens).toBe(0);
        expect(memory.kvTokensPerRank * memory.kvBytesPerToken).toBeLessThanOrEqual(
          Math.max(0, memory.kvBytesPerRank),
        );
        expect(memory.kvTokensPerGroup).toBe(memory.kvTokensPerRank * request.sharding.data);
        expect(memory.fits).toBe(memory.binding === undefined);
      }),
    );
  });

  test.each([
    { name: 'fitRank', fit: fitRank },
    { name: 'fitSglangRank', fit: fitSglangRank },
  ])('$name(): longer contexts and larger batches never fit better', ({ fit }) => {
    fc.assert(
      fc.property(anyRequest, fc.integer({ min: 2, max: 8 }), (request, factor) => {
        const contextTokens = request.contextTokens * factor;
        // From 0.33 on vLLM itself reserves rows of fewer contexts beyond 262,144 tokens.
        fc.pre(contextTokens <= 262_144 || request.contextTokens > 262_144);
        const longer = fit({ ...request, contextTokens });
        const batchedTokens = (request.step?.batchedTokens ?? 1) * factor;
        const larger = fit({ ...request, step: { behaviour, batchedTokens } });
        const memory = fit(request);
        expect(larger.kvTokensPerRank).toBeLessThanOrEqual(memory.kvTokensPerRank);
        expect(longer.kvTokensPerRank).toBeLessThanOrEqual(memory.kvTokensPerRank);
        if (!memory.fits) expect(longer.fits).toBe(false);
        if (!memory.fits) expect(larger.fits).toBe(false);
      }),
    );
  });
});
