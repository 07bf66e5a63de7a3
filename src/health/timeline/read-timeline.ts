import type { LogMilestone } from '../../engines/index.ts';
import type { LogLine } from '../log-line.ts';
import { type ClusterEvent, lastSeenMs } from '../pod/event.ts';
import { conditionOf, type PodStatus } from '../pod/pod-status.ts';
import { readLogPhases } from './log-phases.ts';
import { forecast, type ProgressPoint, parseProgress } from './progress.ts';
import { findStall } from './stall.ts';
import {
  type PhaseProgress,
  type PhaseSpan,
  type PodTimeline,
  phaseOrder,
  type TimelinePhase,
} from './timeline.ts';

export interface TimelineFacts {
  readonly pod: PodStatus;
  readonly groupIndex: number;
  readonly workerIndex: number;
  readonly ranks: string;
  /** About this pod; only those of scheduling and image pulls are read. */
  readonly events: readonly ClusterEvent[];
  /** Of the engine container, with times. */
  readonly lines: readonly LogLine[];
  readonly milestones: readonly LogMilestone[];
  /** Seconds from container start after which the probe ends the engine. */
  readonly budgetSeconds: number;
  readonly nowMs: number;
}

/**
 * Reads the start of one pod: which phase began when, how far the running one has come, and whether
 * anything still moves. What neither status, events nor log tell is left out.
 */
export function readTimeline(facts: TimelineFacts): PodTimeline {
  const { pod, groupIndex, workerIndex, ranks, lines, nowMs } = facts;
  const { begins, lagging } = readLogPhases(lines, facts.milestones);
  const startedMs = containerStartMs(pod);
  const spans = toSpans([...objectPhases(facts, startedMs), ...begins, ...readyPhase(pod)]);
  const phase = spans.at(-1)?.phase;
  const points = lines.flatMap((line) => parseProgress(line) ?? []);
  const progress = phase === undefined ? undefined : readProgress(phase, { points, spans, nowMs });
  const deadlineMs = startedMs === undefined ? undefined : startedMs + facts.budgetSeconds * 1000;
  const stall = findStall({ spans, lines, points, nowMs, budgetSeconds: facts.budgetSeconds });
  return {
    pod: pod.metadata.name,
    groupIndex,
    workerIndex,
    ranks,
    spans,
    ...(phase === undefined ? {} : { phase }),
    ...(progress === undefined ? {} : { progress }),
    lagging,
    ...(deadlineMs === undefined || phase === 'serving' ? {} : { deadlineMs }),
    ...(stall === undefined ? {} : { stall }),
  };
}

type Begin = readonly [TimelinePhase, number];

/** Phases before the engine writes its first line. */
function objectPhases(
  { pod, events }: TimelineFacts,
  startedMs: number | undefined,
): readonly Begin[] {
  const createdMs = Date.parse(pod.metadata.creationTimestamp ?? '');
  const scheduled = conditionOf(pod, 'PodScheduled');
  const scheduledMs =
    scheduled?.status === 'True' ? Date.parse(scheduled.lastTransitionTime ?? '') : Number.NaN;
  const pulling = events.find(({ reason }) => reason === 'Pulling');
  const pullingMs = pulling === undefined ? scheduledMs : lastSeenMs(pulling);
  const begins: readonly Begin[] = [
    ['scheduling', createdMs],
    ['pulling image', pullingMs],
    ['starting', startedMs ?? Number.NaN],
  ];
  return begins.filter(([, ms]) => !Number.isNaN(ms) && ms > 0);
}

/** Start of the engine container; of the longest-running one where there are several. */
function containerStartMs({ status }: PodStatus): number | undefined {
  const times = status.containerStatuses
    .map(({ state }) => Date.parse(state.running?.startedAt ?? ''))
    .filter((ms) => !Number.isNaN(ms));
  return times.length === 0 ? undefined : Math.min(...times);
}

/** Each phase ends where the next begins. */
function toSpans(begins: readonly Begin[]): readonly PhaseSpan[] {
  const first = new Map<TimelinePhase, number>();
  for (const [phase, ms] of begins) first.set(phase, Math.min(first.get(phase) ?? ms, ms));
  const ordered = phaseOrder.flatMap((phase): Begin[] => {
    const ms = first.get(phase);
    return ms === undefined ? [] : [[phase, ms]];
  });
  // Clocks of node and API server differ by a little: a phase never begins before the one before.
  let latestMs = 0;
  return ordered.map(([phase, ms], index) => {
    latestMs = Math.max(latestMs, ms);
    const next = ordered[index + 1];
    const startMs = latestMs;
    return next === undefined
      ? { phase, startMs }
      : { phase, startMs, endMs: Math.max(startMs, next[1]) };
  });
}

/** A pod that passed its probe serves, whatever its log still shows. */
function readyPhase(pod: PodStatus): readonly Begin[] {
  const ready = conditionOf(pod, 'Ready');
  const ms = Date.parse(ready?.lastTransitionTime ?? '');
  return ready?.status === 'True' && !Number.isNaN(ms) ? [['serving', ms]] : [];
}

interface ProgressFacts {
  readonly points: readonly ProgressPoint[];
  readonly spans: readonly PhaseSpan[];
  readonly nowMs: number;
}

/** Progress of the running phase: the last bar that began in it. */
function readProgress(
  phase: TimelinePhase,
  { points, spans, nowMs }: ProgressFacts,
): PhaseProgress | undefined {
  const startMs = spans.at(-1)?.startMs ?? 0;
  const label = points.findLast(({ atMs }) => atMs >= startMs)?.label;
  const bar = points.filter((point) => point.label === label && point.atMs >= startMs);
  const last = bar.at(-1);
  if (last === undefined || last.total === 0) return undefined;
  const expected = forecast(bar, nowMs);
  return { phase, done: last.done, total: last.total, ...expected };
}
