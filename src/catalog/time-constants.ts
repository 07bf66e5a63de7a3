import type { LayoutClass } from './measurement/index.ts';

/** What a step costs beyond bytes and operations, for one engine on one device. */
export interface TimeConstants {
  /** Launches and sampling of one decode step, collectives excluded, milliseconds. */
  readonly stepMs: number;
  /** Share of peak memory bandwidth that decode reaches. */
  readonly memoryEfficiency: number;
  /** Share of the peak 8-bit rate that prefill reaches, attention included. */
  readonly prefillEfficiency: number;
  /** Time to the first token of an empty prompt on an idle group, milliseconds. */
  readonly firstTokenMs: number;
  /** Decode steps a new request waits for. */
  readonly firstTokenSteps: number;
}

export interface TimeConstantsRow {
  readonly engine: string;
  readonly device: string;
  readonly layoutClass: LayoutClass;
  readonly constants: TimeConstants;
  /** Mean absolute relative error on rows left out in turn, at most 64 requests in flight. */
  readonly error: { readonly tpot: number; readonly ttft: number };
  /** Range of the rows it was fitted on. */
  readonly range: {
    readonly models: readonly string[];
    readonly inputTokens: readonly [number, number];
    readonly concurrency: readonly [number, number];
  };
  /** Prefix of the ids of the measurements it was fitted on. */
  readonly fittedOn: string;
  readonly source: string;
}

const r1 = ['deepseek-ai/DeepSeek-R1', 'deepseek-ai/DeepSeek-V3', 'deepseek-ai/DeepSeek-V3.1'];
const fitted = 'fitted by bench/capacity-calibration.ts on the measurements';

/** A test fits these again from the measurements and compares. */
export const timeConstants: readonly TimeConstantsRow[] = [
  {
    engine: 'sglang',
    device: 'h200',
    layoutClass: 'tensor',
    constants: {
      stepMs: 3.951,
      memoryEfficiency: 0.8334,
      prefillEfficiency: 0.2,
      firstTokenMs: 138.6,
      firstTokenSteps: 7.574,
    },
    error: { tpot: 0.045, ttft: 0.081 },
    range: { models: r1, inputTokens: [1024, 8192], concurrency: [4, 64] },
    fittedOn: 'h200-sglang-tp8-',
    source: `${fitted} h200-sglang-tp8-*`,
  },
  {
    engine: 'trtllm',
    device: 'h200',
    layoutClass: 'tensor',
    constants: {
      stepMs: 7.722,
      memoryEfficiency: 0.85,
      prefillEfficiency: 0.2242,
      firstTokenMs: 0,
      firstTokenSteps: 19.17,
    },
    error: { tpot: 0.039, ttft: 0.128 },
    range: { models: r1, inputTokens: [1024, 8192], concurrency: [4, 64] },
    fittedOn: 'h200-trtllm-tp8-',
    source: `${fitted} h200-trtllm-tp8-*`,
  },
  {
    engine: 'sglang',
    device: 'b200',
    layoutClass: 'tensor',
    constants: {
      stepMs: 3.987,
      memoryEfficiency: 0.7922,
      prefillEfficiency: 0.1412,
      firstTokenMs: 0,
      firstTokenSteps: 23.58,
    },
    error: { tpot: 0.038, ttft: 0.233 },
    range: { models: r1, inputTokens: [1024, 1024], concurrency: [4, 64] },
    fittedOn: 'b200-sglang-tp8-',
    source: `${fitted} b200-sglang-tp8-*`,
  },
  {
    engine: 'vllm-atom',
    device: 'mi355x',
    layoutClass: 'tensor',
    constants: {
      stepMs: 6.305,
      memoryEfficiency: 0.85,
      prefillEfficiency: 0.1858,
      firstTokenMs: 42.59,
      firstTokenSteps: 6.679,
    },
    error: { tpot: 0.053, ttft: 0.198 },
    range: { models: r1, inputTokens: [1024, 8192], concurrency: [4, 64] },
    fittedOn: 'mi355x-atom-tp8-',
    source: `${fitted} mi355x-atom-tp8-*`,
  },
];
