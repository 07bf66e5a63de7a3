import { describe, expect, test } from 'vitest';
import { type LogStatement, replayStartup } from '../../../src/capacity/index.ts';
import { accelerator, cut, gib, model, r1 } from '../catalog-rows.ts';

interface ObservedLine extends Partial<LogStatement> {
  readonly log: string;
  readonly fraction: number;
  readonly freeGib?: number;
  readonly weightsGib?: number;
  readonly tokens: number;
}

/**
 * GLM-5.2-MXFP4 on MI355X under SGLang 0.5.15.post1, FP8 cache.
 *
 * @source start-up logs in AMD-AGI/Infera, packups of 2026-07-28 to 2026-08-06
 */
const infera: readonly ObservedLine[] = [
  line('TP8 EP8, 0.7', cut(8, 1, 1, true), 0.7, 53.61, 2_821_248, { customAllReduce: false }),
  line('TP8 EP8, 0.8', cut(8, 1, 1, true), 0.8, 53.61, 3_263_680),
  line('TP8 with drafts, 0.82', cut(8), 0.82, 52.62, 3_295_488, { mtpTokens: 3 }),
  line('DP8 EP8, 0.82', cut(1, 8), 0.82, 75.92, 2_937_920),
  line('DP8 EP8 with drafts, 0.82', cut(1, 8), 0.82, 75.92, 2_811_584, { mtpTokens: 3 }),
  line('DP8 EP8 with drafts, 0.80', cut(1, 8), 0.8, 75.92, 2_705_280, { mtpTokens: 3 }),
  line('DP8 EP8, 0.85', cut(1, 8), 0.85, 75.93, 3_215_360, { customAllReduce: false }),
  line('DP8 EP8, 0.88', cut(1, 8), 0.88, 75.93, 3_380_992, { customAllReduce: false }),
  line('DP8 EP8 with drafts, 0.85', cut(1, 8), 0.85, 75.93, 3_085_504, {
    customAllReduce: false,
    mtpTokens: 3,
  }),
  line('DP4 EP4, 0.7', cut(1, 4), 0.7, 121.34, 1_428_992),
  line('DP8 EP8, 0.7', cut(1, 8), 0.7, 75.93, 2_387_200, { customAllReduce: false }),
  // Looked up after the repairs.
  line('DP8 EP8, 0.88 with the custom all-reduce', cut(1, 8), 0.88, 75.92, 3_260_672),
  line('DP8 EP8, 0.80 with it', cut(1, 8), 0.8, 75.92, 2_829_952),
  line('DP8 EP8, 0.85 with it', cut(1, 8), 0.85, 75.92, 3_099_136),
  line('DP8 EP8 with drafts, 0.80 without', cut(1, 8), 0.8, 75.93, 2_812_672, {
    customAllReduce: false,
    mtpTokens: 3,
  }),
];

function line(
  layout: string,
  sharding: LogStatement['sharding'],
  fraction: number,
  weightsGib: number,
  tokens: number,
  more: Partial<LogStatement> = {},
): ObservedLine {
  return { log: `GLM-5.2-MXFP4, ${layout}`, sharding, fraction, weightsGib, tokens, ...more };
}

/** @source report of a prefill and decode pair of GLM-5.2-FP8 on MI325X, looked up after the repairs */
function onMi325x(
  what: string,
  fraction: number,
  tokens: number,
  more: Partial<LogStatement> = {},
): ObservedLine {
  return {
    log: `GLM-5.2-FP8 on 8 x MI325X under SGLang 0.5.16, ${what}`,
    release: '0.5.16',
    model: model('zai-org/GLM-5.2-FP8'),
    accelerator: accelerator('mi325x'),
    sharding: cut(1, 8, 1, false),
    fraction,
    contextTokens: 1_048_576,
    batchedTokens: 16_384,
    customAllReduce: false,
    tokens,
    ...more,
  };
}

