import type { ReportFacts } from '../../actions/evidence/report-facts.ts';
import { type PodTimeline, phaseOrder, type TimelinePhase } from '../../health/index.ts';
import { formatSeconds } from '../../units/index.ts';
import { renderPhase } from '../text/phase.ts';
import { type Html, html } from './html.ts';

const barHeight = 22;
const axisHeight = 20;

/** Distances between two marks of the axis, seconds. */
const axisSteps = [10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 86_400] as const;

const wantedMarks = 4;

/**
 * The starts of all pods on one axis of time.
 *
 * Widths are percentages and heights are pixels, so that one picture fits a phone and a wall without
 * its text growing or shrinking. The same in words follows as a table.
 */
export function timelineSection({ report, readAtMs }: ReportFacts): Html | undefined {
  const timeline = (report.timeline ?? []).filter(({ spans }) => spans.length > 0);
  if (timeline.length === 0) return undefined;
  return html`<section aria-labelledby="timeline"><h2 id="timeline">Start-up timeline</h2>
${legend(timeline)}
${gantt(timeline, readAtMs)}
<details><summary>Timeline as a table</summary>${spanTable(timeline, readAtMs)}</details></section>`;
}

interface Axis {
  readonly startMs: number;
  readonly endMs: number;
}

function axisOf(timeline: readonly PodTimeline[], readAtMs: number): Axis {
  const starts = timeline.flatMap(({ spans }) => spans.map(({ startMs }) => startMs));
  // Serving may go on for weeks; its beginning is what counts.
  const ends = timeline.map(({ spans, phase }) => {
    const last = spans.at(-1);
    return phase === 'serving' ? (last?.startMs ?? 0) : readAtMs;
  });
  const startMs = Math.min(...starts);
  const longest = Math.max(...ends, startMs + 1000);
  return { startMs, endMs: longest + (longest - startMs) * 0.06 };
}

function gantt(timeline: readonly PodTimeline[], readAtMs: number): Html {
  const axis = axisOf(timeline, readAtMs);
  return html`<div class="gantt"><svg width="100%" height="${axisHeight}" aria-hidden="true">${axisMarks(axis, { labels: true })}</svg>
<ul aria-label="Pods">${timeline.map((start) => row(start, axis))}</ul></div>`;
}

function axisMarks(axis: Axis, { labels }: { readonly labels: boolean }): Html[] {
  const seconds = (axis.endMs - axis.startMs) / 1000;
  const step = axisSteps.find((candidate) => seconds / candidate <= wantedMarks) ?? 86_400;
  const marks = Array.from({ length: Math.floor(seconds / step) + 1 }, (_, index) => index * step);
  return marks.map((second) => {
    const x = percent((second / seconds) * 100);
    const text = html`<text class="axis" x="${x}" dx="4" y="13">${formatSeconds(second)}</text>`;
    return html`<line class="mark" x1="${x}" x2="${x}" y1="0" y2="100%" />${labels ? text : undefined}`;
  });
}

/** The words are text of the page and not of the picture, so that they wrap on a phone. */
function row(start: PodTimeline, axis: Axis): Html {
  const width = axis.endMs - axis.startMs;
  const at = (ms: number) => Math.min(100, ((ms - axis.startMs) / width) * 100);
  const bars = start.spans.map(({ phase, startMs, endMs }) => {
    const from = at(startMs);
    const to = at(endMs ?? axis.endMs);
    const length = endMs === undefined ? 'goes on' : formatSeconds((endMs - startMs) / 1000);
    return html`<rect class="${phaseClass(phase)}" x="${percent(from)}" width="${percent(Math.max(0.3, to - from))}" y="0" height="${barHeight}"><title>${start.pod}: ${phase}, ${length}</title></rect>`;
  });
  return html`<li><p><b>${start.pod}</b> <span class="${start.stall === undefined ? 'muted' : 'stalled'}">${renderPhase(start)}</span></p>
<svg width="100%" height="${barHeight}" aria-hidden="true">${axisMarks(axis, { labels: false })}${bars}</svg></li>`;
}

function legend(timeline: readonly PodTimeline[]): Html {
  const used = new Set(timeline.flatMap(({ spans }) => spans.map(({ phase }) => phase)));
  const items = phaseOrder
    .filter((phase) => used.has(phase))
    .map(
      (phase) =>
        html`<li><svg width="14" height="14" aria-hidden="true"><rect class="${phaseClass(phase)}" width="14" height="14" rx="3" /></svg> ${phase}</li>`,
    );
  return html`<ul class="legend" aria-label="Phases">${items}</ul>`;
}

function spanTable(timeline: readonly PodTimeline[], readAtMs: number): Html {
  const rows = timeline.flatMap(({ pod, spans }) =>
    spans.map(({ phase, startMs, endMs }) => {
      const seconds = ((endMs ?? readAtMs) - startMs) / 1000;
      const length = phase === 'serving' ? '' : formatSeconds(Math.max(0, seconds));
      return html`<tr><td>${pod}</td><td>${phase}</td><td>${formatTime(startMs)}</td><td>${length}</td></tr>`;
    }),
  );
  return html`<div class="scroll" role="region" aria-label="Timeline as a table" tabindex="0"><table><thead><tr><th scope="col">Pod</th><th scope="col">Phase</th><th scope="col">Began (UTC)</th><th scope="col">Took</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

export function formatTime(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}

function phaseClass(phase: TimelinePhase): string {
  return `phase-${String(phaseOrder.indexOf(phase))}`;
}

function percent(value: number): string {
  return `${(Math.round(value * 100) / 100).toString()}%`;
}
