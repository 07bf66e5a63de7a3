import type { AcceleratorRow, ModelArchitecture, ModelRow } from '../../catalog/index.ts';
import {
  type KvLayout,
  kvBytesPerTokenPerLayer,
  latentBytesPerTokenPerLayer,
} from '../memory/kv-cache.ts';
import { embeddingBytes, routedExpertBytes } from '../memory/layer-bytes.ts';
import { type WeightSharding, weightBytesByStage, weightTermsByStage } from '../memory/weights.ts';

/** Who does the work: what decides bytes and operations of a step. */
export interface Placement {
  readonly model: ModelRow;
  readonly accelerator: AcceleratorRow;
  readonly layout: WeightSharding;
  readonly kvLayout: KvLayout;
}

/** Tokens of one decode step, in the whole group. */
export interface DecodeBatch {
  readonly sequences: number;
  /** Tokens fed per sequence: 1, and one more for each draft. */
  readonly tokensPerSequence: number;
  /** Mean number of tokens already in the cache of a sequence. */
  readonly positionTokens: number;
}

/** Memory traffic and attention work of one rank in one decode step, all layers. */
export interface DecodeWork {
  readonly weightBytes: number;
  readonly kvBytes: number;
  readonly attentionFlops: number;
  /** Matrix work outside attention; small against reading the weights until batches are large. */
  readonly linearFlops: number;
}

/**
 * Experts that at least one of `tokens` tokens goes to, when routing is even.
 *
 * @source 256 x (1 - (1 - 8/256)^tokens): 31, 57, 102, 163, 222 for 4 to 64 tokens
 */
export function distinctExperts(shape: ModelArchitecture, tokens: number): number {
  const missed = 1 - shape.expertsPerToken / shape.routedExperts;
  return shape.routedExperts * (1 - missed ** tokens);
}

/** Experts are read by whoever holds them, the cache by its data rank. */
export function decodeWork(placement: Placement, batch: DecodeBatch): DecodeWork {
  const { model, layout } = placement;
  const { architecture: shape } = model;
  const tokens = batch.sequences * batch.tokensPerSequence;
  const expertRanks = layout.tensor * layout.data;
  const expertLayers = shape.layers - shape.denseLayers;
  const experts = distinctExperts(shape, tokens) * routedExpertBytes(model, 1) * expertLayers;
  // Ranks wait for each other: the fullest one decides.
  const sequencesPerRank = Math.ceil(batch.sequences / layout.data);
  return {
    weightBytes: fixedBytes(placement) + experts / expertRanks,
    kvBytes: sequencesPerRank * cacheReadBytes(placement, batch.positionTokens),
    attentionFlops:
      sequencesPerRank * batch.tokensPerSequence * attentionFlopsPerRank(placement, batch),
    linearFlops: (2 * tokens * activeParameters(model)) / expertRanks,
  };
}

/** Weights every step reads whatever the batch: all but routed experts and the embedding. */
function fixedBytes({ model, layout }: Placement): number {
  const stages = weightTermsByStage(model, layout, { mtp: false });
  const all = stages.flat().filter(({ name }) => name !== 'routed experts');
  const sum = all.reduce((bytes, term) => bytes + term.bytes, 0);
  return sum - embeddingBytes(model.architecture) / layout.tensor;
}

/** Bytes read from the cache for one sequence: all of it, or the chosen tokens and all keys. */
function cacheReadBytes({ model, layout, kvLayout }: Placement, position: number): number {
  const { architecture: shape } = model;
  const whole = kvBytesPerTokenPerLayer(shape, kvLayout, layout.tensor);
  if (shape.indexer === undefined) return shape.layers * whole * position;
  const latent = latentBytesPerTokenPerLayer(shape, kvLayout, layout.tensor);
  const chosen = Math.min(position, shape.indexer.topK);
  return shape.layers * (latent * chosen + (whole - latent) * position);
}

/**
 * Attention of one token on one rank, absorbed form, and the indexer, which every rank repeats.
 *
 * @source FlashMLA pads the heads of a rank to 64 on Hopper and 128 on Blackwell in its sparse kernel
 */
function attentionFlopsPerRank(placement: Placement, { positionTokens }: DecodeBatch): number {
  const { model, layout, accelerator } = placement;
  const { architecture: shape } = model;
  const heads = shape.attentionHeads / layout.tensor;
  const perHead = 2 * (2 * shape.kvLoraRank + shape.qkRopeHeadDim);
  if (shape.indexer === undefined) return shape.layers * heads * perHead * positionTokens;
  const padded = accelerator.vendor === 'nvidia' ? Math.max(heads, 64) : heads;
  const sparse = padded * perHead * Math.min(positionTokens, shape.indexer.topK);
  return shape.layers * (sparse + indexerFlops(shape) * positionTokens);
}

function indexerFlops({ indexer }: ModelArchitecture): number {
  return indexer === undefined ? 0 : 2 * indexer.heads * indexer.headDim + 2 * indexer.headDim;
}

/**
 * Operations to prefill `tokens` new tokens of one prompt that ends at `endTokens`.
 *
 * Attention runs in the plain form below the length where the sparse form is cheaper, 6,963 tokens
 * for V3.2.
 */
export function prefillFlops(model: ModelRow, tokens: number, endTokens: number): number {
  const { architecture: shape } = model;
  const meanPosition = endTokens - tokens / 2;
  const head = shape.qkNopeHeadDim + shape.qkRopeHeadDim + shape.vHeadDim;
  const dense = 2 * shape.attentionHeads * head * meanPosition;
  const absorbed = 2 * shape.attentionHeads * (2 * shape.kvLoraRank + shape.qkRopeHeadDim);
  const attention =
    shape.indexer === undefined
      ? dense
      : Math.min(dense, absorbed * Math.min(meanPosition, shape.indexer.topK)) +
        indexerFlops(shape) * meanPosition;
  return tokens * (2 * activeParameters(model) + shape.layers * attention);
}

/** Parameters one token passes through, without embedding and output head. */
export function activeParameters(model: ModelRow): number {
  const { architecture: shape } = model;
  const plain: ModelRow = { ...model, weightFormat: 'bf16' };
  const whole = { tensor: 1, data: 1, pipeline: 1, expert: false };
  const [all = 0] = weightBytesByStage(plain, whole, { mtp: false, absorbedCopy: false });
  const idle = shape.routedExperts - shape.expertsPerToken;
  const expertLayers = shape.layers - shape.denseLayers;
  const skipped = idle * expertLayers * routedExpertBytes(plain, 1) + 2 * embeddingBytes(shape);
  return (all - skipped) / 2;
}
