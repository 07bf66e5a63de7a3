import { describe, expect, test } from 'vitest';
import {
  deepEpBufferBytes,
  expectedLogLines,
  type FitRequest,
  fitSglangRank,
  kvBytesPerTokenPerLayer,
  type LogStatement,
  replayStartup,
  sglangDefaultFraction,
  weightBytesByStage,
} from '../../../src/capacity/index.ts';
import { accelerator, cut, gib, model, r1, v32 } from '../catalog-rows.ts';

const v3 = model('deepseek-ai/DeepSeek-V3');
const b200 = accelerator('b200');

/** Lines of published start-up logs, and what each log states before them. */
const replays: readonly {
  readonly log: string;
  readonly statement: LogStatement;
  readonly weightsGib?: number;
  readonly availableGib?: number;
  readonly tokens?: number;
}[] = [
  {
    log: 'SGLang of May 2026, V3.2 on 8 x H200, fraction 0.6',
    statement: sglang(0.6),
    weightsGib: 80.63,
    availableGib: 2.38,
    tokens: 53_056,
  },
  {
    log: 'the same at fraction 0.8, before graph capture ran out of memory',
    statement: sglang(0.8),
    weightsGib: 80.63,
    availableGib: 33.09,
    tokens: 739_100,
  },
  {
    log: 'SGLang of February 2025, R1 on 2 x 8 H20-96, fraction 0.93',
    statement: {
      ...sglang(0.93),
      release: '0.4.3',
      model: r1,
      accelerator: accelerator('h20-96'),
      sharding: cut(16),
      kvLayout: 'bf16',
      blockTokens: 1,
      measured: { freeBytes: 93.5 * gib, source: 'log' },
    },
    tokens: 712_400,
  },
  {
    log: 'vllm-project/vllm#14842, R1 on 8 x H200 with the padded cache',
    statement: {
      ...vllm('0.7.3', 0.9),
      model: r1,
      kvLayout: 'bf16-padded-1280',
      batchedTokens: 163_840,
    },
    availableGib: 22.05,
    tokens: 303_296,
  },
  {
    log: 'vLLM 0.16, V3.2 on 8 x H200, 32,768 batched tokens, utilisation 0.85',
    statement: { ...vllm('0.16.0', 0.85), batchedTokens: 32_768 },
    weightsGib: 80.78,
    availableGib: 30.52,
  },
  {
    log: 'sgl-project/sglang#11309, V3.2-Exp on 8 x B200, data-parallel attention, default fraction',
    statement: {
      ...sglang(sglangDefaultFraction({ deviceBytes: b200.memoryBytes, sharding: cut(1, 8) })),
      release: '0.5.4',
      model: model('deepseek-ai/DeepSeek-V3.2-Exp'),
      accelerator: b200,
      sharding: cut(1, 8),
      measured: { freeBytes: 175.3 * gib, source: 'SGLang logs on B200' },
    },
    availableGib: 43.67,
    tokens: 975_424,
  },
  {
    log: 'vllm-project/recipes, Kimi-K2-Thinking on 8 x H200, defaults of November 2025',
    statement: {
      ...vllm('0.12.0', 0.9),
      model: model('moonshotai/Kimi-K2-Thinking'),
      kvLayout: 'bf16',
      contextTokens: 262_144,
      maxSequences: 1024,
    },
    availableGib: 46.8,
    tokens: 715_072,
  },
];

function sglang(fraction: number): LogStatement {
  return {
    engine: 'sglang',
    release: '0.5.12',
    model: v32,
    accelerator: accelerator('h200'),
    sharding: cut(8),
    kvLayout: 'fp8-ds-mla',
    fraction,
    contextTokens: 8192,
    batchedTokens: 8192,
    blockTokens: 64,
    measured: { freeBytes: 137.94 * gib, source: 'log' },
  };
}

function vllm(release: string, fraction: number): LogStatement {
  return {
    engine: 'vllm',
    release,
    model: v32,
    accelerator: accelerator('h200'),
    sharding: cut(8),
    kvLayout: 'fp8-ds-mla',
    fraction,
    contextTokens: 163_840,
    batchedTokens: 8192,
    blockTokens: 64,
  };
}

