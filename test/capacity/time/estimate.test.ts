import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  activeParameters,
  chooseConstants,
  distinctExperts,
  type Estimate,
  type EstimateRequest,
  estimateServing,
  fitRank,
  fitSglangRank,
  fitTimeConstants,
  leaveOneOut,
  prefillFlops,
  type ServingEstimate,
  scoreHeldOut,
  type TimedRow,
  timedRow,
  tokensPerStep,
  workloadIssues,
} from '../../../src/capacity/index.ts';
import { measurements, timeConstants } from '../../../src/catalog/index.ts';
import { accelerator, cut, model, r1, v32 } from '../catalog-rows.ts';

type Estimated = Extract<ServingEstimate, { kind: 'estimated' }>;

/** R1 on 8 x H200 with SGLang, 16 requests of 1K and 1K. */
function aRequest(overrides: Partial<EstimateRequest> = {}): EstimateRequest {
  const placement = overrides.placement ?? {
    model: r1,
    accelerator: accelerator('h200'),
    layout: cut(8),
    kvLayout: 'bf16' as const,
  };
  const memory = fitSglangRank({
    model: placement.model,
    accelerator: placement.accelerator,
    sharding: placement.layout,
    kvLayout: placement.kvLayout,
    utilization: 0.88,
    contextTokens: 8192,
    mtpTokens: 0,
    blockTokens: 64,
  });
  return {
    engine: 'sglang',
    placement,
    workload: { inputTokens: 1000, outputTokens: 1000, concurrency: 16 },
    memory,
    ...overrides,
  };
}

function estimated(request: EstimateRequest): Estimated {
  const result = estimateServing(request);
  if (result.kind !== 'estimated') throw new Error(`does not fit: ${JSON.stringify(result)}`);
  return result;
}

function load(concurrency: number, rest: Partial<EstimateRequest['workload']> = {}) {
  return { workload: { inputTokens: 1000, outputTokens: 1000, concurrency, ...rest } };
}

const rows = measurements.map(timedRow);

function rowsOf(prefix: string): TimedRow[] {
  return rows.filter(({ row }) => row.id.startsWith(prefix) && row.concurrency <= 64);
}

describe('work of a step', () => {
  test.each([
    { tokens: 4, experts: 31 },
    { tokens: 8, experts: 57 },
    { tokens: 16, experts: 102 },
    { tokens: 32, experts: 163 },
    { tokens: 64, experts: 222 },
  ])('$tokens tokens reach $experts of 256 experts', ({ tokens, experts }) => {
    expect(Math.round(distinctExperts(v32.architecture, tokens))).toBe(experts);
  });

  test.each([
    { row: v32, gigaflops: 73.1 },
    { row: r1, gigaflops: 71.4 },
  ])('$row.id needs $gigaflops GF per token in matrices', ({ row, gigaflops }) => {
    expect((2 * activeParameters(row)) / 1e9).toBeCloseTo(gigaflops, 0);
  });

  test('sparse prefill is cheaper than dense beyond about 7K tokens and never dearer by much', () => {
    const dense = (tokens: number) => prefillFlops(r1, tokens, tokens);
    const sparse = (tokens: number) => prefillFlops(v32, tokens, tokens);
    expect(sparse(131_072) / dense(131_072)).toBeLessThan(0.5);
    expect(sparse(4096) / dense(4096)).toBeLessThan(1.08);
  });

  // Cost of a token at a position, read off the cost figure of the V3.2 report on H800.
  test.each([
    { position: 1024, published: 0.053 / 0.061, tolerance: 0.2 },
    { position: 131_072, published: 0.666 / 0.187, tolerance: 0.2 },
  ])('V3.1 against V3.2 prefill at $position tokens', ({ position, published, tolerance }) => {
    const ratio = prefillFlops(r1, 1, position) / prefillFlops(v32, 1, position);
    expect(Math.abs(ratio / published - 1)).toBeLessThan(tolerance);
  });

  test.each([
    { drafts: 0, gained: 1 },
    { drafts: 1, gained: 1.8 },
    { drafts: 3, gained: 2.952 },
  ])('$drafts draft tokens at 80 % gain $gained tokens a step', ({ drafts, gained }) => {
    expect(tokensPerStep(drafts, 0.8)).toBeCloseTo(gained, 10);
  });
});

