/** Ranks that hold a model together. */
interface Ranks {
  readonly tensor: number;
  readonly data: number;
  /** Whether the routed experts are spread over all of them. */
  readonly expert: boolean;
}

/** What an engine does with the matrices that are neither attention nor routed experts. */
export interface SharedCutOptions {
  /**
   * Dense blocks, shared expert and output head cut over all tensor x data ranks, as SGLang does
   * under data-parallel attention, instead of over `tensor` ranks.
   *
   * @default false
   */
  readonly denseOverAllRanks?: boolean;
  /**
   * Whether every rank holds the dense blocks whole (SGLang's `--moe-dense-tp-size 1`).
   *
   * @default false
   */
  readonly wholeDense?: boolean;
  /**
   * Whether every rank that spreads the experts holds the whole shared expert.
   *
   * @default false
   */
  readonly sharedExpertPerRank?: boolean;
  /**
   * Whether the output head is cut as the attention is (SGLang's `--enable-dp-lm-head`).
   *
   * @default false
   */
  readonly headAsAttention?: boolean;
  /**
   * Whether every rank holds the whole embedding under data-parallel attention.
   *
   * @default false
   */
  readonly wholeEmbedding?: boolean;
}

/** Parts each of these is cut into; 1 where every rank holds it whole. */
export interface SharedCut {
  readonly dense: number;
  readonly sharedExpert: number;
  readonly embedding: number;
  readonly head: number;
}

/**
 * @source SGLang deepseek_v2.py and deepseek_nextn.py of 0.5.7 to 0.5.23: VocabParallelEmbedding,
 * ParallelLMHead, DeepseekV2MLP and its shared_experts
 */
export function sharedCut({ tensor, data, expert }: Ranks, options: SharedCutOptions): SharedCut {
  const ranks = options.denseOverAllRanks === true ? tensor * data : tensor;
  return {
    dense: options.wholeDense === true ? 1 : ranks,
    sharedExpert: options.sharedExpertPerRank === true && expert ? 1 : ranks,
    embedding: options.wholeEmbedding === true && data > 1 ? 1 : tensor,
    head: options.headAsAttention === true ? tensor : ranks,
  };
}
