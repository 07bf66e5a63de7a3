import pLimit from 'p-limit';
import type { LiveObject } from '../../../cluster/index.ts';
import { engines } from '../../../engines/index.ts';
import {
  type ClusterEvent,
  type GroupHealth,
  type LogLine,
  type PodHealth,
  type PodTimeline,
  parseEvent,
  parseLogLines,
  parsePodStatus,
  readTimeline,
} from '../../../health/index.ts';
import type { Layout, PlacedGroup } from '../../../layout/index.ts';
import { hasLog } from '../explain/read-log.ts';
import { findPlaced } from '../explain/signature-context.ts';
import type { HealthPorts } from '../ports.ts';
import { readConcurrency } from '../read-surroundings.ts';
import { readOr } from '../try-read.ts';

/** Lines of the first look at a pod, which may be far into its start. */
const firstTailLines = 2_000;

/** Lines of each later look: what a pod writes in a few seconds. */
const nextTailLines = 300;

/** Lines kept per pod; a start of DeepSeek-V3.2 writes fewer that tell anything. */
const keptLines = 6_000;

/** Events of a pod before its container starts. */
const eventReasons = ['Pulling', 'Pulled', 'Scheduled'] as const;

interface Followed {
  readonly uid: string;
  readonly restarts: number;
  readonly lines: readonly LogLine[];
}

/** Follows the start of every pod of a deployment, and remembers what scrolled out of the logs. */
export class TimelineFeed {
  readonly #layout: Layout;
  readonly #ports: HealthPorts;
  readonly #followed = new Map<string, Followed>();
  readonly #done = new Map<string, { readonly uid: string; readonly timeline: PodTimeline }>();

  constructor(layout: Layout, ports: HealthPorts) {
    this.#layout = layout;
    this.#ports = ports;
  }

  /** Reads the starts of all pods that exist, in the order of the groups. */
  async read(
    groups: readonly GroupHealth[],
    pods: readonly LiveObject[],
  ): Promise<readonly PodTimeline[]> {
    const events = await this.#readEvents(groups);
    const byName = new Map(pods.map((pod) => [pod.metadata.name, pod]));
    const limit = pLimit(readConcurrency);
    const timelines = groups.flatMap((health) => {
      const group = findPlaced(this.#layout, health.group);
      if (group === undefined) return [];
      return health.pods.map((pod) =>
        limit(() => this.#readPod(pod, { group, object: byName.get(pod.name), events })),
      );
    });
    return (await Promise.all(timelines)).filter((timeline) => timeline !== undefined);
  }

  async #readPod(
    pod: PodHealth,
    { group, object, events }: PodFacts,
  ): Promise<PodTimeline | undefined> {
    const status = object === undefined ? undefined : parsePodStatus(object);
    if (object === undefined || status === undefined) return undefined;
    const { uid } = object.metadata;
    const done = this.#done.get(pod.name);
    // A pod that serves has its start behind it.
    if (done?.uid === uid && pod.verdict === 'healthy') return done.timeline;
    const timeline = readTimeline({
      pod: status,
      groupIndex: pod.groupIndex,
      workerIndex: pod.workerIndex,
      ranks: pod.ranks,
      events: events.filter(({ kind, name }) => kind === 'Pod' && name === pod.name),
      lines: await this.#readLines(pod, uid),
      milestones: engines[group.spec.engine].logMilestones,
      budgetSeconds: group.startup.budgetSeconds,
      nowMs: this.#ports.clock.nowMs(),
    });
    if (timeline.phase === 'serving') this.#done.set(pod.name, { uid, timeline });
    return timeline;
  }

  async #readLines(pod: PodHealth, uid: string): Promise<readonly LogLine[]> {
    if (!hasLog(pod)) return [];
    const before = this.#followed.get(pod.name);
    const same = before?.uid === uid && before.restarts === pod.restarts;
    const namespace = this.#layout.spec.namespace;
    const text = await readOr('', () =>
      this.#ports.cluster.readLogs(
        { apiVersion: 'v1', kind: 'Pod', namespace, name: pod.name },
        { tailLines: same ? nextTailLines : firstTailLines, timestamps: true },
      ),
    );
    const known = same ? before.lines : [];
    const lines = [...known, ...newLines(known, parseLogLines(text))].slice(-keptLines);
    this.#followed.set(pod.name, { uid, restarts: pod.restarts, lines });
    return lines;
  }

  /** Image pulls and scheduling are no warnings, so that health itself does not read them. */
  async #readEvents(groups: readonly GroupHealth[]): Promise<readonly ClusterEvent[]> {
    const early = groups.some(({ pods }) => pods.some((pod) => pod.verdict !== 'healthy'));
    if (!early) return [];
    const { namespace } = this.#layout.spec;
    const lists = await Promise.all(
      eventReasons.map((reason) =>
        readOr<readonly LiveObject[]>([], () =>
          this.#ports.cluster.list(
            { apiVersion: 'v1', kind: 'Event' },
            { namespace, fieldSelector: `reason=${reason}` },
          ),
        ),
      ),
    );
    return lists.flat().flatMap((object) => parseEvent(object) ?? []);
  }
}

interface PodFacts {
  readonly group: PlacedGroup;
  readonly object: LiveObject | undefined;
  readonly events: readonly ClusterEvent[];
}

/** Lines of a later look that are not known yet: those after the newest known time. */
function newLines(known: readonly LogLine[], read: readonly LogLine[]): readonly LogLine[] {
  const newestMs = known.at(-1)?.atMs;
  if (newestMs === undefined) return read;
  const sameMs = new Set(known.filter(({ atMs }) => atMs === newestMs).map(({ text }) => text));
  return read.filter(
    ({ atMs, text }) =>
      atMs !== undefined && (atMs > newestMs || (atMs === newestMs && !sameMs.has(text))),
  );
}
