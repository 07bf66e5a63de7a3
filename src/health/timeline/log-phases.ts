import type { LogMilestone, StartPhase } from '../../engines/index.ts';
import { type LineRank, type LogLine, parseLineRank } from '../log-line.ts';
import { type LaggingRank, phaseOrder, type TimelinePhase } from './timeline.ts';

const phaseOfMilestone = {
  configured: 'starting',
  connected: 'connecting',
  'loading weights': 'loading weights',
  'weights loaded': 'preparing',
  'warming up': 'compiling',
  'cache sized': 'sizing cache',
  'capturing graphs': 'capturing graphs',
  serving: 'serving',
} as const satisfies Record<StartPhase, TimelinePhase>;

/** What the log of one pod says about its phases. */
export interface LogPhases {
  /** First time each phase was seen, in the order of the phases. */
  readonly begins: ReadonlyMap<TimelinePhase, number>;
  readonly lagging: readonly LaggingRank[];
}

/** Reads when each phase began, and which ranks are behind the others. */
export function readLogPhases(
  lines: readonly LogLine[],
  milestones: readonly LogMilestone[],
): LogPhases {
  const begins = new Map<TimelinePhase, number>();
  const byRank = new Map<string, TimelinePhase>();
  let reached = -1;
  for (const { atMs, text } of lines) {
    const phase = phaseOfLine(text, milestones, reached);
    if (phase === undefined) continue;
    const rank = formatRank(parseLineRank(text));
    if (rank !== '') byRank.set(rank, furthest(byRank.get(rank), phase));
    const order = phaseOrder.indexOf(phase);
    if (atMs === undefined || order <= reached) continue;
    reached = order;
    begins.set(phase, atMs);
  }
  return { begins, lagging: findLagging(byRank) };
}

function phaseOfLine(
  text: string,
  milestones: readonly LogMilestone[],
  reached: number,
): TimelinePhase | undefined {
  const milestone = milestones.findLast(({ pattern }) => pattern.test(text));
  if (milestone === undefined) return undefined;
  if (milestone.phase !== 'warming up') return phaseOfMilestone[milestone.phase];
  if (/DeepGEMM/i.test(text)) return 'kernel warm-up';
  // SGLang warms up with requests once its graphs are captured.
  const captured = reached >= phaseOrder.indexOf('capturing graphs');
  return captured ? 'answering first requests' : 'compiling';
}

function furthest(a: TimelinePhase | undefined, b: TimelinePhase): TimelinePhase {
  return a !== undefined && phaseOrder.indexOf(a) > phaseOrder.indexOf(b) ? a : b;
}

/** Ranks behind the furthest one; who writes no rank, such as the API server, is left out. */
function findLagging(byRank: ReadonlyMap<string, TimelinePhase>): readonly LaggingRank[] {
  const orders = [...byRank.values()].map((phase) => phaseOrder.indexOf(phase));
  const most = Math.max(-1, ...orders);
  return [...byRank]
    .filter(([, phase]) => phaseOrder.indexOf(phase) < most)
    .map(([rank, phase]) => ({ rank, phase }))
    .toSorted((a, b) => a.rank.localeCompare(b.rank, 'en', { numeric: true }));
}

function formatRank({ dataRank, tensorRank }: LineRank): string {
  return [
    ...(dataRank === undefined ? [] : [`DP${dataRank}`]),
    ...(tensorRank === undefined ? [] : [`TP${tensorRank}`]),
  ].join(' ');
}
