import type { VisionTower } from './model-row.ts';

/** Widths of MoonViT. */
const hidden = 1152;
const feedForward = 4304;
const heads = 16;
const blocks = 27;
/** Four patches make one token. */
const patchesPerToken = 4;
const merged = patchesPerToken * hidden;
const textHidden = 7168;
/** Of each of three colours. */
const patchValues = 3 * 14 * 14;

/** Weights and bias. */
const linear = (inputs: number, outputs: number) => (inputs + 1) * outputs;
const layerNorm = 2 * hidden;

const block =
  linear(hidden, 3 * hidden) +
  linear(hidden, hidden) +
  linear(hidden, feedForward) +
  linear(feedForward, hidden) +
  2 * layerNorm;
/** Norms, and the bias of the two projections whose inputs are cut. */
const uncutOfBlock = 2 * layerNorm + 2 * hidden;
const patches = linear(patchValues, hidden) + 64 * 64 * hidden;
const projector = layerNorm + linear(merged, merged) + linear(merged, textHidden);

/**
 * Vision tower of Kimi-K2.5 and K2.6 with its projector, 899 MiB in BF16.
 *
 * @source vision_config and tensors of moonshotai/Kimi-K2.5: 27 blocks of 1152; what is cut, rotated
 * and profiled: vLLM kimi_k25_vit.py and kimi_k25.py of 0.16.0 to 0.33.0. An image of 3000 x 3000 becomes
 * 130 x 130 patches by preprocessor_config.json (in_patch_limit 16384, padded to whole tokens), more
 * than a video chunk of four frames; logs say 7 items for 32,768 tokens
 */
export const moonVit: VisionTower = {
  cutBytes: 2 * blocks * (block - uncutOfBlock),
  wholeBytes: 2 * (patches + blocks * uncutOfBlock + layerNorm + projector),
  heads,
  hiddenSize: hidden,
  intermediateSize: feedForward,
  patchValues,
  patchesPerToken,
  largestItemPatches: 130 * 130,
  // Complex values in FP32 for 512 x 512 places.
  rotationBytes: 512 * 512 * (hidden / heads / 2) * 8,
};
