import type {
  GroupHealth,
  HealthReport,
  PodHealth,
  PodTimeline,
  Verdict,
  WaitOutcome,
} from '../../health/index.ts';
import { formatSeconds } from '../../units/index.ts';
import { joinBlocks, paragraph } from '../block.ts';
import type { Style } from '../style.ts';
import { type Cell, table } from '../table.ts';
import { toPlainText } from '../wrap.ts';
import { checkCounts, checksLines } from './checks.ts';
import { renderPhase } from './phase.ts';

type Paint = (text: string) => string;

/** Renders the state of every group, pod and check, with advice under whatever did not pass. */
export function renderHealth(report: HealthReport, style: Style): string {
  const { name, namespace } = report.deployment;
  const paint = verdictPaint(report.verdict, style);
  const summary = `deployment ${name} in namespace ${namespace}${waitText(report.wait)}${checkCounts(report.checks)}`;
  return joinBlocks([
    headline(report, style),
    ...report.groups.flatMap((group) => groupBlocks(group, style)),
    startLines(report.timeline ?? [], style),
    causeLines(report, style),
    paragraph(summary, { style, lead: `${report.verdict}: `, paintLead: paint }),
  ]);
}

/** The verdict before groups that may differ; one group says it in its own first line. */
function headline({ verdict, groups, deployment }: HealthReport, style: Style): string[] {
  if (groups.length < 2) return [];
  const each = groups.map((group) => `${group.group} ${group.verdict}`).join(', ');
  const lead = `Deployment ${deployment.name}: `;
  return paragraph(`${verdict} (${each})`, { style, lead, paintLead: style.paints.heading });
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

/** What the pods that do not serve yet are busy with. */
function startLines(timeline: readonly PodTimeline[], style: Style): string[] {
  const starting = timeline.filter(({ phase }) => phase !== undefined && phase !== 'serving');
  if (starting.length === 0) return [];
  const columns = [{ header: 'pod' }, { header: 'ranks' }, { header: 'start' }];
  const rows = starting.map((start) => [
    { text: start.pod },
    { text: start.ranks },
    start.stall === undefined
      ? { text: renderPhase(start) }
      : { text: renderPhase(start), paint: style.paints.bad },
  ]);
  return table({ columns, rows }, { style });
}

/** Lines of log shown of a pod that runs well: they place the cause in time, and seldom show it. */
const linesOfReadyPod = 3;

function causeLines({ cause, groups }: HealthReport, style: Style): string[] {
  if (cause === undefined) return [];
  const { heading, bad, muted } = style.paints;
  const { code, group, subject, ranks, node, message, impact, advice } = cause;
  const { events, signature } = cause;
  const pods = groups.flatMap((each) => (each.group === group ? each.pods : []));
  const isReady = pods.some(
    ({ name, verdict }) => subject.endsWith(`/${name}`) && verdict === 'healthy',
  );
  const logLines = isReady ? cause.logLines.slice(-linesOfReadyPod) : cause.logLines;
  const where = [
    `group ${group}`,
    ...(ranks === undefined ? [] : [`ranks ${ranks}`]),
    ...(node === undefined ? [] : [`node ${node}`]),
  ];
  const arrow = `${style.symbols.arrow} `;
  return [
    ...paragraph(message, { style, lead: `Cause: ${signature?.code ?? code}  `, paintLead: bad }),
    ...paragraph(`${subject} (${where.join(', ')})`, { style, indent: 2 }),
    ...(impact === undefined
      ? []
      : paragraph(impact, { style, indent: 2, lead: 'users: ', paintLead: bad })),
    ...(advice === undefined
      ? []
      : paragraph(advice, { style, indent: 2, lead: arrow, paintLead: heading })),
    ...events.flatMap((event) =>
      paragraph(event, { style, indent: 2, lead: 'event  ', paintLead: muted }),
    ),
    ...(signature === undefined
      ? []
      : [
          ...signature.lines.map((line) => `  ${bad('shows |')} ${toPlainText(line)}`),
          ...paragraph(signature.source, { style, indent: 2, lead: 'see    ', paintLead: muted }),
        ]),
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

function verdictPaint(verdict: Verdict, { paints }: Style): Paint {
  const byVerdict = {
    healthy: paints.good,
    progressing: paints.warning,
    unhealthy: paints.bad,
    unknown: paints.warning,
  } as const satisfies Record<Verdict, Paint>;
  return byVerdict[verdict];
}
