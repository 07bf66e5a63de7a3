export { type BenchmarkRun, parseBenchmark } from './calibration/benchmark-result.ts';
export {
  fitTimeConstants,
  predictRow,
  type TimedRow,
  timedRow,
} from './calibration/calibrate-time.ts';
export { chooseConstants } from './calibration/choose-constants.ts';
export {
  type ErrorSummary,
  leaveOneOut,
  type RowError,
  scoreHeldOut,
} from './calibration/cross-validate.ts';
export {
  measuredFor,
  memoryFromLog,
  type SiteProfile,
  timeFromBenchmark,
} from './calibration/site-profile.ts';
export {
  type MemoryEntry,
  type MemorySettings,
  measuredIn,
  mergeProfiles,
  type SiteProfileDocument,
  timeProfile,
} from './calibration/site-profile-document.ts';
export { parseStartupLog, type StartupLog } from './calibration/startup-log.ts';
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
} from './cost/cost.ts';
export {
  type Energy,
  estimateEnergy,
  tokensPerSecondPerMegawatt,
} from './cost/energy.ts';
export { expectedMemoryError, type MemoryError } from './memory/evidence.ts';
export { fitRank } from './memory/fit.ts';
export type { FitRank, FitRequest, MeasuredMemory, StepSettings } from './memory/fit-request.ts';
export {
  fitSglangRank,
  type StaticFractionRequest,
  sglangDefaultFraction,
} from './memory/fit-sglang.ts';
export { type Fix, findFixes, largestContext } from './memory/fixes.ts';
export { type HostNeed, hostNeeds } from './memory/host-needs.ts';
export { type KvLayout, kvBytesPerTokenPerLayer, kvLayoutSource } from './memory/kv-cache.ts';
export { deepEpBufferBytes } from './memory/overhead.ts';
export {
  countSequences,
  fitsWithMargin,
  fullContextBytes,
  type MemoryTerm,
  type RankMemory,
} from './memory/rank-memory.ts';
export {
  type ExpectedLine,
  expectedLogLines,
  type LogStatement,
  replayStartup,
} from './memory/replay.ts';
export {
  checkpointBytes,
  countParameters,
  weightBytesByStage,
  weightTerms,
} from './memory/weights.ts';
export type { OperatingPoint } from './search/operating-point.ts';
export {
  type SearchCounts,
  type SearchRequest,
  type SearchResult,
  searchLayouts,
} from './search/search.ts';
export type { Candidate } from './search/search-candidates.ts';
export { slowestThroughputTpotMs } from './search/search-choice.ts';
export {
  type ComparableMeasurement,
  comparableMeasurements,
} from './time/comparable-measurements.ts';
export {
  type Estimate,
  type EstimateRequest,
  estimateServing,
  type ServingEstimate,
} from './time/estimate.ts';
export { type NearestMeasurement, nearestMeasurement } from './time/nearest-measurement.ts';
export type { Placement } from './time/step-work.ts';
export {
  activeParameters,
  distinctExperts,
  prefillFlops,
} from './time/step-work.ts';
export { tokensPerStep, type Workload, workloadIssues } from './time/workload.ts';
