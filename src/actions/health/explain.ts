import {
  type BareCause,
  type ClusterEvent,
  eventsAbout,
  formatEvent,
  type GroupHealth,
  type HealthCause,
} from '../../health/index.ts';
import type { HealthCluster } from './ports.ts';
import { readOr } from './try-read.ts';

/** Lines of log that go with a cause: enough for a traceback's end, not a page. */
export const logTailLines = 20;

/** Events that go with a cause. */
const eventLimit = 8;

export interface Evidence {
  readonly groups: readonly GroupHealth[];
  readonly events: readonly ClusterEvent[];
  /** Replaced in log lines, for example the API key. */
  readonly secrets: readonly string[];
}

/** Adds the events and the last log lines of its subject to a cause. */
export async function explainCause(
  cluster: HealthCluster,
  cause: BareCause,
  evidence: Evidence,
): Promise<HealthCause> {
  const [kind = '', namespace = '', name = ''] = cause.subject.split('/');
  const events = eventsAbout(evidence.events, { kind, name }).slice(-eventLimit).map(formatEvent);
  const logLines = kind === 'Pod' ? await readTail(cluster, { namespace, name }, evidence) : [];
  return { ...cause, events, logLines };
}

/** Reads the last lines of a pod: of its previous life when it crashed, else of the present one. */
export async function readTail(
  cluster: HealthCluster,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  { groups, secrets }: Pick<Evidence, 'groups' | 'secrets'>,
): Promise<readonly string[]> {
  const pod = groups.flatMap(({ pods }) => pods).find((entry) => entry.name === name);
  const exit = pod?.lastExit;
  const started = exit !== undefined || (pod !== undefined && startedReasons.has(pod.reason));
  if (!started) return [];
  const text = await readOr('', () =>
    cluster.readLogs(
      { apiVersion: 'v1', kind: 'Pod', namespace, name },
      {
        ...(exit === undefined ? {} : { container: exit.container }),
        tailLines: logTailLines,
        ...(pod !== undefined && pod.restarts > 0 && exit !== undefined ? { previous: true } : {}),
      },
    ),
  );
  return maskLines(text.split('\n'), secrets);
}

/** Reasons of pods whose containers ran: the others have no log. */
const startedReasons: ReadonlySet<string> = new Set([
  'ready',
  'loading',
  'becoming-ready',
  'not-ready',
  'crash-loop',
  'exited',
  'out-of-memory',
  'node-not-ready',
]);

/** Keeps the last lines that say something, with secrets masked. */
export function maskLines(lines: readonly string[], secrets: readonly string[]): readonly string[] {
  return lines
    .map((line) => secrets.reduce((rest, secret) => rest.replaceAll(secret, '***'), line).trimEnd())
    .filter((line) => line !== '')
    .slice(-logTailLines);
}
