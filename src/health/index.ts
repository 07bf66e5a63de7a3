export { judgeAnswer, lateText, type ProbeAnswer, type ProbeTarget } from './answer.ts';
export type { Canary } from './canary/canary.ts';
export * from './canary/index.ts';
export { type BareCause, causeOfCheck, causeOfPod, findCause } from './cause.ts';
export { isReadyToAsk, judgeGroups, placedGroups, toReport } from './deployment.ts';
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
export { followMotion, type Motion, standstillMs, type Waiting } from './engine/motion.ts';
export { groupRef } from './group/expected-pod.ts';
export { followAutoscalers, type ScaledLayout } from './group/follow-autoscalers.ts';
export { judgeGroup } from './group/group.ts';
export type { GroupFacts, Unread } from './group/group-facts.ts';
export { lwsKind, lwsLabel } from './group/lws-label.ts';
export { parseRanks } from './group/ranks.ts';
export type { Scaling } from './group/scaling.ts';
export { type LogLine, parseLogLines } from './log-line.ts';
export { judgeNetworkPolicy, type NetworkFacts } from './network/judge-network.ts';
export { describeExit } from './pod/container.ts';
export { type Doomed, findDoomed, type ReasonClock, trackReasons } from './pod/doom.ts';
export { type ClusterEvent, eventsAbout, formatEvent, parseEvent } from './pod/event.ts';
export { type PodStatus, parsePodStatus } from './pod/pod-status.ts';
export { type ProbeId, requiredChecks } from './probe.ts';
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
export {
  judgeServiceEndpoints,
  pickEndpoint,
  type ServiceFacts,
  serviceCheck,
  skipServiceNetwork,
} from './service/judge-service.ts';
export {
  expectedEndpoints,
  namePort,
  ranksOfDataRanks,
  type ServingEndpoint,
} from './serving-endpoint.ts';
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
