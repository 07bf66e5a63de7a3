import type { ImageProfile, VisionTower } from '../../catalog/index.ts';
import { formatCount } from '../../units/index.ts';
import type { FitRequest, StepSettings } from './fit-request.ts';
import type { MemoryTerm } from './rank-memory.ts';
import { towerRanks } from './tower-ranks.ts';

/** Images in the profile of one rank. */
export interface ImageTerms {
  /** What is still there when the language model runs. */
  readonly held: readonly MemoryTerm[];
  /** The tower itself at its fullest, before that. */
  readonly tower: readonly MemoryTerm[];
}

/**
 * What vLLM's profile takes for as many of the largest images as one step may hold; nothing for
 * models without a tower and where it is not profiled.
 *
 * A release that runs them on the first pipeline stage alone is counted as if it did on all.
 */
export function imageTerms(request: FitRequest, step: StepSettings): ImageTerms {
  const { vision: tower } = request.model;
  const { images } = step.behaviour;
  const ranks = towerRanks(request);
  const isProfiled = step.vision?.profiled !== false && ranks > 0;
  if (tower === undefined || images === undefined || !isProfiled) return { held: [], tower: [] };
  const count = profiledItems(tower, request, step);
  const batch = { tower, images, count, ranks, tensor: request.sharding.tensor };
  const what = count === 1 ? 'the largest image' : `${formatCount(count)} of the largest images`;
  return {
    held: [
      {
        name: `embeddings of ${what}`,
        bytes: heldBytes(batch, request.model.architecture.hiddenSize),
        label: 'exact',
        source:
          'vLLM profile_run: embeddings in the encoder cache, table of rotations, pixels until 0.25.1',
      },
    ],
    tower: [
      {
        name: `vision tower with ${what}`,
        bytes: towerPeakBytes(batch, request.model.architecture.hiddenSize),
        label: 'assumed',
        source:
          'tensors of vLLM kimi_k25_vit.py at their fullest; what cuDNN takes for patches is not known',
      },
    ],
  };
}

/**
 * Items that fit a budget of as many tokens as are batched, of one item at least.
 *
 * @source vllm/multimodal/encoder_budget.py and v1/core/encoder_cache_manager.py of 0.18.1, the same in
 * 0.33.0: no more than all requests may bring, at most 999 each
 */
function profiledItems(tower: VisionTower, request: FitRequest, step: StepSettings): number {
  const tokensEach = tower.largestItemPatches / tower.patchesPerToken;
  const { maxSequences = Number.POSITIVE_INFINITY, batchedTokens } = step;
  const perRequest = Math.max(1, Math.min(999, Math.floor(request.contextTokens / tokensEach)));
  const inStep = Math.floor(batchedTokens / tokensEach);
  return Math.max(1, Math.min(inStep, maxSequences * perRequest));
}

interface ImageBatch {
  readonly tower: VisionTower;
  readonly images: ImageProfile;
  readonly count: number;
  /** Ranks that share the tower; 1 where each has its own images. */
  readonly ranks: number;
  readonly tensor: number;
}

function heldBytes({ tower, images, count }: ImageBatch, textHidden: number): number {
  const patches = count * tower.largestItemPatches;
  const pixels = images.keepsPixels ? tower.patchValues * images.pixelBytes : 0;
  const embeddings = (2 * textHidden) / tower.patchesPerToken;
  return tower.rotationBytes + patches * (pixels + embeddings);
}

/** The fullest of attention, feed-forward block and projector; rows of BF16. */
function towerPeakBytes(batch: ImageBatch, textHidden: number): number {
  const { tower, images, count, ranks, tensor } = batch;
  const all = count * tower.largestItemPatches;
  // With a tower each, ranks divide the images and gather what comes out, padded to the longest.
  const isDivided = ranks === 1 && tensor > 1;
  const own = isDivided ? Math.ceil(count / tensor) * tower.largestItemPatches : all;
  const row = 2 * tower.hiddenSize;
  const pixels = tower.patchValues * images.pixelBytes;
  const encoding = own * (blockBytes(batch, row) + (isDivided ? pixels : 0));
  const gathered = row * (isDivided ? tensor * own : all);
  // Rows in and out, one of them the hidden rows of the merged patches.
  const projected = all * (2 * row + (2 * textHidden) / tower.patchesPerToken);
  return tower.rotationBytes + all * pixels + Math.max(encoding, gathered + projected);
}

/** One patch in a block: the rows its callers still hold, and those of the fuller half. */
function blockBytes({ tower, images, ranks }: ImageBatch, row: number): number {
  const rotations = (tower.hiddenSize / tower.heads / 2) * 8;
  const cutRow = row / ranks;
  // A sum over ranks is a second row.
  const output = ranks > 1 ? 2 * row : row;
  // Queries, keys and values; FP32 copies of two, rotated ones, and those in BF16 again.
  const rotating = images.rotatesInPlace ? 3 * cutRow : (3 + 8 + 2) * cutRow;
  const attending = (images.rotatesInPlace ? 4 : 6) * cutRow + output;
  const inner = (2 * tower.intermediateSize) / ranks;
  const attention = 3 * row + Math.max(rotating, attending);
  const feedForward = 4 * row + Math.max(2 * inner, inner + output);
  return rotations + Math.max(attention, feedForward);
}
