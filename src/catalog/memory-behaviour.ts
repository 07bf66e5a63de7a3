/** Engines whose memory arithmetic is known, whether or not a group may use them yet. */
export type MemoryEngine = 'vllm' | 'sglang' | 'vllm-ascend';

/** How the releases from `since` on size their KV pool and what they leave out of the sum. */
export interface MemoryBehaviourRow {
  readonly engine: MemoryEngine;
  /** First release it holds for. */
  readonly since: string;
  /** The release's own default of its memory fraction; absent where a formula gives it. */
  readonly memoryFraction?: number;
  /** What a server batches unless told; absent where a formula gives it. */
  readonly batches?: BatchDefaults;
  /** Whether CUDA graphs are counted before the KV pool is sized, or come on top of it. */
  readonly graphsInBudget: boolean;
  /** Whether the indexer's logits are cut into pieces of `indexerLogitsCapBytes`. */
  readonly indexerLogitsCapped: boolean;
  /** FP8 cache of sparse-attention models sized by 576 + 132 bytes but stored in 656 + 132. */
  readonly undersizedFp8Cell: boolean;
  /**
   * Bytes of one logit while the profile samples for `maxSequences` requests at once, which takes more
   * than the model itself when few tokens are batched.
   *
   * @default 0 - the profile does not sample
   */
  readonly samplingBytesPerLogit?: number;
  /**
   * Whether the loader multiplies the absorbed projections out, which takes far more than a copy.
   *
   * @default false
   */
  readonly mergedProjections?: boolean;
  /**
   * Whether the default fraction leaves room for graphs of prefill.
   *
   * @default false
   */
  readonly prefillGraphs?: boolean;
  /** CUDA graphs of one rank, tensor-parallel only and with spread experts, bytes. */
  readonly graphBytes: { readonly tensor: number; readonly expert: number };
  readonly source: string;
}

/** What one step of a server holds by default. */
export interface BatchDefaults {
  /** By memory of a device, largest first; the last row holds for every device. */
  readonly byDevice: readonly {
    readonly fromBytes: number;
    readonly tokens: number;
    readonly sequences: number;
  }[];
  /** Tokens where all-to-all kernels of fixed batches carry the experts' traffic. */
  readonly fixedBatchTokens?: number;
}

/** @source vllm-project/vllm#36178: VLLM_SPARSE_INDEXER_MAX_LOGITS_MB, default 512 */
export const indexerLogitsCapBytes = 512 * 2 ** 20;

const gib = 2 ** 30;

/**
 * @source vLLM 0.16, V3.2 TP8 on H200: 2.01 GiB; SGLang, R1 TP8 EP8 on B200: 6.37 GiB, taken for
 * every layout with spread experts
 */
const cudaGraphs = { tensor: 2.01 * gib, expert: 6.37 * gib };

/** @source vllm/engine/arg_utils.py, get_batch_defaults, of 0.18.1 to 0.25.1 */
const twoSizes: BatchDefaults = {
  byDevice: [
    { fromBytes: 70 * gib, tokens: 8192, sequences: 1024 },
    { fromBytes: 0, tokens: 2048, sequences: 256 },
  ],
};

/** @source vllm/config/scheduler.py and parallel.py (use_batched_dp_moe), in 0.23.0 and not in 0.18.1 */
const fixedBatches = { fixedBatchTokens: 256 };

/** @source vllm/engine/arg_utils.py, get_batch_defaults, of 0.33.0; not yet in 0.25.1 */
const threeSizes: BatchDefaults = {
  ...fixedBatches,
  byDevice: [{ fromBytes: 160 * gib, tokens: 16_384, sequences: 1024 }, ...twoSizes.byDevice],
};

/** Few capture sizes (8 to 48 in the vllm-ascend tutorial); not measured. */
const npuGraphs = { tensor: gib, expert: gib };

/**
 * BF16 of the rank and gathered (2 + 2), FP32 (4), values and INT64 places sorted (12) and the workspace
 * of the sort (12).
 *
 * @source vLLM gpu_model_runner.py _dummy_sampler_run, topk_topp_sampler.py; Kimi-K2-Thinking on
 * 8 x H200 (vllm-project/recipes) leaves 5.45 GiB for 1,024 requests of 163,840 logits: 34.9 bytes,
 * other buffers included
 */
const sortedLogitBytes = 32;

/**
 * BF16 of the rank and gathered (2 + 2), FP32 (4), probabilities (4) and noise (4): nothing is sorted.
 *
 * @source the same files of vLLM 0.18.1, 0.25.1 and 0.33.0, whose kernels of Triton and FlashInfer
 * filter in place
 */
const unsortedLogitBytes = 16;

