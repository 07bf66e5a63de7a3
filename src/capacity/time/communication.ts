import type { AcceleratorRow } from '../../catalog/index.ts';
import type { Placement } from './step-work.ts';

/**
 * Microseconds of dispatch and combine in one layer, 128 tokens per rank of hidden size 7168, by
 * number of expert ranks.
 *
 * @source deepseek-ai/DeepEP README, low-latency kernels on H800 with 400 Gb/s per GPU
 */
const lowLatencyMicroseconds: readonly (readonly [ranks: number, microseconds: number])[] = [
  [8, 191],
  [16, 313],
  [32, 428],
  [64, 487],
  [128, 561],
  [256, 554],
];

const reference = { tokens: 128, hiddenSize: 7168, linkBytesPerSecond: 160e9 };

/** Latency of one collective without data; assumed, from what such kernels usually take. */
const latencySeconds = { insideNode: 20e-6, acrossNodes: 60e-6 };

/** Share of a link's peak that an all-reduce reaches; assumed. */
const allReduceEfficiency = 0.6;

/** Seconds one decode step spends in collectives, before any overlap. */
export function communicationSeconds(placement: Placement, tokens: number): number {
  const { data, tensor } = placement.layout;
  const tokensPerDataRank = tokens / data;
  return (
    (tensor > 1 ? allReduceSeconds(placement, tokensPerDataRank) : 0) +
    (data > 1 ? allToAllSeconds(placement, tokensPerDataRank / tensor) : 0)
  );
}

/** After attention, and after the experts where their output is not sent back to its rank. */
function allReduceSeconds({ model, accelerator, layout }: Placement, tokens: number): number {
  const { hiddenSize, layers } = model.architecture;
  const { tensor, data } = layout;
  const crosses = tensor > accelerator.devicesPerNode;
  const { networkBytesPerSecond, linkBytesPerSecond } = accelerator.peak;
  const rate = allReduceEfficiency * (crosses ? networkBytesPerSecond : linkBytesPerSecond);
  const bytes = ((2 * (tensor - 1)) / tensor) * tokens * 2 * hiddenSize;
  const latency = crosses ? latencySeconds.acrossNodes : latencySeconds.insideNode;
  return layers * (data === 1 ? 2 : 1) * (latency + bytes / rate);
}

/** Tokens to their experts and back, two collectives in each expert layer. */
function allToAllSeconds({ model, accelerator, layout }: Placement, tokensPerRank: number): number {
  const { architecture: shape } = model;
  const ranks = layout.tensor * layout.data;
  const crosses = ranks > accelerator.devicesPerNode;
  const latency = 2 * (crosses ? latencySeconds.acrossNodes : latencySeconds.insideNode);
  const perLayer = Math.max(0, interpolate(ranks) * 1e-6 - latency);
  const volume = (tokensPerRank / reference.tokens) * (shape.hiddenSize / reference.hiddenSize);
  const layers = shape.layers - shape.denseLayers;
  return layers * (latency + (perLayer * volume) / relativeSpeed(accelerator, crosses));
}

/** Speed against the machine the table was measured on. */
function relativeSpeed({ peak }: AcceleratorRow, crosses: boolean): number {
  return crosses
    ? peak.networkBytesPerSecond / 50e9
    : peak.linkBytesPerSecond / reference.linkBytesPerSecond;
}

/** Linear in the doublings of ranks between the measured ones, flat beyond. */
function interpolate(ranks: number): number {
  const above = lowLatencyMicroseconds.findIndex(([known]) => known >= ranks);
  const last = lowLatencyMicroseconds.at(-1);
  if (above === -1) return last?.[1] ?? 0;
  const [upper, upperTime] = lowLatencyMicroseconds[above] ?? [ranks, 0];
  const [lower, lowerTime] = lowLatencyMicroseconds[above - 1] ?? [upper, upperTime];
  if (lower === upper) return upperTime;
  const share = Math.log2(ranks / lower) / Math.log2(upper / lower);
  return lowerTime + share * (upperTime - lowerTime);
}
