import type { TensorFormat } from '../../catalog/index.ts';

/** Side of the square block that shares one FP32 scale in the FP8 checkpoints. */
const fp8Block = 128;

/**
 * Bytes of a matrix `[rows, columns]` with its scales; `rows` are output channels.
 *
 * @source FP8: quantization_config of DeepSeek-V3.2, one FP32 scale per 128 x 128 block. INT8: one
 * scale and one offset per output channel, 8 bytes with what is made of them (vllm-ascend
 * w8a8_dynamic.py). INT4 by channel: an INT64 scale, an FP32 offset and an FP32 bias (its w4a8.py).
 * MXFP4: OCP microscaling, one byte per 32 values. NVFP4: one FP8 scale per 16 values. INT4 by group:
 * one BF16 scale per 32 or 128 values.
 */
export function matrixBytes(format: TensorFormat, rows: number, columns: number): number {
  const elements = rows * columns;
  switch (format) {
    case 'fp8-block128':
      return elements + 4 * Math.ceil(rows / fp8Block) * Math.ceil(columns / fp8Block);
    case 'int8-channel':
      return elements + 8 * rows;
    case 'int4-channel':
      return elements / 2 + 16 * rows;
    case 'bf16':
      return 2 * elements;
    case 'mxfp4':
      return elements / 2 + elements / 32;
    case 'nvfp4':
    case 'int4-group32':
      return elements / 2 + elements / 16;
    case 'int4-group128':
      return elements / 2 + elements / 64;
  }
}

/** Bytes of `elements` BF16 numbers. */
export function bf16Bytes(elements: number): number {
  return 2 * elements;
}
