/** One addend of a rank's memory, with the place its number comes from. */
export interface MemoryTerm {
  readonly name: string;
  readonly bytes: number;
  readonly label: 'exact' | 'measured' | 'assumed';
  readonly source: string;
}

/** Device memory of the fullest rank of a group; bytes unless the name says otherwise. */
export interface RankMemory {
  /** Total the engine sees on one device. */
  readonly deviceBytes: number;
  /** Fraction of it the engine may use. */
  readonly utilization: number;
  readonly budgetBytes: number;
  readonly weights: readonly MemoryTerm[];
  readonly weightsBytesPerRank: number;
  readonly overheads: readonly MemoryTerm[];
  readonly overheadBytesPerRank: number;
  readonly kvBytesPerToken: number;
  /** What is left for the KV cache; negative when the weights alone do not fit. */
  readonly kvBytesPerRank: number;
  readonly kvTokensPerRank: number;
  /** Over all data-parallel ranks; tensor ranks hold copies. */
  readonly kvTokensPerGroup: number;
  readonly contextTokens: number;
  /** Sequences of full context that fit at once in one group. */
  readonly fullContextSequencesPerGroup: number;
  readonly fits: boolean;
  /** The first term that does not fit; absent when all fit. */
  readonly binding?: { readonly term: string; readonly missingBytes: number };
}
