import { type ModelArchitecture, type ModelRow, weightFormats } from '../../catalog/index.ts';
import type { AttentionCut } from './attention-cut.ts';
import { bf16Bytes, matrixBytes } from './tensor-bytes.ts';

/** Attention of one layer on one rank, `kv_b` left out. */
export function attentionBytes(model: ModelRow, cut: AttentionCut): number {
  const { architecture: shape, weightFormat } = model;
  const { attention } = weightFormats[weightFormat].tensors;
  const { hiddenSize, vHeadDim, attentionHeads } = shape;
  return (
    queryAndLatentBytes(model, cut) +
    matrixBytes(attention, hiddenSize, (attentionHeads / cut.output) * vHeadDim)
  );
}

/** `q_a`, `kv_a` and `q_b` of one layer on one rank. */
export function queryAndLatentBytes(
  { architecture: shape, weightFormat }: ModelRow,
  cut: AttentionCut,
): number {
  const { attention } = weightFormats[weightFormat].tensors;
  const { hiddenSize, qLoraRank, kvLoraRank, qkRopeHeadDim } = shape;
  const qkHeadDim = shape.qkNopeHeadDim + qkRopeHeadDim;
  return (
    matrixBytes(attention, qLoraRank, hiddenSize) +
    matrixBytes(attention, kvLoraRank + qkRopeHeadDim, hiddenSize) +
    matrixBytes(attention, (shape.attentionHeads / cut.query) * qkHeadDim, qLoraRank)
  );
}

/** `kv_b` of one layer on one rank. */
export function upProjectionBytes(
  { architecture: shape, weightFormat }: ModelRow,
  { up }: AttentionCut,
): number {
  const { upProjection } = weightFormats[weightFormat].tensors;
  const { kvLoraRank, qkNopeHeadDim, vHeadDim, attentionHeads } = shape;
  return matrixBytes(upProjection, (attentionHeads / up) * (qkNopeHeadDim + vHeadDim), kvLoraRank);
}

/** Indexer of one layer that has its own; its head weights and norms are BF16 in every format. */
export function indexerBytes({ architecture: shape, weightFormat }: ModelRow): number {
  if (shape.indexer === undefined) return 0;
  const { indexer, indexerQuery } = weightFormats[weightFormat].tensors;
  const { heads, headDim } = shape.indexer;
  return (
    matrixBytes(indexerQuery, heads * headDim, shape.qLoraRank) +
    matrixBytes(indexer, headDim, shape.hiddenSize) +
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
export function absorbedCopyBytes(shape: ModelArchitecture, { up }: AttentionCut): number {
  const perHead = shape.kvLoraRank * (shape.qkNopeHeadDim + shape.vHeadDim);
  return bf16Bytes((shape.attentionHeads / up) * perHead);
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
