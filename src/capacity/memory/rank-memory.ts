/** One addend of a rank's memory, with the place its number comes from. */
export interface MemoryTerm {
  readonly name: string;
  readonly bytes: number;
  readonly label: 'exact' | 'measured' | 'assumed';
  readonly source: string;
}

/** Device memory of the fullest rank of a group; bytes unless the name says otherwise. */
export interface RankMemory {
  /** Total the engine sees on one device; for SGLang what is free before the weights load. */
  readonly deviceBytes: number;
  /** Fraction of it the engine may use: vLLM's utilisation, SGLang's static fraction. */
  readonly utilization: number;
  readonly budgetBytes: number;
  readonly weights: readonly MemoryTerm[];
  readonly weightsBytesPerRank: number;
  /** What the engine counts before it sizes the KV pool. */
  readonly overheads: readonly MemoryTerm[];
  readonly overheadBytesPerRank: number;
  /** What comes on top of the budget while serving: graphs, logits and activations not counted. */
  readonly peaks: readonly MemoryTerm[];
  readonly peakBytesPerRank: number;
  /** Bytes the engine counts for one token when it sizes the pool. */
  readonly kvBytesPerToken: number;
  /** Bytes one token really takes; more than counted in SGLang releases before the fix. */
  readonly kvStoredBytesPerToken: number;
  /** What is left for the KV cache; negative when the weights alone do not fit. */
  readonly kvBytesPerRank: number;
  readonly kvTokensPerRank: number;
  /** Separate pools of one group: its data-parallel ranks; tensor ranks hold copies. */
  readonly kvPools: number;
  /** Over all pools. */
  readonly kvTokensPerGroup: number;
  readonly contextTokens: number;
  /** Sequences of full context that fit at once in one group. */
  readonly fullContextSequencesPerGroup: number;
  readonly fits: boolean;
  /** The first term that does not fit; absent when all fit. */
  readonly binding?: { readonly term: string; readonly missingBytes: number };
}

/** Sequences of `contextTokens` that fit at once, whole per pool and summed over the pools. */
export function countSequences(memory: RankMemory, contextTokens: number): number {
  return Math.floor(memory.kvTokensPerRank / contextTokens) * memory.kvPools;
}

/** Cache that one sequence of full context takes in a rank. */
export function fullContextBytes({
  contextTokens,
  kvStoredBytesPerToken,
}: Pick<RankMemory, 'contextTokens' | 'kvStoredBytesPerToken'>): number {
  return contextTokens * kvStoredBytesPerToken;
}

/** Starts the name of a term that is counted for the worst case already: every expert of every token. */
export const expertWorkspaceName = 'workspace of the experts';

/**
 * Whether a layout still fits when every assumed term is half as large again, but those counted for
 * the worst case. TP1 x DP8 on 8 x H200 with 81,920 tokens of BF16 cache fits by arithmetic and not by
 * this rule.
 */
export function fitsWithMargin(memory: RankMemory): boolean {
  if (!memory.fits) return false;
  const assumed = [...memory.overheads, ...memory.peaks].filter(
    ({ label, name }) => label === 'assumed' && !name.startsWith(expertWorkspaceName),
  );
  const margin = assumed.reduce((sum, { bytes }) => sum + bytes, 0) / 2;
  const spareBytes = memory.kvBytesPerRank - memory.peakBytesPerRank - margin;
  return spareBytes >= fullContextBytes(memory);
}
