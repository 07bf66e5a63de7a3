import {
  type GraphSizes,
  npuGraphs,
  reckonedGraphs,
  sglangGraphs,
  vllmGraphs,
} from './graph-memory.ts';

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
  /** Devices whose graphs are counted before the KV pool is sized; on others they come on top of it. */
  readonly graphsInBudget: 'all' | 'cuda' | 'none';
  /** Driver and communication library: what is counted, and what comes on top; bytes. */
  readonly runtime: {
    readonly bytes: number;
    /** On ROCm. @default - as `bytes` */
    readonly amdBytes?: number;
    /** @default 0 */
    readonly uncountedBytes?: number;
    readonly source: string;
  };
  /** Whether the indexer's logits are cut into pieces of `indexerLogitsCapBytes`. */
  readonly indexerLogitsCapped: boolean;
  /**
   * Whether the profile allocates a piece of the indexer's logits, so that it is counted.
   *
   * @default false
   */
  readonly indexerLogitsProfiled?: boolean;
  /**
   * Whether experts and indexer share one workspace that grows to the larger of the two and is kept.
   *
   * @default false
   */
  readonly sharedWorkspace?: boolean;
  /**
   * Whether layers that share a neighbour's indexer have a cache for its keys all the same.
   *
   * @default false
   */
  readonly cachesSharedIndexers?: boolean;
  /**
   * Whether the cache of sparse-attention models is sized by less than is stored: in FP8 by 576 + 132
   * bytes for 656 + 132, on Ascend by 1152 + 132 for 1152 + 256.
   */
  readonly undersizedCell: boolean;
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
   * Whether the pool is sized before the draft module is loaded, whose weights and layer of cache then
   * come on top of it.
   *
   * @default false
   */
  readonly draftAfterPool?: boolean;
  /** What SGLang's own default of its static fraction leaves free. */
  readonly staticReserve?: StaticReserve;
  /** CUDA graphs of one rank, tensor-parallel only and with spread experts. */
  readonly graphBytes: GraphSizes;
  readonly source: string;
}

/** Bytes of a device outside SGLang's default static fraction, MiB where a size is named. */
export type StaticReserve =
  | {
      /** Batches and graphs summed, and these on top; each 0 when absent. */
      readonly kind: 'formula';
      readonly prefillGraphMib?: number;
      readonly draftMib?: number;
      readonly deepEpMib?: number;
      /** Where both prefill graphs and DeepEP are used. */
      readonly deepEpPrefillMib?: number;
    }
  /** By the memory of a device and the ranks. */
  | { readonly kind: 'device' }
  /** A fraction by tensor ranks alone. */
  | { readonly kind: 'ranks' };

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

/** Counted where memory is first measured before the communication library starts. */
const withCommunication = {
  bytes: 2.5 * gib,
  source: 'vllm-project/vllm#13074: 2.53 to 2.57 GiB non-torch memory, H20-3e TP8 x PP2',
};

/**
 * @source vllm/v1/worker/gpu_worker.py of 0.11.1 and later: "Now take memory snapshot after NCCL is
 * initialized"; 0.11.0 took it before
 */
const withoutCommunication = {
  bytes: 0.8 * gib,
  amdBytes: 2.6 * gib,
  uncountedBytes: 1.7 * gib,
  source:
    'vLLM measures after NCCL has started: 0.95 GiB non-torch memory in a log of GLM-5.2-NVFP4 on 4 x GB200, 0.6 left in one of GLM-5.1-FP8 on 8 x H200, 2.6 in those of R1 on 8 x MI300X',
};

/**
 * Logits, their sorted values and INT64 places, and the buffers of the sort. Counted from the source:
 * about 40; two logs that sampling decides give 45.8 and 48.2, one of 0.7.3, whose profile sorts too,
 * 51.7.
 *
 * @source vLLM gpu_model_runner.py _dummy_sampler_run, topk_topp_sampler.py, before 0.8 worker/
 * model_runner.py _dummy_run (top_p 0.99); Kimi-K2-Thinking on
 * 8 x H200 (vllm-project/recipes) leaves 7.95 GiB for 1,024 requests of 163,840 logits and the
 * runtime, V3.2 under 0.16 7.54 GiB for 1,024 of 129,280, the runtime and the indexer's workspace
 */
