import type { ModelArchitecture } from '../catalog/index.ts';

/** How an engine lays out one token of one layer in the cache. */
export type KvLayout = 'bf16' | 'fp8-ds-mla';

/**
 * KV cache bytes of one token in one layer: the latent `[kvLoraRank + qkRopeHeadDim]`, whatever the
 * number of heads, and the indexer's FP8 key with one FP32 scale. Tensor ranks hold copies.
 *
 * `fp8-ds-mla` is 512 FP8 values, 4 FP32 scales and 64 BF16 rope values: 656 bytes.
 *
 * @source vLLM flashmla_sparse.py and deepseek_v2.py; FlashMLA README
 */
export function kvBytesPerTokenPerLayer(shape: ModelArchitecture, layout: KvLayout): number {
  const rope = 2 * shape.qkRopeHeadDim;
  const latent =
    layout === 'bf16' ? 2 * shape.kvLoraRank : shape.kvLoraRank + 4 * (shape.kvLoraRank / 128);
  return latent + rope + indexerKeyBytes(shape);
}

function indexerKeyBytes(shape: ModelArchitecture): number {
  if (shape.indexer === undefined) return 0;
  return shape.indexer.headDim + 4 * (shape.indexer.headDim / 128);
}
