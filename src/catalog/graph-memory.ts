const gib = 2 ** 30;

/** One measured size of graphs. */
export interface GraphBytes {
  readonly bytes: number;
  readonly source: string;
}

/** Of a tensor-parallel rank. */
const tensorGraphs: GraphBytes = {
  bytes: 2.01 * gib,
  source: 'vLLM 0.16 log, V3.2 TP8 on H200: 2.01 GiB',
};

/** What the profile of 0.20 and later reckons, which is more than graphs take then. */
export const reckonedGraphs = {
  tensor: {
    bytes: 2.76 * gib,
    source:
      'vLLM 0.20 log, R1 TP8 on H200: took 2.28 GiB, of which the profile makes 1.21 times as much',
  },
  expert: {
    bytes: 4.99 * gib,
    source:
      'vLLM log of August 2026, GLM-5.2-NVFP4 TP4 EP4 on GB200: estimated 4.99 GiB, took 4.13',
  },
};

/** Of the releases of vLLM before 0.20. */
export const vllmGraphs = { ...reckonedGraphs, tensor: tensorGraphs };

/** Of SGLang. */
export const sglangGraphs = {
  tensor: tensorGraphs,
  expert: { bytes: 6.37 * gib, source: 'SGLang 0.4.10 log, R1 TP8 EP8 on B200: 6.37 GiB' },
};

const npuGraph: GraphBytes = {
  bytes: gib,
  source: 'planning value, not measured on Ascend',
};

/** On Ascend: few capture sizes (8 to 48 in the vllm-ascend tutorial). */
export const npuGraphs = { tensor: npuGraph, expert: npuGraph };
