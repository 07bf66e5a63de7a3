// Every command draws its progress with this; all of health would load the schemas of its objects.
import { type PodTimeline, phaseOrder } from '../../health/timeline/timeline.ts';
import { formatSeconds } from '../../units/index.ts';

/**
 * One line on the start of a pod: `loading weights 60/163, 0.5/s, 3m25s +/- 10s left`, then what is
 * wrong with it: a rank behind the others, or no progress.
 */
export function renderPhase(timeline: PodTimeline): string {
  const { phase, progress, stall, lagging } = timeline;
  if (phase === undefined) return '';
  const parts = [`${phase}${progress === undefined ? '' : ` ${renderProgress(progress)}`}`];
  const [first] = lagging;
  if (first !== undefined) {
    const more = lagging.length > 1 ? ` and ${String(lagging.length - 1)} more` : '';
    parts.push(`${first.rank}${more} still ${first.phase}`);
  }
  if (stall !== undefined) parts.push(`no progress for ${formatSeconds(stall.seconds)}`);
  return parts.join(', ');
}

/** The start that is furthest behind; a stalled one goes before others of its phase. */
export function slowestStart(timelines: readonly PodTimeline[]): PodTimeline | undefined {
  const order = ({ phase }: PodTimeline): number =>
    phase === undefined ? phaseOrder.length : phaseOrder.indexOf(phase);
  return timelines
    .filter(({ phase }) => phase !== undefined && phase !== 'serving')
    .toSorted(
      (a, b) =>
        order(a) - order(b) ||
        Number(b.stall !== undefined) - Number(a.stall !== undefined) ||
        fractionDone(a) - fractionDone(b),
    )[0];
}

function fractionDone({ progress }: PodTimeline): number {
  return progress === undefined ? 1 : progress.done / progress.total;
}

function renderProgress({
  done,
  total,
  perSecond,
  etaSeconds,
  etaErrorSeconds,
}: NonNullable<PodTimeline['progress']>): string {
  const count = `${String(done)}/${String(total)}`;
  if (perSecond === undefined || etaSeconds === undefined) return count;
  const error = Math.round(etaErrorSeconds ?? 0);
  const eta = formatSeconds(Math.round(etaSeconds));
  const left = error < 1 ? `${eta} left` : `${eta} +/- ${formatSeconds(error)} left`;
  return `${count}, ${formatRate(perSecond)}, ${left}`;
}

function formatRate(perSecond: number): string {
  return perSecond >= 1 ? `${perSecond.toFixed(1)}/s` : `1 per ${(1 / perSecond).toFixed(1)} s`;
}
