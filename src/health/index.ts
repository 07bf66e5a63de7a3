export { judgeAnswer, type ProbeAnswer, type ProbeTarget } from './answer.ts';
export * from './canary/index.ts';
export { type BareCause, causeOfCheck, causeOfPod, findCause } from './cause.ts';
export { describeExit } from './container.ts';
export { isReadyToAsk, judgeGroups, placedGroups, toReport } from './deployment.ts';
export { type Doomed, findDoomed, type ReasonClock, trackReasons } from './doom.ts';
export {
  type EngineMetrics,
  type MetricsReading,
  metricsDialect,
  readEngineMetrics,
} from './engine/engine-metrics.ts';
export {
  type EngineTarget,
  judgeMetrics,
  judgeProgress,
  judgeRankAnswers,
  judgeRanks,
  type RankAnswer,
  type RequestEnd,
} from './engine/judge-engine.ts';
export { judgeServerSize, readServerSize, serverInfoPath } from './engine/judge-server-size.ts';
export { type ClusterEvent, eventsAbout, formatEvent, parseEvent } from './event.ts';
export { groupRef } from './expected-pod.ts';
export { judgeGroup } from './group.ts';
export type { GroupFacts, Unread } from './group-facts.ts';
export { type LogLine, parseLogLines } from './log-line.ts';
export { lwsKind, lwsLabel } from './lws-label.ts';
export { judgeNetworkPolicy, type NetworkFacts } from './network/judge-network.ts';
export { type PodStatus, parsePodStatus } from './pod-status.ts';
export { type Canary, type ProbeId, requiredChecks } from './probe.ts';
export { parseRanks } from './ranks.ts';
export type { Reading } from './reading.ts';
export type {
  Check,
  CheckOutcome,
  CheckSummary,
  ContainerExit,
  GroupHealth,
  HealthCause,
  HealthReport,
  KnownCause,
  PodHealth,
  Verdict,
  WaitOutcome,
} from './report.ts';
export { followAutoscalers, type ScaledLayout, type Scaling } from './scaling.ts';
export {
  judgeServiceEndpoints,
  pickEndpoint,
  type ServiceFacts,
  serviceCheck,
  skipServiceNetwork,
} from './service/judge-service.ts';
export { expectedEndpoints, ranksOfDataRanks, type ServingEndpoint } from './serving-endpoint.ts';
export {
  type Finding,
  findSignatures,
  orderFindings,
  type SignatureContext,
} from './signature/index.ts';
export { type ExpectedSpeed, expectedSpeed, findSlow } from './speed/expected-speed.ts';
export {
  type PhaseSpan,
  type PodTimeline,
  phaseOrder,
  readTimeline,
  type TimelinePhase,
} from './timeline/index.ts';
export { noteUnread } from './unread.ts';
export { isCounted, verdictOfOutcome, worstVerdict } from './verdict.ts';
