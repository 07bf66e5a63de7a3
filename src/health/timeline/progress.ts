import type { LogLine } from '../log-line.ts';

/** One state of a progress bar. */
export interface ProgressPoint {
  readonly atMs: number;
  /** What the bar counts, with what changes at each step left out. */
  readonly label: string;
  readonly done: number;
  readonly total: number;
}

/**
 * A bar of tqdm: `Loading safetensors checkpoint shards:  37% Completed | 60/163 [02:18<04:33]`.
 *
 * @source tqdm 4.67 default format, and vLLM's and SGLang's own with `Completed`
 */
const bar = /^(?:\([^)]*\)\s*)*(.*?):?\s+\d+%[^|]*\|[^|]*?\|?\s*(\d+)\/(\d+)\s*\[/;

/** Reads a progress bar; `undefined` when the line has none or no time. */
export function parseProgress({ atMs, text }: LogLine): ProgressPoint | undefined {
  const match = bar.exec(text);
  if (match === null || atMs === undefined) return undefined;
  const [, label = '', done = '0', total = '0'] = match;
  return { atMs, label: withoutState(label), done: Number(done), total: Number(total) };
}

/** SGLang writes the batch and the free memory of each graph into the label of its bar. */
function withoutState(label: string): string {
  return label.replaceAll(/[\d.]+/g, '0').trim();
}

export interface Forecast {
  readonly perSecond: number;
  readonly etaSeconds: number;
  readonly etaErrorSeconds: number;
}

/**
 * Forecasts the end of a bar from the pace so far.
 *
 * The error has two parts: the steps to come vary as those before did, and the mean of the steps
 * before is itself uncertain. It knows nothing of storage that slows down later.
 */
export function forecast(points: readonly ProgressPoint[], nowMs: number): Forecast | undefined {
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined || last.done <= first.done) return undefined;
  const steps = last.done - first.done;
  const meanSeconds = (last.atMs - first.atMs) / 1000 / steps;
  if (meanSeconds <= 0) return undefined;
  const left = last.total - last.done;
  const variance = stepVariance(points, meanSeconds);
  const idleSeconds = Math.max(0, (nowMs - last.atMs) / 1000);
  const error = 1.96 * Math.sqrt(variance * (left + (left * left) / steps));
  return {
    perSecond: 1 / meanSeconds,
    etaSeconds: Math.max(0, left * meanSeconds - idleSeconds),
    etaErrorSeconds: error,
  };
}

/** Variance of the seconds of one step; a jump over several steps tells of their mean only. */
function stepVariance(points: readonly ProgressPoint[], meanSeconds: number): number {
  let sum = 0;
  let intervals = 0;
  for (const [index, point] of points.entries()) {
    const before = points[index - 1];
    if (before === undefined || point.done <= before.done) continue;
    const steps = point.done - before.done;
    const seconds = (point.atMs - before.atMs) / 1000 / steps;
    sum += steps * (seconds - meanSeconds) ** 2;
    intervals += 1;
  }
  return intervals < 2 ? meanSeconds ** 2 : sum / (intervals - 1);
}
