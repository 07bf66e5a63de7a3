import type { LogLine } from '../log-line.ts';
import type { ProgressPoint } from './progress.ts';
import type { PhaseSpan, Stall, TimelinePhase } from './timeline.ts';

/** Phases whose length the engine decides; image pulls and scheduling have rules of their own. */
const watchedPhases: ReadonlySet<TimelinePhase> = new Set<TimelinePhase>([
  'starting',
  'connecting',
  'loading weights',
  'preparing',
  'kernel warm-up',
  'compiling',
  'sizing cache',
  'capturing graphs',
  'answering first requests',
]);

/** Seconds any phase may be silent: compilers and collectives say nothing for minutes. */
const leastSilentSeconds = 240;

/** Share of the whole budget a phase may be silent. */
const silentShare = 0.2;

/** How many times longer than the mean step the next one may take. */
const stepFactor = 20;

const leastStepSeconds = 60;

export interface StallFacts {
  readonly spans: readonly PhaseSpan[];
  readonly lines: readonly LogLine[];
  readonly points: readonly ProgressPoint[];
  readonly nowMs: number;
  readonly budgetSeconds: number;
}

/**
 * Finds a start in which nothing moves any more, long before the probe gives up.
 *
 * A phase that counts its steps is judged by its own pace; a silent one by a share of the budget.
 * Lines that only repeat what the engine said before, such as a notice every minute, do not count.
 */
export function findStall(facts: StallFacts): Stall | undefined {
  const span = facts.spans.at(-1);
  if (span === undefined || !watchedPhases.has(span.phase)) return undefined;
  const bar = facts.points.filter(({ atMs }) => atMs >= span.startMs);
  const sinceMs = Math.max(span.startMs, lastNewsMs(facts.lines), lastStepMs(bar));
  const seconds = (facts.nowMs - sinceMs) / 1000;
  const limitSeconds = limitOf(bar, facts.budgetSeconds);
  return seconds > limitSeconds
    ? { sinceMs, seconds: Math.round(seconds), limitSeconds: Math.round(limitSeconds) }
    : undefined;
}

function limitOf(bar: readonly ProgressPoint[], budgetSeconds: number): number {
  const silent = Math.max(leastSilentSeconds, silentShare * budgetSeconds);
  const [first] = bar;
  const last = bar.at(-1);
  if (first === undefined || last === undefined || last.done === last.total) return silent;
  if (last.done <= first.done) return silent;
  const stepSeconds = (last.atMs - first.atMs) / 1000 / (last.done - first.done);
  return Math.min(silent, Math.max(leastStepSeconds, stepFactor * stepSeconds));
}

function lastStepMs(bar: readonly ProgressPoint[]): number {
  let most = -1;
  let ms = 0;
  for (const { done, atMs } of bar) {
    if (done > most) ms = atMs;
    most = Math.max(most, done);
  }
  return ms;
}

/** When the log last said something it had not said before, numbers apart. */
function lastNewsMs(lines: readonly LogLine[]): number {
  const said = new Set<string>();
  let ms = 0;
  for (const { atMs, text } of lines) {
    const bare = text.replaceAll(/\d+/g, '0');
    if (atMs !== undefined && !said.has(bare)) ms = Math.max(ms, atMs);
    said.add(bare);
  }
  return ms;
}
