import type {
  Check,
  GroupHealth,
  HealthCause,
  HealthReport,
  PodHealth,
  Verdict,
  WaitOutcome,
} from '../health/index.ts';
import { formatSeconds } from '../units/index.ts';
import { joinBlocks, paragraph } from './block.ts';
import type { Style } from './style.ts';
import { type Cell, table } from './table.ts';
import { toPlainText } from './wrap.ts';

type Paint = (text: string) => string;

/** Renders the state of every group, pod and check, with advice under whatever did not pass. */
export function renderHealth(report: HealthReport, style: Style): string {
  const { name, namespace } = report.deployment;
  const paint = verdictPaint(report.verdict, style);
  const summary = `deployment ${name} in namespace ${namespace}${waitText(report.wait)}`;
  return joinBlocks([
    ...report.groups.flatMap((group) => groupBlocks(group, style)),
    causeLines(report.cause, style),
    paragraph(summary, { style, lead: `${report.verdict}: `, paintLead: paint }),
  ]);
}

function waitText(wait: WaitOutcome | undefined): string {
  if (wait === undefined) return '';
  const { ended, elapsedSeconds, timeoutSeconds } = wait;
  const after = `after ${formatSeconds(elapsedSeconds)}`;
  if (ended === 'timed-out') return `, gave up ${after}`;
  return ended === 'failed'
    ? `, failed ${after} of ${formatSeconds(timeoutSeconds)}`
    : `, ${after}`;
}

function causeLines(cause: HealthCause | undefined, style: Style): string[] {
  if (cause === undefined) return [];
  const { heading, bad, muted } = style.paints;
  const { code, group, subject, ranks, node, message, advice, events, logLines } = cause;
  const where = [
    `group ${group}`,
    ...(ranks === undefined ? [] : [`ranks ${ranks}`]),
    ...(node === undefined ? [] : [`node ${node}`]),
  ];
  const arrow = `${style.symbols.arrow} `;
  return [
    ...paragraph(message, { style, lead: `Cause: ${code}  `, paintLead: bad }),
    ...paragraph(`${subject} (${where.join(', ')})`, { style, indent: 2 }),
    ...(advice === undefined
      ? []
      : paragraph(advice, { style, indent: 2, lead: arrow, paintLead: heading })),
    ...events.flatMap((event) =>
      paragraph(event, { style, indent: 2, lead: 'event  ', paintLead: muted }),
    ),
    ...logLines.map((line) => `  ${muted('log  |')} ${toPlainText(line)}`),
  ];
}

/** Lines of one group, also shown while waiting. */
export function groupBlocks(group: GroupHealth, style: Style): string[][] {
  return [
    [groupTitle(group, style), ...podTable(group.pods, style)],
    checksLines(group.checks, style),
  ];
}

function groupTitle(group: GroupHealth, style: Style): string {
  const { heading } = style.paints;
  const verdict = verdictPaint(group.verdict, style)(group.verdict);
  const ready = `${String(group.readyReplicas)} of ${String(group.replicas)} ready`;
  return `${heading(`Group ${group.group}`)}: ${verdict}, ${ready}`;
}

function podTable(pods: readonly PodHealth[], style: Style): string[] {
  if (pods.length === 0) return ['  no pods'];
  const columns = [
    { header: 'pod' },
    { header: 'node' },
    { header: 'ranks' },
    { header: 'state' },
    { header: 'detail' },
  ];
  return table({ columns, rows: pods.map((pod) => podRow(pod, style)) }, { style });
}

function podRow(pod: PodHealth, style: Style): Cell[] {
  const restarts = pod.restarts === 0 ? '' : `, restarted ${times(pod.restarts)}`;
  return [
    { text: pod.name },
    { text: pod.node ?? '-' },
    { text: pod.ranks },
    { text: pod.verdict, paint: verdictPaint(pod.verdict, style) },
    { text: `${pod.detail}${restarts}` },
  ];
}

function times(count: number): string {
  return count === 1 ? 'once' : `${String(count)} times`;
}

function checksLines(checks: readonly Check[], style: Style): string[] {
  const { passed, failed, pending, unknown } = style.symbols;
  const symbolWidth = Math.max(...[passed, failed, pending, unknown].map(({ length }) => length));
  const idWidth = Math.max(0, ...checks.map(({ id }) => id.length));
  return checks.flatMap((check) => checkLines(check, { style, symbolWidth, idWidth }));
}

interface CheckOptions {
  readonly style: Style;
  readonly symbolWidth: number;
  readonly idWidth: number;
}

function checkLines(check: Check, { style, symbolWidth, idWidth }: CheckOptions): string[] {
  const { symbol, paint } = outcomeLook(check.outcome, style);
  const took =
    check.durationMs === undefined ? '' : ` (${String(Math.round(check.durationMs))} ms)`;
  const text = `${check.subject}: ${check.detail}${took}`;
  const lead = `${symbol.padEnd(symbolWidth)} ${check.id.padEnd(idWidth)}  `;
  const lines = paragraph(text, { style, indent: 2, lead, paintLead: paint });
  if (check.advice === undefined || check.outcome === 'passed') return lines;
  return [
    ...lines,
    ...paragraph(check.advice, { style, indent: 6, lead: `${style.symbols.arrow} ` }),
  ];
}

function outcomeLook(outcome: Check['outcome'], { symbols, paints }: Style) {
  const looks = {
    passed: { symbol: symbols.passed, paint: paints.good },
    failed: { symbol: symbols.failed, paint: paints.bad },
    pending: { symbol: symbols.pending, paint: paints.warning },
    unknown: { symbol: symbols.unknown, paint: paints.warning },
  } as const satisfies Record<Check['outcome'], { symbol: string; paint: Paint }>;
  return looks[outcome];
}

function verdictPaint(verdict: Verdict, { paints }: Style): Paint {
  const byVerdict = {
    healthy: paints.good,
    progressing: paints.warning,
    unhealthy: paints.bad,
    unknown: paints.warning,
  } as const satisfies Record<Verdict, Paint>;
  return byVerdict[verdict];
}
