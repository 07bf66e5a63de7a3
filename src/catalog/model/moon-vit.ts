/** Widths of MoonViT. */
const hidden = 1152;
const feedForward = 4304;
const blocks = 27;
/** Four patches make one token. */
const merged = 4 * hidden;
const textHidden = 7168;

/** Weights and bias. */
const linear = (inputs: number, outputs: number) => (inputs + 1) * outputs;
const layerNorm = 2 * hidden;

const block =
  linear(hidden, 3 * hidden) +
  linear(hidden, hidden) +
  linear(hidden, feedForward) +
  linear(feedForward, hidden) +
  2 * layerNorm;
const patches = linear(3 * 14 * 14, hidden) + 64 * 64 * hidden;
const projector = layerNorm + linear(merged, merged) + linear(merged, textHidden);

/**
 * Bytes in BF16 of the vision tower of Kimi-K2.5 and K2.6 and of its projector.
 *
 * @source vision_config and tensors of moonshotai/Kimi-K2.5: 27 blocks of 1152, 899 MiB
 */
export const moonVitBytes = 2 * (patches + blocks * block + layerNorm + projector);
