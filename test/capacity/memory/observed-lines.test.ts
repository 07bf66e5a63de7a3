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
import { indexerBytes } from '../../../src/capacity/memory/layer-bytes.ts';
import { findMemoryBehaviour } from '../../../src/catalog/index.ts';
import { accelerator, cut, gib, model, r1, v32 } from '../catalog-rows.ts';
import { onB200, vllm } from './log-statements.ts';

const v3 = model('deepseek-ai/DeepSeek-V3');
const b200 = accelerator('b200');

/** GLM-5.1-FP8 in vLLM 0.25.1 with AITER. */
const onMi355x: LogStatement = {
  engine: 'vllm',
  release: '0.25.1',
  model: model('zai-org/GLM-5.1-FP8'),
  accelerator: accelerator('mi355x'),
  sharding: cut(4),
  kvLayout: 'fp8-plain',
  fraction: 0.85,
  contextTokens: 9472,
  batchedTokens: 8192,
  blockTokens: 16,
  aiterExperts: true,
};

/**
 * GLM-5.2 in W4A16 with expert parallelism, 40 GiB of its experts on the host; the log states what is
 * left of the weights.
 *
 * @source alint77/jupiter-glm52-vllm-worklog, baseline/server.out and failed-94pct-hbm-server.out
 */
function onGh200(fraction: number): LogStatement {
  return {
    ...vllm('0.23.1', fraction),
    model: { ...model('zai-org/GLM-5.2-FP8'), weightFormat: 'int4-experts-group128' },
    accelerator: { ...accelerator('h200'), memoryBytes: 95 * gib },
    sharding: cut(4, 1, 1, true),
    contextTokens: 400_000,
    maxSequences: 1,
    measured: { weightsBytes: 54.82 * gib, source: 'log' },
  };
}

const defaultsOnB200: LogStatement = {
  ...onB200,
  fraction: 0.92,
  contextTokens: 32_768,
  batchedTokens: 8192,
  maxSequences: 1024,
};

/**
 * Kimi-K2.5 with its vision tower whole on each rank, 32,768 batched tokens.
 *
 * @source kaitakuai/experiments, 2026-04/kimi-k25-int4-8xh200/README.md, kimi-k25-int4-4xb200/
 * benchmark-detailed.md and README.md, 2026-05/kimi-k26-int4-2x8xh100/logs/vllm.log
 */
const kimiSees: LogStatement = {
  ...vllm('0.15.1', 0.9),
  model: model('moonshotai/Kimi-K2.5'),
  kvLayout: 'bf16',
  contextTokens: 262_144,
  batchedTokens: 32_768,
  maxSequences: 128,
  vision: { tower: 'whole' },
};