const sortedLogitBytes = 47;

/**
 * BF16 of the rank and gathered (2 + 2), FP32 (4), probabilities (4) and noise (4): nothing is sorted.
 *
 * @source the same files of vLLM 0.20.0, 0.25.1 and 0.33.0, whose kernels of Triton and FlashInfer
 * filter in place; logs of GLM-5.1-FP8 and GLM-5.2-NVFP4 (154,880 logits) give 15 to 16
 */
const unsortedLogitBytes = 16;

/** @source logs of R1 and V3.2 on 8 x H200 with 0.18 and 0.19: 28 bytes beside the other terms */
const copiedLogitBytes = 28;

/** What the releases of vLLM share that keep one workspace for experts and indexer. */
const vllmShared = {
  memoryFraction: 0.92,
  runtime: withoutCommunication,
  indexerLogitsCapped: true,
  indexerLogitsProfiled: true,
  sharedWorkspace: true,
  undersizedCell: false,
  samplingBytesPerLogit: unsortedLogitBytes,
  graphBytes: reckonedGraphs,
} as const;

const graphsSource =
  'VLLM_MEMORY_PROFILER_ESTIMATE_CUDAGRAPHS is on and the default fraction 0.92 in 0.20.0, off and 0.90 in 0.18.1';

const vllmBeforeLogitsCap = {
  memoryFraction: 0.9,
  batches: twoSizes,
  graphsInBudget: 'none',
  runtime: withCommunication,
  indexerLogitsCapped: false,
  undersizedCell: false,
  graphBytes: vllmGraphs,
} as const;

const formula = { kind: 'formula' } as const;

const sglangShared = {
  graphsInBudget: 'none',
  runtime: withCommunication,
  indexerLogitsCapped: true,
  graphBytes: sglangGraphs,
} as const;