const vllmWithGraphs = {
  memoryFraction: 0.92,
  graphsInBudget: true,
  indexerLogitsCapped: true,
  undersizedFp8Cell: false,
  samplingBytesPerLogit: unsortedLogitBytes,
  graphBytes: cudaGraphs,
  source:
    'graphs are part of the profile since the default fraction rose from 0.90 to 0.92 (vllm/config/cache.py)',
} as const;

const vllmBeforeLogitsCap = {
  memoryFraction: 0.9,
  batches: twoSizes,
  graphsInBudget: false,
  indexerLogitsCapped: false,
  undersizedFp8Cell: false,
  graphBytes: cudaGraphs,
} as const;

/** Newest first within each engine. */
export const memoryBehaviours: readonly MemoryBehaviourRow[] = [
  {
    engine: 'vllm',
    since: '0.33.0',
    ...vllmWithGraphs,
    batches: threeSizes,
  },
  {
    engine: 'vllm',
    since: '0.22.0',
    ...vllmWithGraphs,
    batches: { ...twoSizes, ...fixedBatches },
  },
  {
    engine: 'vllm',
    since: '0.18.0',
    memoryFraction: 0.9,
    batches: twoSizes,
    graphsInBudget: false,
    indexerLogitsCapped: true,
    undersizedFp8Cell: false,
    samplingBytesPerLogit: unsortedLogitBytes,
    graphBytes: cudaGraphs,
    source: 'logits cap: vllm-project/vllm#36178, merged in spring 2026; release assumed',
  },
  {
    engine: 'vllm',
    since: '0.8.0',
    ...vllmBeforeLogitsCap,
    samplingBytesPerLogit: sortedLogitBytes,
    source: 'vLLM 0.16 log: weights 80.78, KV cache 30.52 of 118.84 GiB, graphs 2.01 on top',
  },
  {
    engine: 'vllm',
    since: '0.7.3',
    ...vllmBeforeLogitsCap,
    source: 'vllm-project/vllm#14842, March 2025: no merged projections; first release assumed',
  },
  {
    engine: 'vllm',
    since: '0.7.1',
    ...vllmBeforeLogitsCap,
    mergedProjections: true,
    source: 'vllm-project/vllm#13074, release 0.7.2: about 2 GiB for 30 layers of V3 at TP8',
  },
  {
    engine: 'vllm',
    since: '0.0.0',
    ...vllmBeforeLogitsCap,
    source: 'as 0.8; DeepSeek-V3#205, vLLM 0.6.6, V3 TP8 x PP4: weights 16.96 GiB',
  },
  {
    engine: 'vllm-ascend',
    since: '0.0.0',
    memoryFraction: 0.9,
    batches: twoSizes,
    graphsInBudget: false,
    indexerLogitsCapped: true,
    undersizedFp8Cell: false,
    graphBytes: npuGraphs,
    source: 'follows vLLM; not measured on Ascend',
  },
  {
    engine: 'sglang',
    since: '0.5.17',
    graphsInBudget: false,
    indexerLogitsCapped: true,
    undersizedFp8Cell: false,
    prefillGraphs: true,
    graphBytes: cudaGraphs,
    source: 'sgl-project/sglang#31992 of 2026-07-27; first release after it assumed to be 0.5.17',
  },
  {
    engine: 'sglang',
    since: '0.5.12',
    graphsInBudget: false,
    indexerLogitsCapped: true,
    undersizedFp8Cell: true,
    prefillGraphs: true,
    graphBytes: cudaGraphs,
    source:
      'sgl-project/sglang#31992 as below; room for prefill graphs assumed since they are on by default',
  },
  {
    engine: 'sglang',
    since: '0.0.0',
    graphsInBudget: false,
    indexerLogitsCapped: true,
    undersizedFp8Cell: true,
    graphBytes: cudaGraphs,
    source: 'sgl-project/sglang#31992: 43,188 bytes per token counted, 48,068 allocated',
  },
];

/** Behaviour of one release; the newest row not newer than `version`. */
export function findMemoryBehaviour(
  engine: MemoryEngine,
  version: string,
): MemoryBehaviourRow | undefined {
  return memoryBehaviours.find(
    (row) => row.engine === engine && compareVersions(row.since, version) <= 0,
  );
}

function compareVersions(a: string, b: string): number {
  const left = numbersOf(a);
  const right = numbersOf(b);
  const index = left.findIndex((value, place) => value !== (right[place] ?? 0));
  return index === -1 ? 0 : (left[index] ?? 0) - (right[index] ?? 0);
}

/** `0.5.6.post2` gives 0, 5, 6; three places always. */
function numbersOf(version: string): number[] {
  const parts = version.split('.').slice(0, 3);
  return [0, 1, 2].map((place) => Number.parseInt(parts[place] ?? '0', 10) || 0);
}
