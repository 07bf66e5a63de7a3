export { type BenchmarkRun, parseBenchmark } from './benchmark-result.ts';
export {
  fitTimeConstants,
  predictRow,
  type TimedRow,
  timedRow,
} from './calibrate-time.ts';
export { chooseConstants } from './choose-constants.ts';
export { type ComparableMeasurement, comparableMeasurements } from './comparable-measurements.ts';
export {
  type BreakEven,
  breakEven,
  type CostPart,
  costPerMillionTokens,
  deepseekApiPrices,
  type HostedPrices,
  hostedCostPerMillionOutput,
  nodeHourlyCost,
  type Prices,
} from './cost.ts';
export { type ErrorSummary, leaveOneOut, type RowError, scoreHeldOut } from './cross-validate.ts';
export {
  type Energy,
  estimateEnergy,
  tokensPerSecondPerMegawatt,
} from './energy.ts';
export {
  type Estimate,
  type EstimateRequest,
  estimateServing,
  type ServingEstimate,
} from './estimate.ts';
export { fitRank } from './fit.ts';
export type { FitRank, FitRequest, MeasuredMemory, StepSettings } from './fit-request.ts';
export {
  fitSglangRank,
  sglangDefaultFraction,
} from './fit-sglang.ts';
export { type Fix, findFixes, largestContext } from './fixes.ts';
export { type HostNeed, hostNeeds } from './host-needs.ts';
export { type KvLayout, kvBytesPerTokenPerLayer, kvLayoutSource } from './kv-cache.ts';
export { type NearestMeasurement, nearestMeasurement } from './nearest-measurement.ts';
export { deepEpBufferBytes } from './overhead.ts';
export { countSequences, fitsWithMargin, type MemoryTerm, type RankMemory } from './rank-memory.ts';
export {
  type ExpectedLine,
  expectedLogLines,
  type LogStatement,
  replayStartup,
} from './replay.ts';
export type { SearchCounts } from './search.ts';
export {
  type OperatingPoint,
  type SearchRequest,
  type SearchResult,
  searchLayouts,
} from './search.ts';
export type { Candidate } from './search-candidates.ts';
export { slowestThroughputTpotMs } from './search-choice.ts';
export {
  measuredFor,
  memoryFromLog,
  type SiteProfile,
  timeFromBenchmark,
} from './site-profile.ts';
export {
  type MemoryEntry,
  type MemorySettings,
  measuredIn,
  mergeProfiles,
  type SiteProfileDocument,
  timeProfile,
} from './site-profile-document.ts';
export { parseStartupLog, type StartupLog } from './startup-log.ts';
export type { Placement } from './step-work.ts';
export {
  activeParameters,
  distinctExperts,
  prefillFlops,
} from './step-work.ts';
export {
  checkpointBytes,
  countParameters,
  weightBytesByStage,
  weightTerms,
} from './weights.ts';
export { tokensPerStep, type Workload, workloadIssues } from './workload.ts';
