export { readTimeline, type TimelineFacts } from './read-timeline.ts';
export {
  type LaggingRank,
  type PhaseProgress,
  type PhaseSpan,
  type PodTimeline,
  phaseOrder,
  type Stall,
  type TimelinePhase,
} from './timeline.ts';
