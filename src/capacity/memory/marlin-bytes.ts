/** Rows of INT4 experts; elements. */
export interface MarlinRows {
  readonly hidden: number;
  readonly inner: number;
  readonly tokens: number;
  readonly expertsPerToken: number;
}

/** Beyond it PyTorch splits a sum and keeps what it has summed up in FP32; bytes. */
const largestPlainSum = 2 ** 31 - 1;

/**
 * Bytes of Marlin's INT4 experts at their fullest, outside any workspace: while they multiply, or while
 * the rows of one token are summed up.
 *
 * @source vllm fused_marlin_moe.py of 0.20.0: intermediate_cache13 and intermediate_cache2, then
 * torch.sum of the first; PyTorch aten/src/ATen/native/cuda/Reduce.cuh, gpu_reduce_kernel: a BF16 sum
 * whose offsets do not fit 32 bits has an AccumulationBuffer of four bytes for each value of its output
 */
export function marlinBytes({ hidden, inner, tokens, expertsPerToken }: MarlinRows): number {
  const reached = tokens * expertsPerToken;
  const multiplying = reached * 2 * (Math.max(2 * inner, hidden) + inner);
  const rows = reached * 2 * hidden;
  const accumulated = rows > largestPlainSum ? tokens * 4 * hidden : 0;
  return Math.max(multiplying, rows + tokens * 2 * hidden + accumulated);
}