describe('time model on rows it was not fitted on', () => {
  test.each(timeConstants)('$engine on $device: TPOT within 15 %, TTFT within 30 %', (entry) => {
    const { tpotMape, ttftMape } = leaveOneOut(rowsOf(entry.fittedOn));
    expect(tpotMape).toBeLessThan(0.15);
    expect(ttftMape).toBeLessThan(0.3);
    expect(tpotMape).toBeCloseTo(entry.error.tpot, 2);
    expect(ttftMape).toBeCloseTo(entry.error.ttft, 2);
  });

  test.each(timeConstants)('$engine on $device: loads 8 and 32 from 4, 16 and 64', (entry) => {
    const all = rowsOf(entry.fittedOn);
    const isTraining = ({ row }: TimedRow) => [4, 16, 64].includes(row.concurrency);
    const { tpotMape, ttftMape } = scoreHeldOut(
      all.filter(isTraining),
      all.filter((row) => !isTraining(row)),
    );
    expect(tpotMape).toBeLessThan(0.05);
    expect(ttftMape).toBeLessThan(0.25);
  });

  test('efficiencies of H200 carry over to B200', () => {
    const { tpotMape } = scoreHeldOut(rowsOf('h200-sglang-tp8-'), rowsOf('b200-sglang-tp8-'));
    expect(tpotMape).toBeLessThan(0.05);
  });

  test.each(timeConstants)('constants of $engine on $device follow from the rows', (entry) => {
    const fitted = fitTimeConstants(rowsOf(entry.fittedOn));
    for (const [name, value] of Object.entries(fitted)) {
      const stored = entry.constants[name as keyof typeof fitted];
      expect(Math.abs(value - stored)).toBeLessThanOrEqual(0.002 * Math.max(0.1, stored));
    }
  });
});

describe('estimateServing() orders layouts as measured', () => {
  test.each([
    ['h200-vllm-tp8-sharegpt', 'h200-vllm-dp8-sharegpt'],
    ['h200-sglang-tp8-sharegpt', 'h200-sglang-dp8-sharegpt'],
    ['h200-vllm-tp8-2k-100', 'h200-sglang-dp8-2k-100'],
  ] as const)('%s before %s', (slower, faster) => {
    const rate = (id: string) => totalOf(id).p50;
    expect(rate(slower)).toBeLessThan(rate(faster));
  });

  test('TP2 x DP4 beats TP8 for V3.2 on one H200 node under load (LMCache#2521)', () => {
    const rate = (tensor: number, data: number) => {
      const layout = cut(tensor, data);
      const placement = {
        model: v32,
        accelerator: accelerator('h200'),
        layout,
        kvLayout: 'bf16' as const,
      };
      const request = aRequest({ engine: 'vllm', placement, ...load(128) });
      return estimated(request).outputTokensPerSecond.p50;
    };
    expect(rate(2, 4)).toBeGreaterThan(rate(8, 1));
  });
});

function totalOf(id: string): Estimate {
  const found = rows.find(({ row }) => row.id === id);
  if (found === undefined) throw new Error(`measurement ${id} is missing`);
  const { row, placement, workload } = found;
  const memory = (row.engine === 'sglang' ? fitSglangRank : fitRank)({
    ...placement,
    sharding: row.layout,
    utilization: 0.88,
    contextTokens: row.inputTokens + row.outputTokens,
    mtpTokens: 0,
    blockTokens: 64,
  });
  const maxSequencesPerRank = row.engine === 'sglang' ? 2048 : 1024;
  const question = { engine: row.engine, placement, workload, memory, maxSequencesPerRank };
  const { outputTokensPerSecond: output } = estimated(question);
  const both = 1 + row.inputTokens / row.outputTokens;
  return { ...output, p50: output.p50 * both, low: output.low * both, high: output.high * both };
}

