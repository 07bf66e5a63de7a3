/** What a pod does from being made to serving, in order. */
export type TimelinePhase =
  | 'scheduling'
  | 'pulling image'
  | 'starting'
  | 'connecting'
  | 'loading weights'
  | 'preparing'
  | 'kernel warm-up'
  | 'compiling'
  | 'sizing cache'
  | 'capturing graphs'
  | 'answering first requests'
  | 'serving';

/** Order of the phases; a log in which ranks overtake each other never goes back. */
export const phaseOrder: readonly TimelinePhase[] = [
  'scheduling',
  'pulling image',
  'starting',
  'connecting',
  'loading weights',
  'preparing',
  'kernel warm-up',
  'compiling',
  'sizing cache',
  'capturing graphs',
  'answering first requests',
  'serving',
];

export interface PhaseSpan {
  readonly phase: TimelinePhase;
  /** Milliseconds since 1970, by the clock of whoever wrote it. */
  readonly startMs: number;
  /** Absent while the phase goes on. */
  readonly endMs?: number;
}

/** How far a phase has come that counts its steps: 60 of 163 files of weights. */
export interface PhaseProgress {
  readonly phase: TimelinePhase;
  readonly done: number;
  readonly total: number;
  readonly perSecond?: number;
  /** Seconds until the phase ends, counted from the moment the timeline was read. */
  readonly etaSeconds?: number;
  /** How far `etaSeconds` may be off in 19 of 20 cases, by the spread of the steps so far. */
  readonly etaErrorSeconds?: number;
}

/** A rank that is behind the others of its pod. */
export interface LaggingRank {
  /** As the engine names it, for example `DP3 TP1`. */
  readonly rank: string;
  readonly phase: TimelinePhase;
}

export interface Stall {
  readonly sinceMs: number;
  /** Seconds without progress. */
  readonly seconds: number;
  /** Seconds after which it counts as a stall in this phase. */
  readonly limitSeconds: number;
}

/** The start of one pod. Plain data; the same in messages, JSON and the report. */
export interface PodTimeline {
  readonly pod: string;
  readonly groupIndex: number;
  readonly workerIndex: number;
  /** Global ranks the pod runs. */
  readonly ranks: string;
  readonly spans: readonly PhaseSpan[];
  /** The phase it is in; absent when nothing is known. */
  readonly phase?: TimelinePhase;
  readonly progress?: PhaseProgress;
  readonly lagging: readonly LaggingRank[];
  /** When the start-up probe gives up and the kubelet ends the container. */
  readonly deadlineMs?: number;
  /** Present when nothing moved for longer than the phase allows. */
  readonly stall?: Stall;
}
