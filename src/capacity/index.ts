export { type FitRequest, fitRank } from './fit.ts';
export { type KvLayout, kvBytesPerTokenPerLayer } from './kv-cache.ts';
export { pipelineStages } from './pipeline-stages.ts';
export type { MemoryTerm, RankMemory } from './rank-memory.ts';
export {
  checkpointBytes,
  type WeightOptions,
  type WeightSharding,
  weightBytesByStage,
  weightTerms,
} from './weights.ts';
