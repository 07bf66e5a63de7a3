/** What decides how many graphs vLLM records. */
export interface RecordedBatches {
  readonly maxSequences: number;
  readonly batchedTokens: number;
  /** Draft tokens of one request in one step. */
  readonly draftTokens: number;
  /**
   * Tokens of the largest graph.
   *
   * @default 512
   */
  readonly largestTokens?: number;
}

/**
 * Graphs vLLM records at its start by default: piecewise ones up to twice the tokens of a decode step,
 * whole ones for decode steps alone.
 *
 * @source vllm/config/vllm.py _set_cudagraph_sizes and vllm/v1/cudagraph_dispatcher.py of 0.19.0,
 * 0.20.0 and 0.28.0; a log of 0.20.0 says 2 and 1 for one request, 33 and 17 for 32 with 3 draft tokens
 */
export function recordedGraphs(batches: RecordedBatches): number {
  const recorded = recordedSizes(batches);
  return recorded.length + decodeSizes(batches, recorded).length;
}

/** Tokens of the largest graph that holds a whole decode step; 0 where none does. */
export function largestDecodeGraph(batches: RecordedBatches): number {
  return Math.max(0, ...decodeSizes(batches, recordedSizes(batches)));
}

function recordedSizes(batches: RecordedBatches): number[] {
  const { maxSequences, batchedTokens, draftTokens, largestTokens = largestSize } = batches;
  const ofOne = 1 + draftTokens;
  const most = Math.min(2 * maxSequences * ofOne, largestTokens, batchedTokens);
  const sizes = captureSizes.filter((size) => size <= most);
  // Sizes that are no whole number of requests are rounded up to one that is.
  const usable = new Set(sizes.map((size) => ofOne * Math.ceil(size / ofOne)));
  return [...usable].filter((size) => size <= most);
}

function decodeSizes({ maxSequences, draftTokens }: RecordedBatches, sizes: number[]): number[] {
  return sizes.filter((size) => size <= maxSequences * (1 + draftTokens));
}

const largestSize = 512;

/** Requests from which on every size is recorded, in every release. */
export const mostGraphSequences = 1024;

/** 1, 2, 4, then multiples of 8 below 256 and of 16 from there. */
const captureSizes = [
  ...[1, 2, 4],
  ...Array.from({ length: 31 }, (_, place) => 8 * (place + 1)),
  ...Array.from({ length: 49 }, (_, place) => 256 + 16 * place),
];
