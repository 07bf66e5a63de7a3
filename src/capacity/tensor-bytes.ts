/** Side of the square block that shares one FP32 scale in the FP8 checkpoints. */
const fp8Block = 128;

/**
 * Bytes of an FP8 matrix `[rows, columns]` with one FP32 scale per 128 x 128 block.
 *
 * @source quantization_config of DeepSeek-V3.2: e4m3, weight_block_size [128, 128]
 */
export function fp8MatrixBytes(rows: number, columns: number): number {
  return rows * columns + 4 * Math.ceil(rows / fp8Block) * Math.ceil(columns / fp8Block);
}

/** Bytes of `elements` BF16 numbers. */
export function bf16Bytes(elements: number): number {
  return 2 * elements;
}
