import type { ModelArchitecture } from '../../catalog/index.ts';

/** Ways the projections of an attention are cut; `q_a` and `kv_a` are copied to every rank. */
export interface AttentionCut {
  /** `q_b`. */
  readonly query: number;
  /** `kv_b` and what is made of it. */
  readonly up: number;
  /** `o`. */
  readonly output: number;
}

/** What vllm-ascend may do with the weights of one rank. */
export interface NpuWeights {
  /**
   * Sequences split over the tensor ranks (FlashComm 1), so that each holds the whole shared expert.
   *
   * @default false
   */
  readonly flashComm?: boolean;
  /**
   * Copies of `q_a`, `kv_a` and `q_b` for the kernel that fuses them (MLAPO).
   *
   * @default false
   */
  readonly fusedPreprocess?: boolean;
  /**
   * Sparse attention split by tokens in place of heads (DSA-CP): of a server that prefills and decodes, or
   * of one that prefills alone and then holds the whole `o`.
   *
   * @default - by heads
   */
  readonly contextParallel?: 'mixed' | 'prefill';
  /**
   * Whether the whole `q_b` is spread over the tensor ranks by layers (`layer_sharding`).
   *
   * @default false
   */
  readonly shardsQueryByLayer?: boolean;
}

/** Layers of which a rank fetches the weights ahead, with the one it works on. */
const shardWindows = 2;

/**
 * @source vllm_ascend of 0.18.0: ops/linear_op.py, ShardedCPColumnParallelOp and ShardedCPRowParallelOp;
 * ops/layer_shard_linear.py, SeriesMetadata; attention/sfa_v1.py, o_proj_full_pool
 */
export function attentionCut(
  { layers }: Pick<ModelArchitecture, 'layers'>,
  tensor: number,
  { contextParallel, shardsQueryByLayer = false }: NpuWeights = {},
): AttentionCut {
  if (contextParallel === undefined) return { query: tensor, up: tensor, output: tensor };
  const held = Math.ceil(layers / tensor) + shardWindows;
  return {
    query: shardsQueryByLayer ? layers / held : 1,
    up: 1,
    // All layers gather the whole of it into one buffer that stays.
    output: contextParallel === 'prefill' ? 1 : 1 / (1 / tensor + 1 / layers),
  };
}
