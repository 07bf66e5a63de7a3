import type { GraphSizes } from './graph-memory.ts';

/** Engines whose memory arithmetic is known, whether or not a group may use them yet. */
export type MemoryEngine = 'vllm' | 'sglang' | 'vllm-ascend';

/** How a release runs the largest images through a vision tower while it profiles. */
export interface ImageProfile {
  /** Bytes of one value of a pixel as it lies on the device. */
  readonly pixelBytes: number;
  /** Whether the pixels are still there when the language model runs. */
  readonly keepsPixels: boolean;
  /** Whether queries and keys are rotated where they are; else in FP32 copies. */
  readonly rotatesInPlace: boolean;
}

/** How the releases from `since` on size their KV pool and what they leave out of the sum. */
export interface MemoryBehaviourRow {
  readonly engine: MemoryEngine;
  /** First release it holds for. */
  readonly since: string;
  /** The release's own default of its memory fraction; absent where a formula gives it. */
  readonly memoryFraction?: number;
  /** What a server batches unless told; absent where a formula gives it. */
  readonly batches?: BatchDefaults;
  /**
   * Tokens of the largest graph on NVIDIA's Blackwell.
   *
   * @default - as on other devices
   */
  readonly blackwellGraphTokens?: number;
  /**
   * Whether the sum holds all that the device has less since the start, so the runner's own buffers, too.
   *
   * @default false - weights, what the profile adds, and memory outside torch
   */
  readonly countsRunnerBuffers?: boolean;
  /**
   * Whether the draft module keeps a buffer of its own for the positions that its indexer chooses.
   *
   * @default false - that of the model
   */
  readonly draftOwnsTopKBuffer?: boolean;
  /**
   * Whether sparse attention on Blackwell reserves a workspace for TRT-LLM's ragged prefill, where heads
   * have the sizes of GLM-5.
   *
   * @default false
   */
  readonly raggedPrefill?: boolean;
  /**
   * Whether ranks on one node reduce and normalise in FlashInfer's buffers, with multicast.
   *
   * @default false
   */
  readonly multicastReduce?: boolean;
  /** Devices whose graphs are counted before the KV pool is sized; on others they come on top of it. */
  readonly graphsInBudget: 'all' | 'cuda' | 'none';
  /** Driver and communication library: what is counted, and what comes on top; bytes. */
  readonly runtime: {
    readonly bytes: number;
    /** On ROCm. @default - as `bytes` */
    readonly amdBytes?: number;
    /** @default 0 */
    readonly uncountedBytes?: number;
    /**
     * More of it on NVIDIA where the tokens of data ranks are gathered.
     *
     * @default 0
     */
    readonly gatheredBytes?: number;
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
   * What FlashMLA's sparse attention reserves in that workspace while the model loads: rows of so many
   * contexts beyond 262,144 tokens, and whether copies of its queries, padded, and its outputs are in it.
   *
   * @default - nothing
   */
  readonly sparseAttention?: { readonly longContexts: number; readonly copiesQueries: boolean };
  /**
   * Whether INT4 experts run outside that workspace where the tokens of data ranks are gathered, and
   * everywhere where there is none.
   *
   * @default false
   */
  readonly int4OutsideWorkspace?: boolean;
  /**
   * Most tokens that the experts work on at once, where whole inner rows of spread experts come on top
   * of the bytes of a token.
   *
   * @default - the bytes of a token hold for spread experts, too
   */
  readonly expertChunkTokens?: number;
  /**
   * Whether layers that share a neighbour's indexer have one all the same: its weights, never read, and
   * a cache for its keys.
   *
   * @default false
   */
  readonly keepsSharedIndexers?: boolean;
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
   * Whether the absorbed projections of an unquantized attention are views of `kv_b` and take nothing.
   *
   * @default false - a copy
   */
  readonly absorbedViews?: boolean;
  /**
   * Whether every rank holds the whole embedding under data-parallel attention.
   *
   * @default false - cut as the attention
   */
  readonly wholeEmbedding?: boolean;
  /**
   * Whether sparse attention gives `kv_b` up when the absorbed projections are made of it.
   *
   * @default false
   */
  readonly dropsSparseUpProjection?: boolean;
  /**
   * Whether the head of the draft module is held against that of the model, and kept where it differs.
   *
   * @default false - the model's takes its place
   */
  readonly keepsDraftHead?: boolean;
  /**
   * Whether tables and buffers made at load count as weights for models without sparse attention, too.
   *
   * @default false
   */
  readonly tablesInAllModels?: boolean;
  /**
   * Whether the pool is sized before the draft module is loaded, whose weights and layer of cache then
   * come on top of it.
   *
   * @default false
   */
  readonly draftAfterPool?: boolean;
  /**
   * Whether the draft module still holds its own embedding and head while the pool is sized; those of the
   * model take their place right after.
   *
   * @default false
   */
  readonly draftHasOwnEmbeddings?: boolean;
  /** On ROCm: buffers of the custom all-reduce on one of `ranks`, taken before the weights load; bytes. */
  readonly amdAllReduce?: {
    readonly upTo4Ranks: number;
    readonly more: number;
    readonly source: string;
  };
  /** What SGLang's own default of its static fraction leaves free. */
  readonly staticReserve?: StaticReserve;
  /**
   * How a model that sees is profiled; its tower is then cut over the tensor ranks unless told otherwise.
   *
   * @default - without images, and each rank holds the tower whole
   */
  readonly images?: ImageProfile;
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

const gib = 2 ** 30;

/** Counted where memory is first measured before the communication library starts. */
export const withCommunication = {
  bytes: 2.5 * gib,
  source: 'vllm-project/vllm#13074: 2.53 to 2.57 GiB non-torch memory, H20-3e TP8 x PP2',
};
