import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Candidate,
  fitRank,
  type OperatingPoint,
  type SearchRequest,
  type SearchResult,
  searchLayouts,
  slowestThroughputTpotMs,
} from '../../../src/capacity/index.ts';
import { findMemoryBehaviour } from '../../../src/catalog/index.ts';
import { accelerator, gib, v32 } from '../catalog-rows.ts';

function isLegal({ layout, nodesPerGroup, mtpTokens }: Candidate): boolean {
  const ways = layout.tensor * layout.data;
  const experts = layout.expert ? 256 % ways === 0 : 2048 / ways >= 128;
  const drafts = layout.pipeline === 1 || mtpTokens === 0;
  return (
    experts && drafts && layout.tensor * layout.pipeline <= 8 && layout.data % nodesPerGroup === 0
  );
}

/** V3.2 under vLLM 0.33 on nodes of 8 H200, FP8 cache, 1K prompts and answers. */
function aSearch(overrides: Partial<SearchRequest> = {}): SearchRequest {
  const behaviour = findMemoryBehaviour('vllm', '0.33.0');
  if (behaviour === undefined) throw new Error('vLLM 0.33.0 is not in the catalog');
  return {
    engine: 'vllm',
    model: v32,
    accelerator: accelerator('h200'),
    nodes: 2,
    devicesPerNode: 8,
    kvLayouts: ['fp8-ds-mla'],
    mtpTokens: [0],
    fit: fitRank,
    fitSettings: {
      utilization: 0.92,
      contextTokens: 131_072,
      blockTokens: 64,
      step: { behaviour, batchedTokens: 8192 },
    },
    isLegal,
    workload: { inputTokens: 1024, outputTokens: 1024 },
    objective: { kind: 'throughput' },
    ...overrides,
  };
}

function chosen(result: SearchResult): OperatingPoint {
  if (result.kind !== 'found') throw new Error(`not found: ${result.kind}`);
  return result.chosen;
}

describe('searchLayouts()', () => {
  test('takes TP2 x DP4 for throughput on one H200 node, as published advice does', () => {
    // The advice spreads the experts, too; here that costs more of the cache than it gains.
    const { candidate } = chosen(searchLayouts(aSearch({ nodes: 1 })));
    expect(candidate.layout).toMatchObject({ tensor: 2, data: 4, pipeline: 1, expert: false });
  });

  test('takes for throughput no load at which a token takes more than 100 ms, and nearly that one', () => {
    const result = searchLayouts(
      aSearch({ nodes: 1, workload: { inputTokens: 2048, outputTokens: 256 } }),
    );
    const slowest = Math.max(
      ...(result.kind === 'found' ? result.front.map(({ estimate }) => estimate.tpotMs.p50) : []),
    );
    expect(slowest).toBeGreaterThan(slowestThroughputTpotMs);
    const { tpotMs } = chosen(result).estimate;
    expect(tpotMs.p50).toBeLessThanOrEqual(slowestThroughputTpotMs);
    expect(tpotMs.p50).toBeGreaterThan(0.85 * slowestThroughputTpotMs);
  });

  test('takes the most tensor ranks of a node for latency', () => {
    const { candidate } = chosen(searchLayouts(aSearch({ objective: { kind: 'latency' } })));
    expect(candidate.layout).toMatchObject({ tensor: 8, data: 1 });
  });

  test('keeps all limits with the fewest nodes', () => {
    const objective = { kind: 'limits', tpotMs: 50, ttftMs: 2000, concurrency: 64 } as const;
    const point = chosen(searchLayouts(aSearch({ nodes: 4, objective })));
    expect(point.estimate.tpotMs.p50).toBeLessThanOrEqual(50);
    expect(point.estimate.ttftMs.p50).toBeLessThanOrEqual(2000);
    expect(point.groups * point.candidate.nodesPerGroup).toBe(1);
  });

  test('spreads a load over more groups when one is too slow', () => {
    const objective = { kind: 'limits', tpotMs: 25, concurrency: 256 } as const;
    const point = chosen(searchLayouts(aSearch({ nodes: 4, objective })));
    expect(point.groups * point.candidate.nodesPerGroup).toBeGreaterThan(1);
    expect(point.estimate.tpotMs.p50).toBeLessThanOrEqual(25);
  });

  test('tells what is best when limits cannot be kept', () => {
    const objective = { kind: 'limits', tpotMs: 1, concurrency: 64 } as const;
    const result = searchLayouts(aSearch({ objective }));
    expect(result.kind).toBe('limits-unreachable');
    if (result.kind !== 'limits-unreachable') return;
    expect(result.missedByFactor).toBeGreaterThan(1);
    expect(result.missedByFactor).toBeCloseTo(result.best.estimate.tpotMs.p50, 6);
  });

  test('names the closest candidate when nothing fits', () => {
    const small = { ...accelerator('h200'), memoryBytes: 60 * gib };
    const result = searchLayouts(aSearch({ nodes: 1, accelerator: small }));
    expect(result.kind).toBe('none-fits');
    if (result.kind !== 'none-fits') return;
    expect(result.counts.fitting).toBe(0);
    expect(result.closest?.memory.binding?.missingBytes).toBeGreaterThan(0);
  });

  test('considers only group sizes it is given, and no illegal layout', () => {
    const result = searchLayouts(aSearch({ nodes: 4, nodesPerGroup: [2] }));
    if (result.kind !== 'found') throw new Error(result.kind);
    for (const { candidate } of result.front) {
      expect(candidate.nodesPerGroup).toBe(2);
      expect(isLegal(candidate)).toBe(true);
    }
    expect(searchLayouts(aSearch({ isLegal: () => false }))).toMatchObject({
      kind: 'none-fits',
      counts: { legal: 0 },
    });
  });

  test('every candidate uses all devices of its group, fits, and the front is a front', () => {
    const anySearch = fc.record({
      nodes: fc.constantFrom(1, 2, 3, 4, 6),
      mtpTokens: fc.constantFrom([0], [0, 1]),
    });
    fc.assert(
      fc.property(anySearch, ({ nodes, mtpTokens }) => {
        const result = searchLayouts(aSearch({ nodes, mtpTokens }));
        if (result.kind === 'none-fits') return;
        const speeds = result.front.map(({ estimate }) => estimate.tpotMs.p50);
        const rates = result.front.map(
          ({ estimate }) => estimate.outputTokensPerSecondPerDevice.p50,
        );
        expect(speeds).toEqual(speeds.toSorted((a, b) => a - b));
        expect(rates).toEqual(rates.toSorted((a, b) => a - b));
        for (const { candidate, memory } of result.front) {
          const { tensor, data, pipeline } = candidate.layout;
          expect(tensor * data * pipeline).toBe(candidate.nodesPerGroup * 8);
          expect(memory.fits).toBe(true);
        }
      }),
      { numRuns: 12 },
    );
  });

  test('looks at no more requests than the engine runs at once', () => {
    const most = ({ layout }: Candidate) => Math.max(1, Math.floor(48 / layout.data));
    const { front } = searchLayouts(aSearch({ nodes: 1, maxSequencesPerRank: most })) as Extract<
      SearchResult,
      { kind: 'found' }
    >;
    expect(Math.max(...front.map(({ concurrency }) => concurrency))).toBe(48);
  });

  test('gives the same answer for the same question', () => {
    const answer = () => JSON.stringify(searchLayouts(aSearch({ nodes: 4 })));
    expect(answer()).toBe(answer());
  });
});