const kimiOnB200: LogStatement = {
  ...kimiSees,
  accelerator: b200,
  sharding: cut(4),
  fraction: 0.95,
};

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
      // What became 0.8.0, whose loader no longer multiplies projections.
      ...vllm('0.8.0', 0.9),
      model: r1,
      kvLayout: 'bf16-padded-1280',
      batchedTokens: 163_840,
    },
    availableGib: 22.05,
    tokens: 303_296,
  },
  {
    log: 'vLLM 0.16, V3.2 on 8 x H200, 32,768 batched tokens, utilisation 0.85',
    statement: { ...vllm('0.16.0', 0.85), batchedTokens: 32_768, maxSequences: 1024 },
    weightsGib: 80.78,
    availableGib: 30.52,
  },
  {
    log: 'vLLM between 0.19 and 0.20, GLM-5.1-FP8 on 8 x H200, no graphs, utilisation 0.90',
    statement: { ...glm51('0.20.0', 0.9), graphs: false },
    weightsGib: 89.34,
    availableGib: 32.11,
    tokens: 344_192,
  },
  {
    log: 'the same with 0.20, whose default is 0.92',
    statement: { ...glm51('0.20.0', 0.92), graphs: false },
    weightsGib: 89.39,
    availableGib: 34.86,
    tokens: 373_696,
  },
  {
    log: 'vLLM of August 2026, GLM-5.2-NVFP4 on 4 x GB200, TP4 with expert parallelism, 819,200 tokens',
    statement: {
      ...vllm('0.25.1', 0.92),
      model: model('nvidia/GLM-5.2-NVFP4'),
      accelerator: accelerator('gb200'),
      sharding: cut(4, 1, 1, true),
      kvLayout: 'fp8-plain',
      contextTokens: 819_200,
      maxSequences: 1024,
    },
    weightsGib: 106.69,
    availableGib: 50.62,
    tokens: 1_139_456,
  },
  {
    log: 'vLLM of July 2026, GLM-5.2 in W4A16 on 4 x GH200, packed FP8 cache of 400,000 tokens',
    statement: onGh200(0.9),
    availableGib: 28.85,
    tokens: 574_336,
  },
  {
    log: 'the same at utilisation 0.94',
    statement: onGh200(0.94),
    availableGib: 32.32,
    tokens: 643_136,
  },
  {
    log: 'vLLM 0.28.0, GLM-5.2-FP8 on 8 x B200 (crinex/b200_glm_poc)',
    statement: onB200,
    tokens: 1_571_008,
  },
  {
    log: 'the same with a draft token; its author states the weights',
    statement: { ...onB200, mtpTokens: 1 },
    weightsGib: 92.7,
    tokens: 1_477_888,
  },
  {
    log: 'the same with two draft tokens',
    statement: { ...onB200, mtpTokens: 2 },
    tokens: 1_472_768,
  },
  {
    log: 'the same with expert parallelism and a draft token',
    statement: { ...onB200, sharding: cut(8, 1, 1, true), mtpTokens: 1 },
    tokens: 1_457_536,
  },
  {
    log: 'the weights at TP2 x DP4 with expert parallelism and a draft token, stated by the author',
    statement: { ...onB200, sharding: cut(2, 4), mtpTokens: 1 },
    weightsGib: 99.67,
  },
  {
    log: 'the same server with 32,768 tokens of BF16 cache, 8,192 batched and 1,024 requests',
    statement: { ...defaultsOnB200, kvLayout: 'bf16' },
    tokens: 796_160,
  },
  {
    log: 'the same in FP8',
    statement: defaultsOnB200,
    tokens: 1_546_112,
  },
  {
    log: 'vLLM 0.28.0, GLM-5.3 on 8 x H200, FP8 cache of 1,048,576 tokens (recipes#893)',
    statement: {
      ...vllm('0.28.0', 0.92),
      model: model('zai-org/GLM-5.3'),
      contextTokens: 1_048_576,
    },
    weightsGib: 94.46,
  },
  {
    log: 'SGLang of June 2026, V3.2 on 8 x H200, fraction 0.7',
    statement: sglang(0.7),
    availableGib: 17.73,
    tokens: 396_096,
  },
  {
    log: 'SGLang of June 2026, GLM-5.1-FP8 on 8 x H200, fraction 0.7',
    statement: glm51OnSglang(0.7),
    weightsGib: 89.24,
    availableGib: 8.14,
    tokens: 142_208,
  },
  {
    log: 'the same at fraction 0.8',
    statement: glm51OnSglang(0.8),
    availableGib: 23.51,
    tokens: 410_560,
  },
  {
    log: 'SGLang of February 2026, GLM-5-FP8 on 8 x MI355X, default fraction',
    statement: {
      ...sglang(defaultFraction('0.5.9', 'mi355x', cut(8))),
      release: '0.5.9',
      model: model('zai-org/GLM-5-FP8'),
      accelerator: accelerator('mi355x'),
      blockTokens: 1,
      measured: { freeBytes: 283.48 * gib, source: 'log' },
    },
    weightsGib: 89.58,
    availableGib: 186.77,
    tokens: 3_262_823,
  },
  {
    log: 'SGLang 0.4.10, R1 on 8 x B200, TP8 with expert parallelism, default fraction',
    statement: {
      ...sglang(defaultFraction('0.4.10', 'b200', cut(8, 1, 1, true))),
      release: '0.4.10',
      model: r1,
      accelerator: b200,
      sharding: cut(8, 1, 1, true),
      kvLayout: 'bf16',
      blockTokens: 1,
      measured: { freeBytes: 175.3 * gib, source: 'SGLang logs on B200' },
    },
    tokens: 980_344,
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
  // Looked up after all formulas had been written: predicted blind unless a comment says otherwise.
  {
    log: 'vllm-project/vllm#14842, R1 on 8 x H200 when the padding had gone',
    statement: { ...vllm('0.8.0', 0.9), model: r1, kvLayout: 'bf16', batchedTokens: 163_840 },
    tokens: 2.06 * 163_840,
  },
  {
    // Its graphs were taken for those of 1,024 requests before.
    log: 'Czyszka/nanoserve-mini, Kimi-K2.6 on 8 x H200 NVL, TP8 with expert parallelism, one request',
    statement: { ...kimiK26(cut(8, 1, 1, true)), maxSequences: 1 },
    weightsGib: 71.16,
    availableGib: 9.84,
    tokens: 149_792,
  },
  {
    // What gathering takes outside torch is from this line.
    log: 'the same with data parallelism, which does not start at this utilisation',
    statement: { ...kimiK26(cut(1, 8)), maxSequences: 1 },
    weightsGib: 88.44,
    availableGib: -19.08,
  },
  {
    log: 'modelplaneai/modelplane#194, Kimi-K2 in W4A16 on 8 x H200, data parallelism, vLLM 0.23.0',
    statement: {
      ...vllm('0.23.0', 0.92),
      model: model('RedHatAI/Kimi-K2-Instruct-quantized.w4a16'),
      sharding: cut(1, 8),
      kvLayout: 'bf16',
      contextTokens: 131_072,
      blockTokens: 16,
      maxSequences: 1024,
    },
    tokens: 357_568,
  },
  {
    log: 'vLLM 0.15.0, Kimi-K2.5 with its vision tower on 8 x H100',
    statement: {
      ...vllm('0.15.0', 0.95),
      model: model('moonshotai/Kimi-K2.5'),
      accelerator: accelerator('h100'),
      kvLayout: 'bf16',
      contextTokens: 8192,
      vision: { tower: 'whole' },
    },
    weightsGib: 72.02,
  },
  {
    log: 'kaitakuai/experiments, Kimi-K2.5 on 8 x H200 without graphs, vLLM 0.15.1, tower whole',
    statement: { ...kimiSees, customAllReduce: false, graphs: false },
    weightsGib: 71.92,
    availableGib: 45.84,
    tokens: 700_352,
  },
  {
    log: 'the same compiled',
    statement: { ...kimiSees, customAllReduce: false },
    availableGib: 46.24,
    tokens: 706_560,
  },
  {
    log: 'the same on 4 x B200, utilisation 0.95, without graphs',
    statement: { ...kimiOnB200, graphs: false },
    weightsGib: 140.95,
    availableGib: 20.58,
    tokens: 314_432,
  },
  {
    log: 'the same compiled',
    statement: kimiOnB200,
    availableGib: 20.89,
  },
  {
    // Batched tokens are not stated; those of the other starts of this author.
    log: 'vLLM 0.19.0, Kimi-K2.5 on 4 x B200, tower cut',
    statement: {
      ...kimiOnB200,
      release: '0.19.0',
      fraction: 0.92,
      contextTokens: 131_072,
      vision: { tower: 'cut' },
    },
    weightsGib: 140.49,
    availableGib: 14.44,
    tokens: 220_704,
  },
  {
    log: 'vLLM 0.15.1, Kimi-K2.6 at TP8 x PP2 on 2 x 8 H100, tower cut; the first stage sets the tokens',
    statement: {
      ...kimiSees,
      model: model('moonshotai/Kimi-K2.6'),
      accelerator: accelerator('h100'),
      sharding: cut(8, 1, 2),
      fraction: 0.92,
      maxSequences: 64,
      vision: { tower: 'cut' },
    },
    weightsGib: 35.83,
    availableGib: 29.85,
    tokens: 897_536,
  },
  {
    log: 'vllm-project/vllm#16692, R1 on 2 x 8 H800, TP16 with expert parallelism, vLLM 0.8.4',
    statement: {
      ...vllm('0.8.4', 0.9),
      model: r1,
      accelerator: accelerator('h800'),
      sharding: cut(16, 1, 1, true),
      kvLayout: 'bf16',
      contextTokens: 32_768,
    },
    weightsGib: 40.3174,
  },
  {
    // The workspace of Triton's experts was counted for AITER's before.
    log: 'AMD-AGI/Infera, GLM-5.1-FP8 on 4 x MI355X, vLLM 0.25.1, 1,024 requests',
    statement: { ...onMi355x, maxSequences: 1024 },
    weightsGib: 176.68,
    availableGib: 63.27,
    tokens: 1_227_744,
  },
  {
    log: 'the same with 64 requests, both prefill and decode',
    statement: { ...onMi355x, maxSequences: 64 },
    weightsGib: 176.69,
    availableGib: 64.54,
    tokens: 1_252_480,
  },
  {
    // Projections were taken for merged until 0.7.2 alone before.
    log: 'vLLM 0.7.3 of March 2025, R1 on 8 x H200',
    statement: { ...vllm('0.7.3', 0.85), model: r1, kvLayout: 'bf16-padded-1280' },
    weightsGib: 83.88,
  },
  {
    log: 'vLLM 0.7.2 of March 2025, R1 at TP16 on 2 x 8 devices (Alibaba Cloud Developer, on memory that grows)',
    statement: {
      ...vllm('0.7.2', 0.95),
      model: r1,
      accelerator: accelerator('h20-96'),
      sharding: cut(16),
      kvLayout: 'bf16-padded-1280',
    },
    weightsGib: 42.59,
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

/** Kimi-K2.6 without its vision tower in vLLM 0.20.0. */
function kimiK26(sharding: LogStatement['sharding']): LogStatement {
  return {
    ...vllm('0.20.0', 0.6),
    model: model('moonshotai/Kimi-K2.6'),
    vision: { tower: 'none' },
    sharding,
    kvLayout: 'bf16',
    contextTokens: 131_072,
    blockTokens: 16,
  };
}

/**
 * Lines of vLLM at utilisation 0.92, all else by default, in BF16 unless the checkpoint says FP8.
 *
 * @source ashishkamra/vllm-memory-estimator test_data/validation_db.json, May 2026
 */
const sweep: readonly {
  readonly model: string;
  readonly device: string;
  readonly release: string;
  readonly context: number;
  readonly weightsGib: number;
  readonly tokens: number;
  readonly kvLayout?: LogStatement['kvLayout'];
}[] = [
  ...(
    [
      ['h200', '0.11.0', 8192, 79.58, 706_368],
      ['h200', '0.11.2', 8192, 79.74, 635_648],
      ['h200', '0.13.0', 8192, 79.74, 658_752],
      ['h200', '0.14.1', 8192, 79.74, 633_088],
      ['h200', '0.16.0', 8192, 79.74, 658_176],
      ['h200', '0.18.0', 8192, 79.74, 653_808],
      ['h200', '0.19.0', 10_000, 79.74, 653_808],
      ['b200', '0.18.0', 8192, 79.88, 1_219_424],
      ['mi300x', '0.11.2', 8192, 81.31, 1_324_304],
      ['mi300x', '0.13.0', 8192, 81.31, 1_324_304],
      ['mi300x', '0.14.1', 8192, 81.31, 1_297_552],
      ['mi300x', '0.16.0', 8192, 81.31, 1_295_920],
      ['mi300x', '0.18.0', 8192, 81.31, 1_338_112],
    ] as const
  ).map(([device, release, context, weightsGib, tokens]) => ({
    model: 'deepseek-ai/DeepSeek-R1',
    ...{ device, release, context, weightsGib, tokens },
  })),
  ...(
    [
      ['h200', '0.16.0', 8192, 80.62, 578_368],
      ['h200', '0.18.0', 8192, 80.76, 572_480],
      ['h200', '0.18.0', 163_840, 80.76, 572_480],
      ['h200', '0.19.0', 10_000, 80.76, 572_480],
      ['b200', '0.18.0', 8192, 80.77, 1_081_216],
    ] as const
  ).map(([device, release, context, weightsGib, tokens]) => ({
    model: 'deepseek-ai/DeepSeek-V3.2',
    ...{ device, release, context, weightsGib, tokens },
  })),
  {
    model: 'nvidia/DeepSeek-V3.2-NVFP4',
    device: 'b200',
    release: '0.18.0',
    context: 10_000,
    weightsGib: 48.62,
    tokens: 2_758_336,
    kvLayout: 'fp8-plain',
  },
];

/** Started without graphs by the flags of its script, with 1,024 requests by default. */
function glm51(release: string, fraction: number): LogStatement {
  return {
    ...vllm(release, fraction),
    model: model('zai-org/GLM-5.1-FP8'),
    kvLayout: 'bf16',
    contextTokens: 202_752,
    maxSequences: 1024,
  };
}

function glm51OnSglang(fraction: number): LogStatement {
  return {
    ...sglang(fraction),
    model: model('zai-org/GLM-5.1-FP8'),
    measured: { freeBytes: 138.01 * gib, source: 'log' },
  };
}

function defaultFraction(release: string, device: string, sharding: LogStatement['sharding']) {
  const reserve = findMemoryBehaviour('sglang', release)?.staticReserve;
  if (reserve === undefined) throw new Error(`SGLang ${release} has no rule`);
  const deviceBytes = accelerator(device).memoryBytes;
  return sglangDefaultFraction({ deviceBytes, sharding, reserve });
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

  test.each(sweep)('vLLM $release, $model on 8 x $device, $context tokens', (row) => {
    const { lines } = replayStartup({
      ...vllm(row.release, 0.92),
      model: model(row.model),
      accelerator: accelerator(row.device),
      kvLayout: row.kvLayout ?? 'bf16',
      contextTokens: row.context,
      blockTokens: 16,
      maxSequences: 1024,
    });
    const value = (name: string) => lines.find((line) => line.name === name)?.value ?? Number.NaN;
    expect(Math.abs(value('weights') / gib / row.weightsGib - 1)).toBeLessThan(0.03);
    expect(Math.abs(value('kv-tokens') / row.tokens - 1)).toBeLessThan(0.03);
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

  test('the profile of 0.7.3 sorts logits of all requests, which decided its published start', () => {
    const { memory } = replayStartup({
      ...vllm('0.7.3', 0.85),
      model: r1,
      batchedTokens: 32_000,
      maxSequences: 1024,
    });
    expect(memory.overheads.map(({ name }) => name)).toContain('sampling for 1,024 requests');
  });

  test('keys of the indexer on Ascend count as FP8 ones until SGLang 0.5.16', () => {
    const statement = { ...sglang(0.9), kvLayout: 'ascend-bf16' as const };
    const counted = (release: string) =>
      replayStartup({ ...statement, release }).memory.kvBytesPerToken;
    expect([counted('0.5.16'), counted('0.5.23')]).toEqual([78_324, 85_888]);
  });

  test('a draft module has its weights and its layer in the pool of SGLang from 0.5.14 on', () => {
    const memory = (release: string, mtpTokens: number) =>
      replayStartup({ ...sglang(0.8), release, mtpTokens }).memory;
    expect(memory('0.5.13', 1).kvTokensPerRank).toBe(memory('0.5.13', 0).kvTokensPerRank);
    expect(memory('0.5.13', 1).peakBytesPerRank).toBeGreaterThan(
      memory('0.5.13', 0).peakBytesPerRank,
    );
    expect(memory('0.5.14', 1).kvBytesPerToken).toBe((43_188 * 62) / 61);
    expect(memory('0.5.14', 1).weightsBytesPerRank).toBeGreaterThan(
      memory('0.5.14', 0).weightsBytesPerRank,
    );
  });

  test('the weights line of SGLang leaves the draft module to its own line', () => {
    const lines = [0, 1].map((mtpTokens) =>
      replayStartup({ ...sglang(0.8), release: '0.5.23', mtpTokens }).lines.find(
        ({ name }) => name === 'weights',
      ),
    );
    expect(lines[1]).toEqual(lines[0]);
  });

  test.each([
    { engine: 'vllm', release: '0.33.0', indexed: 21 },
    { engine: 'sglang', release: '0.5.23', indexed: 21 },
    { engine: 'sglang', release: '0.5.18', indexed: 21 },
    { engine: 'sglang', release: '0.5.17', indexed: 78 },
  ] as const)('$engine $release has indexers in $indexed of 78 layers of GLM-5.2', (row) => {
    const { engine, release, indexed } = row;
    const statement = { ...sglang(0.9), engine, release, model: model('zai-org/GLM-5.2-FP8') };
    const { memory } = replayStartup({ ...statement, kvLayout: 'fp8-plain' });
    expect(memory.kvBytesPerToken).toBe(78 * 576 + indexed * 132);
    const indexer = memory.weights.find(({ name }) => name === 'sparse-attention indexer');
    expect(indexer?.bytes).toBe(indexed * indexerBytes(statement.model));
  });

  test('the packed FP8 cache gets 11 % fewer tokens from SGLang 0.5.17 on', () => {
    const tokens = (release: string) =>
      replayStartup({ ...sglang(0.8), release }).memory.kvTokensPerRank;
    expect(tokens('0.5.16') / tokens('0.5.17')).toBeCloseTo(48_068 / 43_188, 3);
  });

  test('lines read as the engines print them', () => {
    const texts = (statement: LogStatement) =>
      replayStartup(statement).lines.map(({ text }) => text);
    const statement = { ...vllm('0.16.0', 0.85), batchedTokens: 32_768, maxSequences: 1024 };
    expect(texts(statement)).toEqual([
      'Model loading took 80.78 GiB memory',
      'Available KV cache memory: 30.65 GiB',
      'GPU KV cache size: 684,608 tokens',
      'Maximum concurrency for 163,840 tokens per request: 4.18x',
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
    {
      log: 'vllm-project/vllm#19722, R1, TP8 x PP2 with expert parallelism, second stage',
      row: r1,
      sharding: cut(8, 1, 2, true),
      stage: 1,
      gib: 41.0417,
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
