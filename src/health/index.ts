export { judgeAnswer, type ProbeAnswer, type ProbeTarget } from './answer.ts';
export { type BareCause, causeOfCheck, causeOfPod, findCause } from './cause.ts';
export { describeExit } from './container.ts';
export { isReadyToAsk, judgeGroups, placedGroups, toReport } from './deployment.ts';
export { type Doomed, findDoomed, type ReasonClock, trackReasons } from './doom.ts';
export { type ClusterEvent, eventsAbout, formatEvent, parseEvent } from './event.ts';
export { expectedLeaders, groupRef } from './expected-pod.ts';
export { judgeGroup } from './group.ts';
export type { GroupFacts } from './group-facts.ts';
export { lwsKind, lwsLabel } from './lws-label.ts';
export { type Canary, type ProbeId, requiredProbes } from './probe.ts';
export type { Reading } from './reading.ts';
export type {
  Check,
  ContainerExit,
  GroupHealth,
  HealthCause,
  HealthReport,
  PodHealth,
  Verdict,
  WaitOutcome,
} from './report.ts';
export { worstVerdict } from './verdict.ts';
