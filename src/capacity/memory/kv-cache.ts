import type { ModelArchitecture } from '../../catalog/index.ts';

/** How an engine lays out one token of one layer in the cache. */
export type KvLayout = keyof typeof kvLayouts;

/** Parts of one token in one layer: the latent with its rope part, and the indexer's key. */
interface KvLayoutRow {
  readonly latent: (shape: ModelArchitecture, tensor: number) => number;
  /** Bytes of an indexer key of `headDim` values. */
  readonly indexerKey: (headDim: number) => number;
  readonly source: string;
}

const scaled = (bytesPerScale: number) => (headDim: number) =>
  headDim + bytesPerScale * (headDim / 128);

const latentBf16 = (shape: ModelArchitecture) => 2 * (shape.kvLoraRank + shape.qkRopeHeadDim);

/** FP8 latent with one FP32 scale per 128 values, rope part in BF16. */
const latentPacked = (shape: ModelArchitecture) =>
  shape.kvLoraRank + 4 * (shape.kvLoraRank / 128) + 2 * shape.qkRopeHeadDim;

/** Bytes for V3.2: 1284, 788, 708, 1408, 1282, 786 per layer in the order below. */
const kvLayouts = {
  bf16: {
    latent: latentBf16,
    indexerKey: scaled(4),
    source: 'vLLM --kv-cache-dtype bfloat16; SGLang default on Hopper',
  },
  'fp8-ds-mla': {
    latent: latentPacked,
    indexerKey: scaled(4),
    source: 'vLLM flashmla_sparse.py; FlashMLA README: 512 + 4 x 4 + 64 x 2 = 656 bytes',
  },
  'fp8-plain': {
    latent: (shape) => shape.kvLoraRank + shape.qkRopeHeadDim,
    indexerKey: scaled(4),
    source: 'SGLang with TRT-LLM kernels on Blackwell; tilelang and aiter on ROCm',
  },
  'ascend-bf16': {
    latent: latentBf16,
    indexerKey: (headDim) => 2 * headDim,
    source: 'vllm-ascend default: BF16 latent and BF16 indexer key',
  },
  'ascend-bf16-li-c8': {
    latent: latentBf16,
    indexerKey: scaled(2),
    source: 'vllm-ascend enable_sparse_li_c8: INT8 key with one FP16 scale',
  },
  'ascend-c8': {
    latent: latentPacked,
    indexerKey: scaled(2),
    source: 'vllm-ascend enable_sparse_sfa_c8 with enable_sparse_li_c8',
  },
  'bf16-padded-1280': {
    latent: (shape) => 256 * Math.ceil(latentBf16(shape) / 256),
    indexerKey: scaled(4),
    source: 'vLLM up to March 2025 aligned each token to 256 bytes (vllm-project/vllm#14842)',
  },
  'mha-bf16': {
    latent: (shape, tensor) =>
      2 * (shape.attentionHeads / tensor) * 2 * (shape.qkNopeHeadDim + shape.qkRopeHeadDim),
    indexerKey: scaled(4),
    source: 'engines without latent attention: keys and values padded to 192 values per head',
  },
} as const satisfies Readonly<Record<string, KvLayoutRow>>;

/**
 * KV cache bytes of one token in one layer. Tensor ranks hold copies of the latent, so `tensor`
 * matters only to the layout that has none.
 */
export function kvBytesPerTokenPerLayer(
  shape: ModelArchitecture,
  layout: KvLayout,
  tensor = 1,
): number {
  const indexer = indexerBytesPerTokenPerLayer(shape, layout);
  return latentBytesPerTokenPerLayer(shape, layout, tensor) + indexer;
}

/** The indexer's key alone; 0 for models without one. */
export function indexerBytesPerTokenPerLayer(shape: ModelArchitecture, layout: KvLayout): number {
  const { indexerKey }: KvLayoutRow = kvLayouts[layout];
  return shape.indexer === undefined ? 0 : indexerKey(shape.indexer.headDim);
}

/** The same without the indexer's key: what attention itself reads. */
export function latentBytesPerTokenPerLayer(
  shape: ModelArchitecture,
  layout: KvLayout,
  tensor = 1,
): number {
  const { latent }: KvLayoutRow = kvLayouts[layout];
  return latent(shape, tensor);
}

/** Where the bytes of a layout come from. */
export function kvLayoutSource(layout: KvLayout): string {
  return kvLayouts[layout].source;
}
