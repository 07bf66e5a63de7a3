import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type FitRequest,
  findFixes,
  fitRank,
  largestContext,
} from '../../../src/capacity/index.ts';
import { findMemoryBehaviour } from '../../../src/catalog/index.ts';
import { accelerator, cut, v32 } from '../catalog-rows.ts';

/** TP1 x DP8 on one node: 131,072 tokens in BF16 are too many. */
function aRequest(overrides: Partial<FitRequest> = {}): FitRequest {
  return {
    model: v32,
    accelerator: accelerator('h200'),
    sharding: cut(1, 8),
    kvLayout: 'bf16',
    utilization: 0.85,
    contextTokens: 131_072,
    mtpTokens: 0,
    blockTokens: 64,
    ...overrides,
  };
}

describe('findFixes()', () => {
  test('offers changes that each make the layout fit', () => {
    const request = aRequest({ contextTokens: 163_840, utilization: 0.82 });
    expect(fitRank(request).fits).toBe(false);
    const fixes = findFixes(request, fitRank, ['fp8-ds-mla']);
    expect(fixes.map(({ change }) => change)).toEqual(['cache', 'context', 'utilization']);
    const changes = [
      { kvLayout: 'fp8-ds-mla' as const },
      { contextTokens: largestContext(request, fitRank) ?? Number.NaN },
      { utilization: 0.95 },
    ];
    for (const change of changes) expect(fitRank({ ...request, ...change }).fits).toBe(true);
  });

  test('offers smaller steps where they are known, and to drop the draft module', () => {
    const behaviour = findMemoryBehaviour('vllm', '0.33.0');
    if (behaviour === undefined) throw new Error('vLLM 0.33.0 is not in the catalog');
    const request = aRequest({
      utilization: 0.9,
      contextTokens: 120_000,
      mtpTokens: 1,
      step: { behaviour, batchedTokens: 8192 },
    });
    const changes = findFixes(request, fitRank).map(({ change }) => change);
    expect(changes).toContain('batched-tokens');
  });

  test('offers nothing when only more devices help', () => {
    const request = aRequest({ accelerator: accelerator('h100') });
    expect(findFixes(request, fitRank, ['fp8-ds-mla'])).toEqual([]);
  });
});

describe('largestContext()', () => {
  test('is the longest that fits', () => {
    const anyRequest = fc.record({
      utilization: fc.double({ min: 0.75, max: 0.9, noNaN: true }),
      kvLayout: fc.constantFrom('bf16' as const, 'fp8-ds-mla' as const),
    });
    fc.assert(
      fc.property(anyRequest, (overrides) => {
        const request = aRequest({ ...overrides, contextTokens: 163_840 });
        const contextTokens = largestContext(request, fitRank);
        if (contextTokens === undefined) return;
        expect(fitRank({ ...request, contextTokens }).fits).toBe(true);
        const longer = contextTokens + 1024;
        if (longer < 163_840) {
          expect(fitRank({ ...request, contextTokens: longer }).fits).toBe(false);
        }
      }),
    );
  });
});
