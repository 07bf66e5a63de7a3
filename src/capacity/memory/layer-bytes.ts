import { type ModelArchitecture, type ModelRow, weightFormats } from '../../catalog/index.ts';
import { bf16Bytes, matrixBytes } from './tensor-bytes.ts';

/** Attention of one layer on one of `tensor` ranks; `q_a` and `kv_a` are copied to every rank. */
export function attentionBytes(
  { architecture: shape, weightFormat }: ModelRow,
  tensor: number,
): number {
  const format = weightFormats[weightFormat].tensors.attention;
  const { hiddenSize, qLoraRank, kvLoraRank, qkRopeHeadDim, vHeadDim } = shape;
  const qkHeadDim = shape.qkNopeHeadDim + qkRopeHeadDim;
  const heads = shape.attentionHeads / tensor;
  return (
    matrixBytes(format, qLoraRank, hiddenSize) +
    matrixBytes(format, kvLoraRank + qkRopeHeadDim, hiddenSize) +
    matrixBytes(format, heads * qkHeadDim, qLoraRank) +
    matrixBytes(format, heads * (shape.qkNopeHeadDim + vHeadDim), kvLoraRank) +
    matrixBytes(format, hiddenSize, heads * vHeadDim)
  );
}

/** Indexer of one layer that has its own; its head weights and norms are BF16 in every format. */
export function indexerBytes({ architecture: shape, weightFormat }: ModelRow): number {
  if (shape.indexer === undefined) return 0;
  const format = weightFormats[weightFormat].tensors.indexer;
  const { heads, headDim } = shape.indexer;
  return (
    matrixBytes(format, heads * headDim, shape.qLoraRank) +
    matrixBytes(format, headDim, shape.hiddenSize) +
    bf16Bytes(heads * shape.hiddenSize + 2 * headDim)
  );
}

export function denseFeedForwardBytes(model: ModelRow, ways: number): number {
  const format = weightFormats[model.weightFormat].tensors.denseFeedForward;
  return feedForwardBytes(model, format, model.architecture.denseIntermediateSize / ways);
}

/** One routed expert cut `ways` ways. */
export function routedExpertBytes(model: ModelRow, ways: number): number {
  const format = weightFormats[model.weightFormat].tensors.routedExperts;
  return feedForwardBytes(model, format, model.architecture.expertIntermediateSize / ways);
}

export function sharedExpertBytes(model: ModelRow, ways: number): number {
  const { sharedExperts, expertIntermediateSize } = model.architecture;
  const format = weightFormats[model.weightFormat].tensors.sharedExperts;
  return sharedExperts * feedForwardBytes(model, format, expertIntermediateSize / ways);
}

/** Gate, up and down projection of width `width`. */
function feedForwardBytes(
  { architecture: { hiddenSize } }: ModelRow,
  format: Parameters<typeof matrixBytes>[0],
  width: number,
): number {
  return 2 * matrixBytes(format, width, hiddenSize) + matrixBytes(format, hiddenSize, width);
}

export function normBytes(shape: ModelArchitecture): number {
  return bf16Bytes(shape.qLoraRank + shape.kvLoraRank + 2 * shape.hiddenSize);
}

export function routerBytes(shape: ModelArchitecture): number {
  return bf16Bytes(shape.routedExperts * (shape.hiddenSize + 1));
}

/** BF16 copies of W_UK and W_UV that engines make at load so that decode can skip `kv_b`. */
export function absorbedCopyBytes(shape: ModelArchitecture, tensor: number): number {
  const perHead = shape.kvLoraRank * (shape.qkNopeHeadDim + shape.vHeadDim);
  return bf16Bytes((shape.attentionHeads / tensor) * perHead);
}

/**
 * W_Q_UK and W_UV_O: the absorbed projections multiplied with `q_b` and `o`, kept beside them.
 *
 * @source vllm-project/vllm#13074, release 0.7.2: about 2 GiB for 30 layers of V3 at TP8
 */
export function mergedProjectionBytes(
  { architecture: shape, weightFormat }: ModelRow,
  tensor: number,
): number {
  const format = weightFormats[weightFormat].tensors.attention;
  const width = (shape.attentionHeads / tensor) * shape.kvLoraRank;
  return matrixBytes(format, width, shape.qLoraRank) + matrixBytes(format, shape.hiddenSize, width);
}

/** Embedding or output head: both have the same shape. */
export function embeddingBytes(shape: ModelArchitecture): number {
  return bf16Bytes(shape.vocabularySize * shape.hiddenSize);
}