describe('estimateServing() says how sure it is', () => {
  test.each(measurements.filter((row) => row.totalTokensPerSecond !== undefined))(
    '$id lies in its band',
    (row) => {
      const { low, high, label } = totalOf(row.id);
      expect(label).toBe('extrapolated');
      expect(row.totalTokensPerSecond).toBeGreaterThanOrEqual(low);
      expect(row.totalTokensPerSecond).toBeLessThanOrEqual(high);
    },
  );

  test('quotes a published row of exactly the same case', () => {
    const result = estimated(aRequest(load(16, { inputTokens: 1024, outputTokens: 1024 })));
    expect(result.tpotMs).toMatchObject({ p50: 16.63, label: 'measured' });
    expect(result.ttftMs).toMatchObject({ p50: 285.9, label: 'measured' });
    expect(result.tpotMs.source).toContain('h200-sglang-tp8-1k-1k-c16');
  });

  test.each<{ what: string; request: Partial<EstimateRequest>; from: string }>([
    { what: 'another engine', request: { engine: 'vllm' }, from: 'engine sglang' },
    { what: 'a heavier load', request: load(256), from: 'concurrency 4 to 64' },
    { what: 'draft tokens', request: load(16, { mtpTokens: 1 }), from: 'no draft tokens' },
    {
      what: 'cached prompts',
      request: load(16, { prefixHitRatio: 0.5 }),
      from: 'no cached prefix',
    },
    {
      what: 'another model',
      request: {
        placement: {
          model: v32,
          accelerator: accelerator('h200'),
          layout: cut(8),
          kvLayout: 'bf16',
        },
      },
      from: 'model deepseek-ai/DeepSeek-R1',
    },
    {
      what: 'another device',
      request: {
        placement: {
          model: r1,
          accelerator: accelerator('mi325x'),
          layout: cut(8),
          kvLayout: 'bf16',
        },
      },
      from: 'device',
    },
  ])('$what is extrapolated with a wider band', ({ request, from }) => {
    const near = estimated(aRequest()).tpotMs;
    const far = estimated(aRequest(request)).tpotMs;
    expect(near.label).toBe('interpolated');
    expect(far.label).toBe('extrapolated');
    expect(far.source).toContain(from);
    expect(far.high / far.low).toBeGreaterThan(near.high / near.low);
  });

  test('gives no latency for a layout that does not fit', () => {
    const placement = {
      model: r1,
      accelerator: accelerator('h100'),
      layout: cut(8),
      kvLayout: 'bf16' as const,
    };
    const result = estimateServing(aRequest({ placement }));
    expect(result.kind).toBe('does-not-fit');
    expect(result).toMatchObject({ binding: { term: 'weights' } });
  });

  test('says beyond the calibrated load that times and rates are best cases', () => {
    const calibrated = estimated(aRequest(load(64)));
    const beyond = estimated(aRequest(load(512)));
    expect(calibrated.tpotMs.bound).toBeUndefined();
    expect(beyond.tpotMs.bound).toBe('lower');
    expect(beyond.outputTokensPerSecond.bound).toBe('upper');
    const { p50, low, high } = beyond.tpotMs;
    expect(high / p50).toBeGreaterThan(p50 / low);
  });

  test('lets requests beyond the cache wait', () => {
    const held = estimated(aRequest(load(10_000)));
    expect(held.inFlight).toBeLessThan(1000);
    expect(held.ttftMs.p50).toBeGreaterThan(10_000);
  });
});

describe('the time to the first token', () => {
  const held = { maxSequencesPerRank: 32 };

  test('holds no wait where every request runs at once, however long the answers are', () => {
    const of = (outputTokens: number) =>
      estimated(aRequest({ ...held, ...load(32, { outputTokens }) }));
    expect(of(2048).ttftMs.p50 / of(300).ttftMs.p50).toBeCloseTo(1, 1);
  });

  test('holds the answers before it: with twice as many requests as run, one', () => {
    const of = (concurrency: number) => estimated(aRequest({ ...held, ...load(concurrency) }));
    const [alone, queued] = [of(32), of(64)];
    expect([alone.inFlight, queued.inFlight]).toEqual([32, 32]);
    const answerMs = alone.ttftMs.p50 + 999 * alone.tpotMs.p50;
    expect(queued.ttftMs.p50 - alone.ttftMs.p50).toBeCloseTo(answerMs, 3);
  });

  test('counts prompts and answers by their own lengths', () => {
    const { inputTokensPerSecond: input, outputTokensPerSecond: output } = estimated(
      aRequest(load(16, { inputTokens: 3000, outputTokens: 300 })),
    );
    expect(input.p50 / output.p50).toBeCloseTo(10);
  });
});

