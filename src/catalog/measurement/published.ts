import type { MeasurementRow } from './measurement.ts';

const r1 = 'deepseek-ai/DeepSeek-R1';
const v32 = 'deepseek-ai/DeepSeek-V3.2';
const tensor8 = { tensor: 8, data: 1, pipeline: 1, expert: false };
const data8 = { tensor: 1, data: 8, pipeline: 1, expert: true };

const atom = {
  engine: 'vllm-atom',
  model: r1,
  device: 'mi355x',
  layout: tensor8,
  kvLayout: 'bf16',
  mtpTokens: 0,
  lengthSpread: 0.2,
  saturated: false,
  source: 'ROCm/ATOM#409 of March 2026; the excerpt does not name the device, MI355X assumed',
} as const;

const gpustack = {
  model: v32,
  device: 'h200',
  kvLayout: 'bf16',
  mtpTokens: 0,
  saturated: true,
  source: 'GPUStack performance lab, DeepSeek-V3.2 on 8 x H200, January 2026',
} as const;

/** ShareGPT prompts and answers average about 220 and 200 tokens; 1000 requests at once. */
const shareGpt = {
  inputTokens: 220,
  outputTokens: 200,
  lengthSpread: 1,
  concurrency: 1000,
} as const;

const shortAnswers = {
  inputTokens: 2000,
  outputTokens: 100,
  lengthSpread: 0,
  concurrency: 1000,
} as const;

/** Ids are those of the project's fact sheet on published benchmarks. */
export const publishedMeasurements: readonly MeasurementRow[] = [
  ...(
    [
      [4, 133, 11.2],
      [8, 120, 11.98],
      [16, 127, 13.48],
      [32, 178, 17.8],
      [64, 211, 21.27],
    ] as const
  ).map(([concurrency, ttftMs, tpotMs]) => ({
    ...atom,
    id: `mi355x-atom-tp8-1k-1k-c${concurrency}`,
    inputTokens: 1024,
    outputTokens: 1024,
    concurrency,
    ttftMs,
    tpotMs,
  })),
  {
    ...atom,
    id: 'mi355x-atom-tp8-8k-1k-c4',
    inputTokens: 8192,
    outputTokens: 1024,
    concurrency: 4,
    ttftMs: 319,
    tpotMs: 12.42,
  },
  {
    ...gpustack,
    ...shareGpt,
    id: 'h200-vllm-tp8-sharegpt',
    engine: 'vllm',
    release: '0.13.0',
    layout: tensor8,
    kvLayout: 'fp8-ds-mla',
    totalTokensPerSecond: 5714,
    tpotMs: 275,
  },
  {
    ...gpustack,
    ...shareGpt,
    id: 'h200-vllm-dp8-sharegpt',
    engine: 'vllm',
    release: '0.13.0',
    layout: data8,
    kvLayout: 'fp8-ds-mla',
    totalTokensPerSecond: 6343,
  },
  {
    ...gpustack,
    ...shareGpt,
    id: 'h200-sglang-tp8-sharegpt',
    engine: 'sglang',
    release: '0.5.6.post2',
    layout: tensor8,
    totalTokensPerSecond: 3012,
    tpotMs: 1104,
  },
  {
    ...gpustack,
    ...shareGpt,
    id: 'h200-sglang-dp8-sharegpt',
    engine: 'sglang',
    release: '0.5.6.post2',
    layout: data8,
    totalTokensPerSecond: 7352,
    tpotMs: 288,
  },
  {
    ...gpustack,
    ...shortAnswers,
    id: 'h200-vllm-tp8-2k-100',
    engine: 'vllm',
    release: '0.13.0',
    layout: tensor8,
    kvLayout: 'fp8-ds-mla',
    totalTokensPerSecond: 10_926,
    tpotMs: 355,
  },
  {
    ...gpustack,
    ...shortAnswers,
    id: 'h200-sglang-dp8-2k-100',
    engine: 'sglang',
    release: '0.5.6.post2',
    layout: data8,
    totalTokensPerSecond: 27_713,
    tpotMs: 192,
  },
  {
    id: 'h20-3e-vllm-tp8-2k-1k',
    engine: 'vllm',
    model: v32,
    device: 'h20-3e',
    layout: tensor8,
    kvLayout: 'bf16',
    mtpTokens: 0,
    inputTokens: 2048,
    outputTokens: 1024,
    lengthSpread: 0,
    concurrency: 100,
    ttftMs: 21_100,
    tpotMs: 99.7,
    outputTokensPerSecond: 791.7,
    saturated: true,
    source: 'vllm-project/recipes, DeepSeek-V3.2, 8 x H20-3e, 100 prompts at 10 per second',
  },
  {
    id: 'mi325x-vllm-tp8-2k-512-peak',
    engine: 'vllm',
    release: '0.14.1',
    model: v32,
    device: 'mi325x',
    layout: tensor8,
    kvLayout: 'bf16',
    mtpTokens: 0,
    inputTokens: 2048,
    outputTokens: 512,
    lengthSpread: 0,
    concurrency: 1000,
    totalTokensPerSecond: 15_343,
    saturated: true,
    source: 'arXiv:2603.10031, 8 x MI325X; concurrency of the peak not stated, 1000 assumed',
  },
  {
    id: 'ascend-a3-vllm-ascend-tp8-dp2-16k-1k-c1',
    engine: 'vllm-ascend',
    model: 'vllm-ascend/DeepSeek-V3.2-W8A8',
    device: 'ascend-a3',
    layout: { tensor: 8, data: 2, pipeline: 1, expert: true },
    kvLayout: 'ascend-bf16',
    mtpTokens: 0,
    inputTokens: 16_384,
    outputTokens: 1024,
    lengthSpread: 0,
    concurrency: 1,
    tpotMs: 38.3,
    saturated: false,
    source: 'vllm-ascend weekly benchmark, 26.1 tokens per second; MTP setting not stated',
  },
];
