import type { MeasurementRow } from './measurement.ts';

const source =
  'SemiAnalysis InferenceX, in ai-dynamo/aiconfigurator systems/silicon_sample.csv (Apache-2.0)';

type Point = readonly [input: number, output: number, conc: number, ttftMs: number, tpotMs: number];

const h200TensorSglang: readonly Point[] = [
  [1024, 1024, 4, 259.9, 10.29],
  [1024, 1024, 8, 244.9, 12.47],
  [1024, 1024, 16, 285.9, 16.63],
  [1024, 1024, 32, 337.5, 23.31],
  [1024, 1024, 64, 418.7, 32.99],
  [1024, 8192, 4, 259.4, 10.26],
  [1024, 8192, 8, 242.3, 12.2],
  [1024, 8192, 16, 264.9, 15.86],
  [1024, 8192, 32, 310.8, 22.1],
  [1024, 8192, 64, 420.1, 30.61],
  [8192, 1024, 4, 446.9, 11.27],
  [8192, 1024, 8, 502.6, 14.37],
  [8192, 1024, 16, 699.9, 20.41],
  [8192, 1024, 32, 993.7, 31.97],
  [8192, 1024, 64, 2278.8, 50.24],
];

const h200TensorTrt: readonly Point[] = [
  [1024, 1024, 4, 308, 13.81],
  [1024, 1024, 8, 292.9, 16.39],
  [1024, 1024, 16, 379.7, 20.39],
  [1024, 1024, 32, 616.3, 26.12],
  [1024, 1024, 64, 754.6, 33.96],
  [1024, 8192, 4, 243.0, 13.67],
  [1024, 8192, 8, 289.9, 15.87],
  [1024, 8192, 16, 366.9, 19.52],
  [1024, 8192, 32, 615.5, 25.36],
  [1024, 8192, 64, 712.3, 32.18],
  [8192, 1024, 4, 447.5, 14.88],
  [8192, 1024, 8, 538.7, 18.67],
  [8192, 1024, 16, 727.1, 25.24],
  [8192, 1024, 32, 996.1, 35.8],
  [8192, 1024, 64, 4995.1, 48.29],
];

const h200SpreadTrt: readonly Point[] = [
  [1024, 1024, 128, 3201.0, 31.46],
  [1024, 1024, 256, 2997.5, 37.23],
  [8192, 1024, 64, 6422.0, 39.75],
  [8192, 1024, 128, 8862.7, 61.19],
  [8192, 1024, 256, 12_222.9, 101.78],
];

/** MTP is not flagged in the source: of two series the slower one, taken as without MTP. */
const b200TensorSglang: readonly Point[] = [
  [1024, 1024, 4, 183.2, 8.76],
  [1024, 1024, 8, 226.6, 10.81],
  [1024, 1024, 16, 402.5, 13.18],
  [1024, 1024, 32, 527.5, 16.91],
  [1024, 1024, 64, 799.0, 22.53],
  [1024, 8192, 4, 185.1, 8.64],
  [1024, 8192, 8, 199.4, 10.32],
  [1024, 8192, 16, 367.2, 12.84],
  [1024, 8192, 32, 511.9, 16.75],
  [1024, 8192, 64, 637.5, 21.95],
];

interface Series {
  readonly prefix: string;
  readonly engine: string;
  readonly release: string;
  readonly device: string;
  readonly layout: MeasurementRow['layout'];
  readonly points: readonly Point[];
  readonly date: string;
}

function rows({ prefix, points, date, ...series }: Series): MeasurementRow[] {
  return points.map(([inputTokens, outputTokens, concurrency, ttftMs, tpotMs]) => ({
    ...series,
    id: `${prefix}-${inputTokens / 1024}k-${outputTokens / 1024}k-c${concurrency}`,
    model: 'deepseek-ai/DeepSeek-R1',
    kvLayout: 'bf16',
    mtpTokens: 0,
    inputTokens,
    outputTokens,
    lengthSpread: 0.2,
    concurrency,
    ttftMs,
    tpotMs,
    saturated: false,
    source: `${source}, ${date}`,
  }));
}

const tensor8 = { tensor: 8, data: 1, pipeline: 1, expert: false };
const data8 = { tensor: 1, data: 8, pipeline: 1, expert: true };

export const inferencexMeasurements: readonly MeasurementRow[] = [
  ...rows({
    prefix: 'h200-sglang-tp8',
    engine: 'sglang',
    release: '0.5.9',
    device: 'h200',
    layout: tensor8,
    points: h200TensorSglang,
    date: '2026-03-25',
  }),
  ...rows({
    prefix: 'h200-trtllm-tp8',
    engine: 'trtllm',
    release: '1.1',
    device: 'h200',
    layout: tensor8,
    points: h200TensorTrt,
    date: '2025-11-02',
  }),
  ...rows({
    prefix: 'h200-trtllm-dp8',
    engine: 'trtllm',
    release: '1.1.0rc2.post2',
    device: 'h200',
    layout: data8,
    points: h200SpreadTrt,
    date: '2026-01-14',
  }),
  ...rows({
    prefix: 'b200-sglang-tp8',
    engine: 'sglang',
    release: '0.5.9',
    device: 'b200',
    layout: tensor8,
    points: b200TensorSglang,
    date: '2026-03-25',
  }),
];
