const gib = 2 ** 30;

/** One measured size of graphs. */
export interface GraphBytes {
  readonly bytes: number;
  /** Graphs that start recorded; absent where they do not follow the group's settings. */
  readonly ofGraphs?: number;
  /**
   * Whether the scores of the indexer over the whole context, which graphs of decode steps hold, come on
   * top of it.
   *
   * @default false
   */
  readonly scoresApart?: true;
  readonly source: string;
}

/** Graphs of one rank by how it is cut. */
export interface GraphSizes {
  readonly tensor: GraphBytes;
  readonly expert: GraphBytes;
  /**
   * Spread experts of a model without sparse attention.
   *
   * @default - as `expert`
   */
  readonly denseExpert?: GraphBytes;
}

/** What vLLM records for 1,024 requests: 51 sizes, each piecewise and whole. */
const mostGraphs = 102;

/** Of a tensor-parallel rank. */
const tensorGraphs: GraphBytes = {
  bytes: 2.01 * gib,
  source: 'vLLM 0.16 log, V3.2 TP8 on H200: 2.01 GiB',
};

/** FP32 scores of the indexer in the largest graph of a log: 512 tokens over a context of 819,200. */
const scoresOfLog = 4 * 512 * 819_200;

/** What the profile of 0.20 and later reckons, which is more than graphs take then. */
export const reckonedGraphs: GraphSizes = {
  tensor: {
    bytes: 2.76 * gib,
    ofGraphs: mostGraphs,
    scoresApart: true,
    source:
      'vLLM 0.20 log, R1 TP8 on H200: took 2.28 GiB, of which the profile makes 1.21 times as much',
  },
  expert: {
    bytes: 4.99 * gib - scoresOfLog,
    ofGraphs: mostGraphs,
    scoresApart: true,
    source:
      'vLLM log of August 2026, GLM-5.2-NVFP4 TP4 EP4 on GB200: estimated 4.99 GiB, took 4.13; less its scores of 512 tokens over 819,200',
  },
  // Two logs differ in device, too; the larger stays with the models that are like its own.
  denseExpert: {
    bytes: 1.22 * gib,
    ofGraphs: 50,
    source:
      'vLLM 0.20 log, Kimi-K2.6 TP8 EP8 on H200 (Czyszka/nanoserve-mini): 1.22 GiB estimated for 50 graphs',
  },
};

/** Of the releases of vLLM before 0.20. */
export const vllmGraphs: GraphSizes = {
  ...reckonedGraphs,
  tensor: { ...tensorGraphs, ofGraphs: mostGraphs },
};

/** Of SGLang. */
export const sglangGraphs: GraphSizes = {
  tensor: tensorGraphs,
  expert: { bytes: 6.37 * gib, source: 'SGLang 0.4.10 log, R1 TP8 EP8 on B200: 6.37 GiB' },
};

const npuGraph: GraphBytes = {
  bytes: gib,
  source: 'planning value, not measured on Ascend',
};

/** On Ascend: few capture sizes (8 to 48 in the vllm-ascend tutorial). */
export const npuGraphs: GraphSizes = { tensor: npuGraph, expert: npuGraph };