describe('estimateServing() invariants', () => {
  const anyLoad = fc.record({
    inputTokens: fc.integer({ min: 64, max: 8192 }),
    outputTokens: fc.integer({ min: 16, max: 4096 }),
    concurrency: fc.integer({ min: 1, max: 128 }),
    prefixHitRatio: fc.double({ min: 0, max: 1, noNaN: true }),
    mtpTokens: fc.integer({ min: 0, max: 3 }),
  });
  const layouts = fc.constantFrom(cut(8), cut(2, 4), cut(1, 8), cut(4, 1, 2));

  test('bands hold their middle, and rates follow from times', () => {
    fc.assert(
      fc.property(anyLoad, layouts, (workload, layout) => {
        const placement = {
          model: v32,
          accelerator: accelerator('h200'),
          layout,
          kvLayout: 'bf16' as const,
        };
        const result = estimateServing(aRequest({ placement, workload }));
        if (result.kind !== 'estimated') return;
        for (const part of [result.ttftMs, result.tpotMs, result.outputTokensPerSecond]) {
          expect(part.low).toBeLessThan(part.p50);
          expect(part.high).toBeGreaterThan(part.p50);
          expect(Number.isFinite(part.high)).toBe(true);
          expect(part.low).toBeGreaterThan(0);
        }
        const devices = layout.tensor * layout.data * layout.pipeline;
        const all = result.outputTokensPerSecondPerDevice.p50 * devices;
        expect(all).toBeCloseTo(result.outputTokensPerSecond.p50, 6);
      }),
    );
  });

  test('more requests, longer prompts and fewer cached tokens are never faster', () => {
    fc.assert(
      fc.property(anyLoad, layouts, (workload, layout) => {
        const placement = {
          model: v32,
          accelerator: accelerator('h200'),
          layout,
          kvLayout: 'bf16' as const,
        };
        // A full cache lets requests wait, and those that run are then no slower.
        const tpot = (changed: Partial<typeof workload>) => {
          const request = aRequest({ placement, workload: { ...workload, ...changed } });
          const result = estimateServing(request);
          const runs =
            result.kind === 'estimated' && result.inFlight === request.workload.concurrency;
          return runs ? result.tpotMs.p50 : Number.POSITIVE_INFINITY;
        };
        const base = tpot({});
        fc.pre(Number.isFinite(base));
        expect(tpot({ concurrency: workload.concurrency * 2 })).toBeGreaterThanOrEqual(base);
        expect(tpot({ inputTokens: workload.inputTokens * 2 })).toBeGreaterThanOrEqual(base);
        expect(tpot({ prefixHitRatio: 0 })).toBeGreaterThanOrEqual(base - 1e-9);
      }),
    );
  });
});

describe('chooseConstants()', () => {
  test.each([
    { engine: 'sglang', device: 'h200', expected: 'sglang h200' },
    { engine: 'vllm', device: 'h200', expected: 'sglang h200' },
    { engine: 'vllm', device: 'mi350x', expected: 'vllm-atom mi355x' },
    { engine: 'sglang', device: 'h20-96', expected: 'sglang h200' },
    { engine: 'sglang', device: 'b200', expected: 'sglang b200' },
  ])('$engine on $device takes $expected', ({ engine, device, expected }) => {
    const placement = {
      model: r1,
      accelerator: accelerator(device),
      layout: cut(8),
      kvLayout: 'bf16' as const,
    };
    const { row } = chooseConstants(engine, placement);
    expect(`${row.engine} ${row.device}`).toBe(expected);
  });
});

describe('workloadIssues()', () => {
  test.each([
    { field: 'concurrency', workload: { concurrency: 0 } },
    { field: 'inputTokens', workload: { inputTokens: -5 } },
    { field: 'outputTokens', workload: { outputTokens: Number.NaN } },
    { field: 'prefixHitRatio', workload: { prefixHitRatio: 1.2 } },
    { field: 'inputTokens', workload: { inputTokens: 200_000 } },
  ])('refuses $workload', ({ field, workload }) => {
    const whole = { inputTokens: 1024, outputTokens: 1024, concurrency: 4, ...workload };
    const { maxContextTokens } = model('deepseek-ai/DeepSeek-V3.2').architecture;
    expect(workloadIssues(whole, maxContextTokens).map((issue) => issue.field)).toContain(field);
  });

  test('accepts a workload within the context', () => {
    const workload = { inputTokens: 1024, outputTokens: 1024, concurrency: 4 };
    expect(workloadIssues(workload, 163_840)).toEqual([]);
  });
});
