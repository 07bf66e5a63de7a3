import { describe, expect, test } from 'vitest';
import {
  type FitRequest,
  fitRank,
  fitSglangRank,
  fitsWithMargin,
  type StaticFractionRequest,
  sglangDefaultFraction,
} from '../../../src/capacity/index.ts';
import {
  findMemoryBehaviour,
  type MemoryEngine,
  type ModelRow,
} from '../../../src/catalog/index.ts';
import { accelerator, cut, gib, model, r1, v32 } from '../catalog-rows.ts';

const w8a8 = model('vllm-ascend/DeepSeek-V3.2-W8A8');
const bf16 = model('Modelers_Park/DeepSeek-V3.2-Exp-BF16');

function step(engine: MemoryEngine, release: string, batchedTokens: number) {
  const behaviour = findMemoryBehaviour(engine, release);
  if (behaviour === undefined) throw new Error(`${engine} ${release} is not in the catalog`);
  return { behaviour, batchedTokens };
}

/** V3.2 on one node of 8 x H200 under vLLM 0.13 with its defaults. */
function aRequest(overrides: Partial<FitRequest> = {}): FitRequest {
  return {
    model: v32,
    accelerator: accelerator('h200'),
    sharding: cut(8),
    kvLayout: 'fp8-ds-mla',
    utilization: 0.9,
    contextTokens: 163_840,
    mtpTokens: 0,
    blockTokens: 64,
    step: step('vllm', '0.13.0', 8192),
    ...overrides,
  };
}

function onAscend(overrides: Partial<FitRequest>): FitRequest {
  return aRequest({
    model: w8a8,
    accelerator: accelerator('ascend-a2'),
    sharding: cut(8, 2),
    kvLayout: 'ascend-bf16',
    utilization: 0.92,
    blockTokens: 128,
    step: {
      ...step('vllm-ascend', '0.23.0', 4096),
      npu: { flashComm: true, fusedPreprocess: true },
    },
    ...overrides,
  });
}

function r1On(device: string, sharding: FitRequest['sharding'], row: ModelRow = r1): FitRequest {
  return aRequest({
    model: row,
    accelerator: accelerator(device),
    sharding,
    kvLayout: 'bf16',
    contextTokens: 32_768,
    utilization: 0.88,
    step: step('sglang', '0.5.12', 8192),
  });
}

const asBf16: ModelRow = { ...r1, weightFormat: 'bf16' };
const asMxfp4: ModelRow = { ...r1, weightFormat: 'mxfp4' };
const asNvfp4 = model('nvidia/DeepSeek-R1-FP4');

describe('fitRank() and fitSglangRank() agree with what is known to start or to fail', () => {
  test.each<{ what: string; fits: boolean; request: FitRequest; fit?: typeof fitRank }>([
    {
      what: 'V3.2 on 8 x H100 80 GB',
      fits: false,
      request: aRequest({ accelerator: accelerator('h100'), contextTokens: 8192 }),
    },
    {
      what: 'V3.2 on 8 x H20-96',
      fits: false,
      request: aRequest({ accelerator: accelerator('h20-96') }),
    },
    {
      what: 'V3.2 on 8 x H200, TP1 x DP8, at 163,840 tokens',
      fits: false,
      request: aRequest({ sharding: cut(1, 8) }),
    },
    {
      what: 'V3.2 on 8 x H200, TP1 x DP8, at 81,920 tokens',
      fits: true,
      request: aRequest({ sharding: cut(1, 8), contextTokens: 81_920 }),
    },
    {
      what: 'V3.2 on 8 x H200, TP2 x DP4, at 163,840 tokens',
      fits: true,
      request: aRequest({ sharding: cut(2, 4) }),
    },
    { what: 'V3.2 on 8 x H200, TP8', fits: true, request: aRequest() },
    {
      what: 'V3.2 on 8 x H200 with 32,768 batched tokens before the logits cap',
      fits: false,
      request: aRequest({ utilization: 0.85, step: step('vllm', '0.16.0', 32_768) }),
    },
    {
      what: 'the same after the logits cap',
      fits: true,
      request: aRequest({ utilization: 0.85, step: step('vllm', '0.18.1', 32_768) }),
    },
    {
      what: 'V3.2-W8A8 on one A3 node',
      fits: true,
      request: onAscend({ accelerator: accelerator('ascend-a3'), contextTokens: 8192 }),
    },
    {
      what: 'V3.2-W8A8 on two A2 nodes, TP8 x DP2, at 40,000 tokens',
      fits: true,
      request: onAscend({ contextTokens: 40_000 }),
    },
    {
      what: 'V3.2-W8A8 on one A2 node',
      fits: false,
      request: onAscend({ sharding: cut(8), contextTokens: 8192 }),
    },
    {
      what: 'V3.2 in BF16 on one A3 node',
      fits: false,
      request: onAscend({ model: bf16, contextTokens: 8192 }),
    },
    {
      what: 'V3.2 in BF16 on two A3 nodes',
      fits: true,
      // The guide that says so names no flags for it, and FlashComm 1 takes 4.2 GiB.
      request: onAscend({
        model: bf16,
        sharding: cut(8, 4),
        contextTokens: 8192,
        step: step('vllm-ascend', '0.23.0', 4096),
      }),
    },
    { what: 'R1 on 8 x MI300X', fits: true, request: r1On('mi300x', cut(8)), fit: fitSglangRank },
    { what: 'R1 on 8 x B200', fits: true, request: r1On('b200', cut(8)), fit: fitSglangRank },
    {
      what: 'R1 in BF16 on 2 x 8 H200',
      fits: true,
      request: r1On('h200', cut(16), asBf16),
      fit: fitSglangRank,
    },
    {
      what: 'R1 in BF16 on 2 x 8 MI300X',
      fits: true,
      request: r1On('mi300x', cut(16), asBf16),
      fit: fitSglangRank,
    },
    {
      what: 'R1 in BF16 on 8 x H200',
      fits: false,
      request: r1On('h200', cut(8), asBf16),
      fit: fitSglangRank,
    },
    {
      what: 'R1 in MXFP4 on 4 x MI355X',
      fits: true,
      request: r1On('mi355x', cut(4), asMxfp4),
      fit: fitSglangRank,
    },
    {
      what: 'R1 in NVFP4 on 4 x B200',
      fits: true,
      request: r1On('b200', cut(4), asNvfp4),
      fit: fitSglangRank,
    },
  ])('$what: $fits', ({ fits, request, fit = fitRank }) => {
    expect(fit(request).fits).toBe(fits);
  });

  test('names the uncapped logits as the term that binds', () => {
    const memory = fitRank(aRequest({ utilization: 0.85, step: step('vllm', '0.16.0', 32_768) }));
    expect(memory.binding?.term).toBe('indexer logits');
  });
});