/** Newest first within each engine. */
export const memoryBehaviours: readonly MemoryBehaviourRow[] = [
  {
    engine: 'vllm',
    since: '0.33.0',
    ...vllmShared,
    graphsInBudget: 'all',
    batches: threeSizes,
    source: `${graphsSource}; graphs of ROCm are counted in 0.33.0 and not in 0.25.1`,
  },
  {
    engine: 'vllm',
    since: '0.22.0',
    ...vllmShared,
    graphsInBudget: 'cuda',
    batches: { ...twoSizes, ...fixedBatches },
    source: graphsSource,
  },
  {
    engine: 'vllm',
    since: '0.20.0',
    ...vllmShared,
    graphsInBudget: 'cuda',
    batches: twoSizes,
    source: graphsSource,
  },
  {
    engine: 'vllm',
    since: '0.18.0',
    ...vllmShared,
    memoryFraction: 0.9,
    batches: twoSizes,
    graphsInBudget: 'none',
    indexerLogitsProfiled: false,
    samplingBytesPerLogit: copiedLogitBytes,
    graphBytes: vllmGraphs,
    source:
      'logits cap: vllm-project/vllm#36178, merged in spring 2026; sizes read in 0.18.1, first release assumed',
  },
  {
    engine: 'vllm',
    since: '0.11.1',
    ...vllmBeforeLogitsCap,
    runtime: withoutCommunication,
    samplingBytesPerLogit: sortedLogitBytes,
    source: 'vLLM 0.16 log: weights 80.78, KV cache 30.52 of 118.84 GiB, graphs 2.01 on top',
  },
  {
    engine: 'vllm',
    since: '0.8.0',
    ...vllmBeforeLogitsCap,
    source:
      'vLLM 0.11.0 log, R1 TP8 on H200: 2.8 GiB beside weights and cache, NCCL counted, so sampling takes little',
  },
  {
    engine: 'vllm',
    since: '0.7.1',
    ...vllmBeforeLogitsCap,
    mergedProjections: true,
    samplingBytesPerLogit: sortedLogitBytes,
    source:
      'vllm-project/vllm#13074, release 0.7.2: about 2 GiB for 30 layers of V3 at TP8; VLLM_MLA_PERFORM_MATRIX_ABSORPTION is on in 0.7.3 and gone in 0.8.4, and a log of 0.7.3 says 83.88 GiB',
  },
  {
    engine: 'vllm',
    since: '0.0.0',
    ...vllmBeforeLogitsCap,
    samplingBytesPerLogit: sortedLogitBytes,
    source: 'as 0.8; DeepSeek-V3#205, vLLM 0.6.6, V3 TP8 x PP4: weights 16.96 GiB',
  },
  {
    engine: 'vllm-ascend',
    since: '0.0.0',
    memoryFraction: 0.9,
    batches: twoSizes,
    graphsInBudget: 'none',
    runtime: withCommunication,
    indexerLogitsCapped: true,
    undersizedCell: false,
    graphBytes: npuGraphs,
    source:
      'vllm_ascend/worker/worker.py of 0.23.0: measures before HCCL starts, counts no graphs; sizes not measured on Ascend',
  },
  {
    engine: 'sglang',
    since: '0.5.23',
    ...sglangShared,
    undersizedCell: false,
    staticReserve: { ...formula, prefillGraphMib: 1536, deepEpMib: 2048, deepEpPrefillMib: 1024 },
    source:
      'mem_cache/kv_cache_configurator.py, _should_elide_dsa_index_k: no cache where the indexer is shared; first release assumed',
  },
  {
    engine: 'sglang',
    since: '0.5.17',
    ...sglangShared,
    undersizedCell: false,
    cachesSharedIndexers: true,
    staticReserve: { ...formula, prefillGraphMib: 1536, deepEpMib: 2048 },
    source: 'sgl-project/sglang#31992 of 2026-07-27; first release after it assumed to be 0.5.17',
  },
  {
    engine: 'sglang',
    since: '0.5.16',
    ...sglangShared,
    undersizedCell: true,
    cachesSharedIndexers: true,
    staticReserve: { ...formula, prefillGraphMib: 1536, deepEpMib: 2048 },
    source:
      'sgl-project/sglang#31992 as below; the draft is loaded before the pool is sized and has its layer in the cell, first release assumed',
  },
  {
    engine: 'sglang',
    since: '0.5.12',
    ...sglangShared,
    undersizedCell: true,
    cachesSharedIndexers: true,
    draftAfterPool: true,
    staticReserve: { ...formula, prefillGraphMib: 1536, draftMib: 4096 },
    source:
      'sgl-project/sglang#31992 as below; the target sizes its pool before the draft is loaded; room for prefill graphs assumed since they are on by default',
  },
  {
    engine: 'sglang',
    since: '0.5.4',
    ...sglangShared,
    undersizedCell: true,
    cachesSharedIndexers: true,
    draftAfterPool: true,
    staticReserve: { ...formula, draftMib: 2048 },
    source: 'server_args.py of 0.5.4 and 0.5.9; first release with this formula assumed',
  },
  {
    engine: 'sglang',
    since: '0.4.10',
    ...sglangShared,
    undersizedCell: true,
    cachesSharedIndexers: true,
    draftAfterPool: true,
    staticReserve: { kind: 'device' },
    source: 'server_args.py of 0.4.10.post1; first release with this formula assumed',
  },
  {
    engine: 'sglang',
    since: '0.0.0',
    ...sglangShared,
    undersizedCell: true,
    cachesSharedIndexers: true,
    draftAfterPool: true,
    staticReserve: { kind: 'ranks' },
    source:
      'server_args.py of 0.4.3; sgl-project/sglang#31992: 43,188 bytes per token counted, 48,068 allocated',
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
