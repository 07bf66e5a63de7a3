import {
  type BareCause,
  eventsAbout,
  formatEvent,
  type GroupHealth,
  type HealthCause,
  type HealthReport,
  noteUnread,
  type Reading,
  toReport,
  type Unread,
} from '../../../health/index.ts';
import type { Layout } from '../../../layout/index.ts';
import type { HealthCluster } from '../ports.ts';
import { readIfPossible } from '../try-read.ts';
import type { Evidence } from './evidence.ts';
import { nameCause } from './name-cause.ts';
import { hasLog, maskSecrets } from './read-log.ts';

/** Lines of log that go with a cause: enough for a traceback's end, not a page. */
export const logTailLines = 20;

/** Events that go with a cause. */
const eventLimit = 8;

/** A cause with what shows it, and the kind of evidence that was wanted and refused. */
export interface Explained {
  readonly cause: HealthCause;
  readonly unread?: Unread;
}

/** Names the known failure behind a cause, and adds the events and last log lines of its subject. */
export async function explainCause(
  cluster: HealthCluster,
  cause: BareCause,
  evidence: Evidence,
): Promise<Explained> {
  const named = await nameCause(cluster, cause, evidence);
  const [kind = '', namespace = '', name = ''] = named.subject.split('/');
  const events = eventsAbout(evidence.events, { kind, name }).slice(-eventLimit).map(formatEvent);
  const tail: Reading<readonly string[]> =
    kind === 'Pod'
      ? await tryTail(cluster, { namespace, name }, evidence)
      : { kind: 'read', value: [] };
  if (tail.kind === 'read') return { cause: { ...named, events, logLines: tail.value } };
  const unread = { what: 'logs', reason: tail.reason } as const;
  return { cause: { ...named, events, logLines: [] }, unread };
}

/** A report with its cause, and with what could not be read to explain it among its checks. */
export function explainedReport(
  layout: Layout,
  groups: readonly GroupHealth[],
  { cause, unread }: Explained,
): HealthReport {
  return { ...toReport(layout, noteUnread(groups, cause.group, unread)), cause };
}

export interface TailOptions extends Pick<Evidence, 'groups' | 'secrets'> {
  /** @default logTailLines */
  readonly tailLines?: number;
}

/** Reads the last lines of a pod: of its previous life when it crashed, else of the present one. */
export async function readTail(
  cluster: HealthCluster,
  pod: PodName,
  options: TailOptions,
): Promise<readonly string[]> {
  const reading = await tryTail(cluster, pod, options);
  return reading.kind === 'read' ? reading.value : [];
}

interface PodName {
  readonly namespace: string;
  readonly name: string;
}

async function tryTail(
  cluster: HealthCluster,
  { namespace, name }: PodName,
  { groups, secrets, tailLines = logTailLines }: TailOptions,
): Promise<Reading<readonly string[]>> {
  const pod = groups.flatMap(({ pods }) => pods).find((entry) => entry.name === name);
  const exit = pod?.lastExit;
  if (pod === undefined || !hasLog(pod)) return { kind: 'read', value: [] };
  const text = await readIfPossible(() =>
    cluster.readLogs(
      { apiVersion: 'v1', kind: 'Pod', namespace, name },
      {
        ...(exit === undefined ? {} : { container: exit.container }),
        tailLines,
        ...(pod.restarts > 0 && exit !== undefined ? { previous: true } : {}),
      },
    ),
  );
  if (text.kind === 'unreadable') return text;
  return { kind: 'read', value: maskLines(text.value.split('\n'), secrets, tailLines) };
}

/** Keeps the last lines that say something, with secrets masked. */
export function maskLines(
  lines: readonly string[],
  secrets: readonly string[],
  limit = logTailLines,
): readonly string[] {
  return lines
    .map((line) => maskSecrets(line, secrets).trimEnd())
    .filter((line) => line !== '')
    .slice(-limit);
}