describe('fitsWithMargin()', () => {
  const now = step('vllm', '0.33.0', 8192);
  const packed = { kvLayout: 'fp8-ds-mla', contextTokens: 131_072 } as const;
  test.each([
    {
      what: 'TP1 x DP8 with 81,920 tokens of BF16 cache',
      request: { sharding: cut(1, 8), kvLayout: 'bf16', contextTokens: 81_920 } as const,
      roomy: false,
    },
    { what: 'TP2 x DP4', request: { ...packed, sharding: cut(2, 4) }, roomy: true },
    { what: 'TP8', request: { ...packed, sharding: cut(8) }, roomy: true },
  ])('$what on 8 x H200: $roomy', ({ request, roomy }) => {
    const memory = fitRank(aRequest({ ...request, utilization: 0.92, step: now }));
    expect(memory.fits).toBe(true);
    expect(fitsWithMargin(memory)).toBe(roomy);
  });
});

describe('fitRank() keeps peaks apart from what the release counts', () => {
  test('graphs move from the peaks into the sum with vLLM 0.20', () => {
    const names = (release: string) => {
      const { overheads, peaks } = fitRank(aRequest({ step: step('vllm', release, 8192) }));
      return [overheads, peaks].map((terms) => terms.some(({ name }) => name === 'CUDA graphs'));
    };
    expect(names('0.18.1')).toEqual([false, true]);
    expect(names('0.20.0')).toEqual([true, false]);
    expect(names('0.25.1')).toEqual([true, false]);
  });

  test('a stated overhead replaces the sum', () => {
    const measured = { overheadBytes: 7.54 * gib, weightsBytes: 80.78 * gib, source: 'log' };
    const memory = fitRank(aRequest({ utilization: 0.85, measured }));
    expect((memory.kvBytesPerRank / gib).toFixed(2)).toBe('30.51');
  });
});

describe('sglangDefaultFraction()', () => {
  const h200 = 143_771;
  const fraction = (release: string, request: Omit<StaticFractionRequest, 'deviceBytes'>) => {
    const reserve = findMemoryBehaviour('sglang', release)?.staticReserve;
    if (reserve === undefined) throw new Error(`SGLang ${release} has no rule`);
    return sglangDefaultFraction({ deviceBytes: h200 * 2 ** 20, reserve, ...request });
  };

  test.each([
    { what: 'TP8', sharding: cut(8), deepEp: false, expected: 0.897 },
    { what: 'data-parallel attention over 8', sharding: cut(1, 8), deepEp: false, expected: 0.769 },
    { what: 'the same with DeepEP', sharding: cut(1, 8), deepEp: true, expected: 0.754 },
  ])('$what on H200 under 0.5.23 is $expected', ({ sharding, deepEp, expected }) => {
    expect(fraction('0.5.23', { sharding, deepEp })).toBe(expected);
  });

  test.each([
    { release: '0.4.3', sharding: cut(16), drafts: false, expected: 0.79 },
    { release: '0.4.3', sharding: cut(8), drafts: true, expected: 0.81 },
    { release: '0.4.10', sharding: cut(8), drafts: false, expected: 0.886 },
    { release: '0.4.10', sharding: cut(1, 8), drafts: true, expected: 0.843 },
    { release: '0.5.9', sharding: cut(8), drafts: true, expected: 0.882 },
    { release: '0.5.12', sharding: cut(8), drafts: true, expected: 0.868 },
    { release: '0.5.23', sharding: cut(8), drafts: true, expected: 0.897 },
  ])('$release, drafts $drafts, is $expected', ({ release, sharding, drafts, expected }) => {
    expect(fraction(release, { sharding, drafts })).toBe(expected);
  });

  test('is half where the rule leaves less: 4,096 tokens for each of 16 data ranks', () => {
    const sharding = cut(1, 16);
    expect(fraction('0.5.23', { sharding, chunkedPrefillTokens: 16 * 4096 * 2 })).toBe(0.5);
  });

  test('0.5.9 gives MI355X the fraction that a log of GLM-5 was started with', () => {
    const deviceBytes = 288 * gib;
    expect(sglangDefaultFraction({ deviceBytes, sharding: cut(8) })).toBe(0.908);
  });
});