const others: readonly ObservedLine[] = [
  onMi325x('fraction 0.85', 0.85, 2_194_496),
  onMi325x('fraction 0.80', 0.8, 1_949_568),
  onMi325x('fraction 0.85 with drafts', 0.85, 2_100_544, { mtpTokens: 3 }),
  {
    log: 'AMD-AGI/Infera, GLM-5.1-FP8, SGLang 0.5.14, TP4 in BF16',
    release: '0.5.14',
    model: model('zai-org/GLM-5.1-FP8'),
    sharding: cut(4),
    kvLayout: 'bf16',
    fraction: 0.85,
    weightsGib: 175.81,
    tokens: 651_712,
  },
  {
    log: 'ajith-sirra-amd/Issues, Kimi-K2.5 on 8 x MI355X, whose weights with a vision tower are stated',
    release: '0.5.8',
    model: model('moonshotai/Kimi-K2-Thinking'),
    sharding: cut(8),
    kvLayout: 'bf16',
    fraction: 0.8260405859375,
    blockTokens: 1,
    measured: { freeBytes: 283.53 * gib, weightsBytes: 73.58 * gib, source: 'log' },
    tokens: 2_454_391,
  },
  {
    log: '/server_info of R1 at TP16 on 2 nodes of 80 GB, spring 2026',
    release: '0.5.9',
    model: r1,
    accelerator: accelerator('h100'),
    sharding: cut(16),
    kvLayout: 'bf16',
    fraction: 0.8,
    blockTokens: 1,
    tokens: 326_223,
  },
  {
    log: '/server_info of Kimi-K2.6 at TP16 on 2 x 8 H800, spring 2026, vision tower loaded',
    release: '0.5.10',
    model: model('moonshotai/Kimi-K2.6'),
    accelerator: accelerator('h800'),
    sharding: cut(16),
    kvLayout: 'bf16',
    fraction: 0.732337744140625,
    blockTokens: 1,
    tokens: 295_115,
  },
  {
    log: 'ai-dynamo/aisimulate#263, R1 on 8 x H200 in September 2026, about 509,000',
    release: '0.5.23',
    model: r1,
    accelerator: accelerator('h200'),
    sharding: cut(8),
    kvLayout: 'bf16',
    fraction: 0.82,
    blockTokens: 1,
    tokens: 509_000,
  },
  {
    log: 'sgl-project/sglang, TestGLM52TPMTP on 8 x H200, July 2026: a floor of 199,330 is 0.99 times it',
    model: model('zai-org/GLM-5.2-FP8'),
    accelerator: accelerator('h200'),
    sharding: cut(8),
    kvLayout: 'bf16',
    fraction: 0.8,
    mtpTokens: 5,
    tokens: 201_344,
  },
];

const mi355x: LogStatement = {
  engine: 'sglang',
  release: '0.5.15',
  model: model('amd/GLM-5.2-MXFP4'),
  accelerator: accelerator('mi355x'),
  sharding: cut(8),
  kvLayout: 'fp8-plain',
  fraction: 0.8,
  contextTokens: 32_768,
  batchedTokens: 8192,
  blockTokens: 64,
};

describe('replayStartup() predicts published lines of SGLang within 3 %', () => {
  test.each([...infera, ...others])('$log', ({ log: _, weightsGib, tokens, ...statement }) => {
    const { lines } = replayStartup({ ...mi355x, ...statement });
    const value = (name: string) => lines.find((found) => found.name === name)?.value ?? Number.NaN;
    expect(Math.abs(value('kv-tokens') / tokens - 1)).toBeLessThan(0.03);
    if (weightsGib === undefined) return;
    expect(Math.abs(value('weights') / gib / weightsGib - 1)).toBeLessThan(0.03);
  });
});

describe('what SGLang counts before it sizes its pool', () => {
  const counted = (more: Partial<LogStatement>) => replayStartup({ ...mi355x, ...more }).memory;

  test('the draft module holds embedding and head of its own', () => {
    const bytes = (mtpTokens: number) => counted({ mtpTokens }).overheadBytesPerRank;
    // Two matrices of 154,880 x 6144 in BF16, cut over eight ranks.
    expect(bytes(3) - bytes(0)).toBe((2 * 2 * 154_880 * 6144) / 8);
  });

  test('the custom all-reduce of ROCm takes its buffers first, and only inside a node', () => {
    const free = (more: Partial<LogStatement>) => counted(more).deviceBytes / gib;
    expect(free({})).toBeCloseTo(276.94, 2);
    expect(free({ sharding: cut(4) })).toBeCloseTo(278.46, 2);
    expect(free({ sharding: cut(8, 2) })).toBeCloseTo(283.96, 2);
    expect(free({ customAllReduce: false })).toBeCloseTo(283.96, 2);
    expect(free({ release: '0.5.12' })).toBeCloseTo(283.96, 2);
  });

  describe('parts the shared expert is cut into on 8 ranks that spread the experts', () => {
    test.each([
      { device: 'mi355x', allToAll: 'gather', parts: 1 },
      { device: 'b200', allToAll: 'gather', parts: 8 },
      { device: 'mi355x', allToAll: 'deepep-normal', parts: 1 },
      { device: 'b200', allToAll: 'deepep-normal', parts: 1 },
      { device: 'h200', allToAll: 'deepep-low-latency', parts: 1 },
    ] as const)('$device with $allToAll: $parts', ({ device, allToAll, parts }) => {
      const sharding = cut(8, 1, 1, true);
      const { weights } = counted({ accelerator: accelerator(device), sharding, allToAll });
      const { hiddenSize, expertIntermediateSize } = mi355x.model.architecture;
      const values = 75 * 3 * hiddenSize * expertIntermediateSize;
      const bytes = weights.find(({ name }) => name === 'shared expert')?.bytes ?? Number.NaN;
      expect(Math.round(values / bytes / parts)).toBe(2);
    });
  });
});
