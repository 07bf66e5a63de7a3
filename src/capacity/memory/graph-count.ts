/** What decides how many graphs vLLM records. */
export interface RecordedBatches {
  readonly maxSequences: number;
  readonly batchedTokens: number;
  /** Draft tokens of one request in one step. */
  readonly draftTokens: number;
}

/**
 * Graphs vLLM records at its start by default: piecewise ones up to twice the tokens of a decode step,
 * whole ones for decode steps alone.
 *
 * @source vllm/config/vllm.py _set_cudagraph_sizes and vllm/v1/cudagraph_dispatcher.py of 0.19.0 and
 * 0.20.0; a log of 0.20.0 says 2 and 1 for one request, 33 and 17 for 32 with 3 draft tokens
 */
export function recordedGraphs(batches: RecordedBatches): number {
  const { maxSequences, batchedTokens, draftTokens } = batches;
  const ofOne = 1 + draftTokens;
  const decoded = maxSequences * ofOne;
  const most = Math.min(2 * decoded, largestSize, batchedTokens);
  const sizes = captureSizes.filter((size) => size <= most);
  // Sizes that are no whole number of requests are rounded up to one that is.
  const usable = new Set(sizes.map((size) => ofOne * Math.ceil(size / ofOne)));
  const recorded = [...usable].filter((size) => size <= most);
  return recorded.length + recorded.filter((size) => size <= decoded).length;
}

const largestSize = 512;

/** Requests from which on every size is recorded. */
export const mostGraphSequences = largestSize;

/** 1, 2, 4, then multiples of 8 below 256 and of 16 from there. */
const captureSizes = [
  ...[1, 2, 4],
  ...Array.from({ length: 31 }, (_, place) => 8 * (place + 1)),
  ...Array.from({ length: 17 }, (_, place) => 256 + 16 * place),
];
