import { npuGraphs, reckonedGraphs, vllmGraphs } from './graph-memory.ts';
import {
  type BatchDefaults,
  type MemoryBehaviourRow,
  type MemoryEngine,
  withCommunication,
} from './memory-behaviour-row.ts';
import { sglangMemoryBehaviours } from './memory-behaviour-sglang.ts';

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

/** @source vllm/engine/arg_utils.py, get_batch_defaults, of 0.28.0 and 0.33.0; not yet in 0.27.0 */
const threeSizes: BatchDefaults = {
  ...fixedBatches,
  byDevice: [{ fromBytes: 160 * gib, tokens: 16_384, sequences: 1024 }, ...twoSizes.byDevice],
};

/**
 * @source vllm/v1/worker/gpu_worker.py of 0.11.1 and later: "Now take memory snapshot after NCCL is
 * initialized"; 0.11.0 took it before
 */
const withoutCommunication = {
  bytes: 0.8 * gib,
  amdBytes: 2.6 * gib,
  uncountedBytes: 1.7 * gib,
  gatheredBytes: 2.9 * gib,
  source:
    'vLLM measures after NCCL has started: 0.95 GiB non-torch memory in a log of GLM-5.2-NVFP4 on 4 x GB200, 0.6 left in one of GLM-5.1-FP8 on 8 x H200, 2.6 in those of R1 on 8 x MI300X; 2.9 more in one of Kimi-K2.6 on 8 x H200 that gathers at DP8, beside what its source allocates',
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

/**
 * @source vllm/v1/worker/gpu_model_runner.py, profile_run, and kimi_k25_vit.py, apply_rope, of 0.16.0,
 * 0.18.1, 0.19.0, 0.20.0, 0.23.0 and 0.25.1: the batch of pixels is a local variable until the end
 */
const imagesKept = { pixelBytes: 2, keepsPixels: true, rotatesInPlace: false };

/**
 * @source vllm/v1/worker/gpu/model_runner.py and mm/encoder_runner.py, profile_encoder_cache, of 0.33.0,
 * the default there and for none of these models in 0.25.1; packed_qk_rope.py, mm_input_norm.py
 */
const imagesDropped = { pixelBytes: 1, keepsPixels: false, rotatesInPlace: true };

/** What the releases of vLLM share that keep one workspace for experts and indexer. */
const vllmShared = {
  memoryFraction: 0.92,
  runtime: withoutCommunication,
  indexerLogitsCapped: true,
  indexerLogitsProfiled: true,
  sharedWorkspace: true,
  // Sizes read in 0.18.1 and 0.25.1, first release assumed.
  sparseAttention: { longContexts: 5, copiesQueries: false },
  undersizedCell: false,
  absorbedViews: true,
  tablesInAllModels: true,
  // load_model of the proposer looks for a buffer that DeepseekV2Model has no name for.
  draftOwnsTopKBuffer: true,
  samplingBytesPerLogit: unsortedLogitBytes,
  images: imagesKept,
  graphBytes: reckonedGraphs,
} as const;

const graphsSource =
  'VLLM_MEMORY_PROFILER_ESTIMATE_CUDAGRAPHS is on and the default fraction 0.92 in 0.20.0, off and 0.90 in 0.18.1';

/** Read in 0.27.0 and 0.28.0, not yet in 0.26.0. */
const vllmWholeDevice = {
  countsRunnerBuffers: true,
  raggedPrefill: true,
  multicastReduce: true,
} as const;

const wholeDeviceSource = `${graphsSource}; memory_profiling of vllm/utils/mem_utils.py takes what the device has less since the start from 0.27.0 on`;

const vllmBeforeLogitsCap = {
  memoryFraction: 0.9,
  batches: twoSizes,
  graphsInBudget: 'none',
  runtime: withCommunication,
  indexerLogitsCapped: false,
  undersizedCell: false,
  // mla_attention.py, process_weights_after_loading: transposed, not copied, in 0.8.4 to 0.33.0.
  absorbedViews: true,
  graphBytes: vllmGraphs,
} as const;

/** What a device holds before any process is there, of the memory that torch sees. */
const idleNpuBytes = 0.29 * gib;

const npuIdleSource =
  '3,414 of 65,536 MiB in npu-smi on an idle 910B2 (vllm-ascend#4474), of which torch sees 62,420';

/** Sizes of the weights read in 0.13.0rc1, 0.18.0 and 0.23.0. */
const ascendShared = {
  memoryFraction: 0.9,
  batches: twoSizes,
  graphsInBudget: 'none',
  indexerLogitsCapped: true,
  undersizedCell: false,
  dropsSparseUpProjection: true,
  keepsDraftHead: true,
  graphBytes: npuGraphs,
} as const;

/** Newest first within each engine. */
export const memoryBehaviours: readonly MemoryBehaviourRow[] = [
  {
    engine: 'vllm',
    since: '0.33.0',
    ...vllmShared,
    sparseAttention: { longContexts: 2, copiesQueries: true },
    blackwellGraphTokens: 1024,
    multicastReduce: true,
    draftOwnsTopKBuffer: false,
    images: imagesDropped,
    graphsInBudget: 'all',
    batches: threeSizes,
    source: `${graphsSource}; graphs of ROCm are counted in 0.33.0 and not in 0.25.1, nor are FlashMLA's padded queries reserved there`,
  },
  {
    engine: 'vllm',
    since: '0.28.0',
    ...vllmShared,
    ...vllmWholeDevice,
    blackwellGraphTokens: 1024,
    graphsInBudget: 'cuda',
    batches: threeSizes,
    source: `${wholeDeviceSource}; _set_cudagraph_sizes goes up to 1,024 on Blackwell in 0.28.0 and to 512 in 0.27.0`,
  },
  {
    engine: 'vllm',
    since: '0.27.0',
    ...vllmShared,
    ...vllmWholeDevice,
    graphsInBudget: 'cuda',
    batches: { ...twoSizes, ...fixedBatches },
    source: wholeDeviceSource,
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
    int4OutsideWorkspace: true,
    source: `${graphsSource}; compressed_tensors_moe_wna16_marlin.py calls fused_marlin_moe itself in 0.20.0 and no longer in 0.23.0`,
  },
  {
    engine: 'vllm',
    since: '0.18.0',
    ...vllmShared,
    memoryFraction: 0.9,
    batches: twoSizes,
    graphsInBudget: 'none',
    indexerLogitsProfiled: false,
    int4OutsideWorkspace: true,
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
    tablesInAllModels: true,
    int4OutsideWorkspace: true,
    samplingBytesPerLogit: sortedLogitBytes,
    images: imagesKept,
    source: 'vLLM 0.16 log: weights 80.78, KV cache 30.52 of 118.84 GiB, graphs 2.01 on top',
  },
  {
    engine: 'vllm',
    since: '0.8.0',
    ...vllmBeforeLogitsCap,
    expertChunkTokens: 32_768,
    source:
      'vLLM 0.11.0 log, R1 TP8 on H200: 2.8 GiB beside weights and cache, NCCL counted, so sampling takes little; VLLM_FUSED_MOE_CHUNK_SIZE of 0.8.4',
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
    since: '0.15.0',
    ...ascendShared,
    runtime: {
      ...withCommunication,
      uncountedBytes: idleNpuBytes,
      source: `${withCommunication.source}; not measured on Ascend. ${npuIdleSource}`,
    },
    source:
      'vllm_ascend/worker/worker.py of 0.15.0rc1 and 0.23.0: takes a snapshot before HCCL starts, counts no graphs',
  },
  {
    engine: 'vllm-ascend',
    since: '0.0.0',
    ...ascendShared,
    runtime: {
      bytes: withCommunication.bytes + idleNpuBytes,
      source: `${withCommunication.source}; not measured on Ascend. ${npuIdleSource}`,
    },
    source:
      'vllm_ascend/worker/worker.py of 0.13.0 and 0.14.0rc1, determine_available_memory: counts all that the device holds, whoever holds it',
  },
  ...sglangMemoryBehaviours,
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