describe('replayStartup() predicts published lines within 3 %', () => {
  test.each(replays)('$log', ({ statement, weightsGib, availableGib, tokens }) => {
    const { lines } = replayStartup(statement);
    const value = (name: string) => lines.find((line) => line.name === name)?.value ?? Number.NaN;
    const within = (predicted: number, observed: number) => {
      expect(Math.abs(predicted / observed - 1)).toBeLessThan(0.03);
    };
    if (weightsGib !== undefined) within(value('weights'), weightsGib * gib);
    if (availableGib !== undefined) within(value('available'), availableGib * gib);
    if (tokens !== undefined) within(value('kv-tokens'), tokens);
  });

  test('V3 on 8 x H200 from vLLM 0.7.0, which cached heads, to 0.7.1, from the first line alone', () => {
    const statement = { ...vllm('0.7.0', 0.9), model: v3, blockTokens: 16 };
    const before = replayStartup({ ...statement, kvLayout: 'mha-bf16' }).memory;
    const overheadBytes =
      before.budgetBytes - before.weightsBytesPerRank - 54_560 * before.kvBytesPerToken;
    const after = replayStartup({
      ...statement,
      release: '0.7.1',
      kvLayout: 'bf16',
      measured: { overheadBytes, source: 'line of 0.7.0' },
    });
    expect(Math.abs(after.memory.kvTokensPerRank / 512_000 - 1)).toBeLessThan(0.03);
  });

  test.each([
    { log: 'vllm-ascend FAQ', context: 16_384, tokens: 66_340, text: '4.05x' },
    { log: 'vllm-project/vllm#15928, first rank', context: 32_768, tokens: 107_312, text: '3.27x' },
    { log: 'vllm-project/vllm#15928, last rank', context: 32_768, tokens: 107_824, text: '3.29x' },
    { log: 'vllm-project/vllm#14842', context: 163_840, tokens: 303_296, text: '1.85x' },
  ])('$log: a cache of $tokens tokens holds $text', ({ context, tokens, text }) => {
    const statement = { ...vllm('0.7.3', 0.9), contextTokens: context, blockTokens: 1 };
    const { memory } = replayStartup(statement);
    // All that is left beside a pool of exactly so many tokens.
    const overheadBytes =
      memory.budgetBytes - memory.weightsBytesPerRank - tokens * memory.kvBytesPerToken;
    const { lines } = replayStartup({ ...statement, measured: { overheadBytes, source: 'log' } });
    expect(lines.find(({ name }) => name === 'concurrency')?.text).toContain(text);
  });

  test('the packed FP8 cache gets 11 % fewer tokens from SGLang 0.5.17 on', () => {
    const tokens = (release: string) =>
      replayStartup({ ...sglang(0.8), release }).memory.kvTokensPerRank;
    expect(tokens('0.5.16') / tokens('0.5.17')).toBeCloseTo(48_068 / 43_188, 3);
  });

  test('lines read as the engines print them', () => {
    const texts = (statement: LogStatement) =>
      replayStartup(statement).lines.map(({ text }) => text);
    expect(texts({ ...vllm('0.16.0', 0.85), batchedTokens: 32_768 })).toEqual([
      'Model loading took 80.78 GiB memory',
      'Available KV cache memory: 30.47 GiB',
      'GPU KV cache size: 680,640 tokens',
      'Maximum concurrency for 163,840 tokens per request: 4.15x',
    ]);
    expect(texts(sglang(0.6))).toContain('max_total_num_tokens=52992');
  });
});

describe('expectedLogLines()', () => {
  test('takes the weights as the log states them', () => {
    const measured = { weightsBytes: 80.7 * gib, freeBytes: 137.94 * gib, source: 'log' };
    const request: FitRequest = {
      model: v32,
      accelerator: accelerator('h200'),
      sharding: cut(8),
      kvLayout: 'fp8-ds-mla',
      utilization: 0.8,
      contextTokens: 8192,
      mtpTokens: 0,
      blockTokens: 64,
      measured,
    };
    const lines = expectedLogLines('sglang', fitSglangRank(request), request);
    expect(lines[0]?.text).toBe('Load weight end. mem usage=80.70 GB');
  });
});

describe('cache bytes per token agree with published pools', () => {
  const glm = model('amd/GLM-5.2-MXFP4');
  test.each([
    {
      pool: 'V3.2-Exp on B200, #11309',
      shape: v32,
      layout: 'fp8-ds-mla',
      gib: 43.67,
      tok: 975_424,
    },
    { pool: 'V3 on vLLM 0.7.1', shape: v3, layout: 'bf16', gib: 33.5, tok: 512_000 },
    {
      pool: 'Kimi-K2 on 8 x H200',
      shape: model('moonshotai/Kimi-K2-Thinking'),
      layout: 'bf16',
      gib: 46.8,
      tok: 715_072,
    },
    { pool: 'GLM-5.2 on MI355X', shape: glm, layout: 'fp8-plain', gib: 145.55, tok: 2_829_952 },
    { pool: 'V3 on MI308X without MLA', shape: v3, layout: 'mha-bf16', gib: 75.0, tok: 107_500 },
    {
      pool: 'R1 with padding, #14842',
      shape: r1,
      layout: 'bf16-padded-1280',
      gib: 22.05,
      tok: 303_296,
    },
  ] as const)('$pool', ({ shape, layout, gib: size, tok }) => {
    const perToken = kvBytesPerTokenPerLayer(shape.architecture, layout, 8);
    const tokens = (size * gib) / (perToken * shape.architecture.layers);
    expect(Math.abs(tokens / tok - 1)).toBeLessThan(0.03);
  });
});

describe('weights agree with published logs within 3 %', () => {
  test.each([
    { log: 'R1 on 2 x 8 H20-96, TP16', row: r1, sharding: cut(16), stage: 0, gib: 40.3 },
    { log: 'V3 on 32 x 4090, TP8 x PP4', row: v3, sharding: cut(8, 1, 4), stage: 0, gib: 16.96 },
    {
      log: 'R1-FP4 on B200, TP4',
      row: model('nvidia/DeepSeek-R1-FP4'),
      sharding: cut(4),
      stage: 0,
      gib: 94.5,
    },
    { log: 'V3.2 on 8 x H200, TP8', row: v32, sharding: cut(8), stage: 0, gib: 80.63 },
    {
      log: 'R1 INT8 on DCU, decode, taken for TP16',
      row: { ...r1, weightFormat: 'w8a8' as const },
      sharding: cut(16),
      stage: 0,
      gib: 41.72,
    },
  ])('$log', ({ row, sharding, stage, gib: observed }) => {
    const bytes = weightBytesByStage(row, sharding, { mtp: false })[stage] ?? Number.NaN;
    expect(Math.abs(bytes / gib / observed - 1)).toBeLessThan(0.03);
  });

  test.each([
    { experts: 256, tokens: 128, expected: 1.78 },
    { experts: 288, tokens: 128, expected: 2.0 },
    { experts: 256, tokens: 256, expected: 3.6 },
  ])('DeepEP buffers for $experts experts and $tokens tokens are $expected GiB', (row) => {
    const bytes = deepEpBufferBytes(row.experts, row.tokens, 7168);
    expect(Math.abs(bytes / gib / row.expected - 1)).toBeLessThan(0.015);
  });
});
