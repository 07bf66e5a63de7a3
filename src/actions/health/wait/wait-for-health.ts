import {
  type BareCause,
  type Canary,
  type Doomed,
  findCause,
  findDoomed,
  type GroupHealth,
  type HealthReport,
  isReadyToAsk,
  judgeGroups,
  type PodTimeline,
  placedGroups,
  type ReasonClock,
  toReport,
  trackReasons,
  type WaitOutcome,
} from '../../../health/index.ts';
import type { Layout } from '../../../layout/index.ts';
import { blameDoomed } from '../explain/blame.ts';
import { CrashMemory } from '../explain/crash-memory.ts';
import { explainCause, explainedReport, maskLines, readTail } from '../explain/explain.ts';
import type { WaitPorts } from '../ports.ts';
import type { ProbeTimeoutsMs } from '../probe/probe-timeouts.ts';
import { type ApiKey, readApiKey, secretsOf } from '../probe/read-api-key.ts';
import { readHealth } from '../read-health.ts';
import { noSurroundings, readSurroundings, type Surroundings } from '../read-surroundings.ts';
import { readOr } from '../try-read.ts';
import { DeploymentFeed } from './deployment-feed.ts';
import { throwIfInterrupted } from './interruption.ts';
import { type ObjectReadings, scaleLayout, toFacts } from './object-readings.ts';
import { ProgressReporter } from './progress-reporter.ts';
import { TimelineFeed } from './timeline-feed.ts';

export interface WaitForHealthOptions {
  /**
   * Seconds until the wait ends without health.
   *
   * @default - what the slowest group may take to load, plus five minutes for everything before
   */
  readonly timeoutSeconds?: number | undefined;
  /**
   * What the change that is waited for needs by the plan, where its groups restart one after another.
   *
   * @default - one load
   */
  readonly rollOutSeconds?: number | undefined;
  /** @default 'quick' */
  readonly canary?: Canary | undefined;
  /** As in `ReadHealthOptions`. */
  readonly apiKey?: string | undefined;
  readonly timeoutsMs?: Partial<ProbeTimeoutsMs> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Seconds for scheduling and image pull on top of the start-up budget of the layout. */
const beforeLoadingSeconds = 300;

/** Milliseconds between two looks when nothing changes: graces run out without an event. */
const tickMs = 1_000;

/** Milliseconds between two reads of events and nodes while pods are not ready. */
const surroundingsIntervalMs = 5_000;

/** Milliseconds between two reads of the logs of pods that start. */
const timelineIntervalMs = 5_000;

/** Lines kept of a pod that ended: enough to find what it died of, which is rarely its last word. */
const rememberedLines = 400;

/** Seconds a wait lasts when nobody says otherwise. */
export function defaultTimeoutSeconds(layout: Layout): number {
  const budgets = placedGroups(layout).map(({ startup }) => startup.budgetSeconds);
  return Math.max(0, ...budgets) + beforeLoadingSeconds;
}

/** Seconds the slowest group needs to load and warm up. */
function expectedLoadSeconds(layout: Layout): number {
  const times = placedGroups(layout).map(
    ({ startup }) => startup.loadSeconds + startup.warmUpSeconds,
  );
  return Math.max(0, ...times);
}

/**
 * Waits until every group is proven to serve, or until waiting has no sense any more.
 *
 * Ends with a healthy report only after every leader answered; with an unhealthy one as soon as a
 * pod cannot get ready without help; with whatever is true at the time-out, which is not health.
 */
export async function waitForHealth(
  layout: Layout,
  ports: WaitPorts,
  options: WaitForHealthOptions = {},
): Promise<HealthReport> {
  throwIfInterrupted(options.signal, 'wait for health');
  if (placedGroups(layout).length < Math.max(1, layout.groups.length)) {
    // A group without a place never gets ready: there is nothing to wait for.
    return readHealth(layout, ports, { canary: 'none', signal: options.signal });
  }
  const feed = new DeploymentFeed(layout, ports);
  feed.start();
  try {
    return await new HealthWait(layout, ports, { ...options, feed }).run();
  } finally {
    await feed.stop();
  }
}

/** One wait: what it remembers between two looks at the cluster. */
class HealthWait {
  readonly #layout: Layout;
  readonly #ports: WaitPorts;
  readonly #options: WaitForHealthOptions & { readonly feed: DeploymentFeed };
  readonly #timeoutSeconds: number;
  readonly #progress: ProgressReporter;
  readonly #crashes = new CrashMemory();
  readonly #timelines: TimelineFeed;
  readonly #canary: Canary;
  #reasons: ReasonClock = new Map();
  #surroundings: Surroundings = noSurroundings;
  #surroundingsMs = Number.NEGATIVE_INFINITY;
  #timeline: readonly PodTimeline[] = [];
  #timelineMs = Number.NEGATIVE_INFINITY;
  #unhealthyAnswers = 0;

  constructor(
    layout: Layout,
    ports: WaitPorts,
    options: WaitForHealthOptions & { readonly feed: DeploymentFeed },
  ) {
    this.#layout = layout;
    this.#ports = ports;
    this.#options = options;
    this.#timeoutSeconds = options.timeoutSeconds ?? defaultTimeoutSeconds(layout);
    this.#canary = options.canary ?? 'quick';
    this.#progress = new ProgressReporter(ports, {
      loadSeconds: expectedLoadSeconds(layout),
      rollOutSeconds: options.rollOutSeconds ?? 0,
    });
    this.#timelines = new TimelineFeed(layout, ports);
  }

  async run(): Promise<HealthReport> {
    const { feed, signal } = this.#options;
    let groups = this.#judge({
      leaderWorkerSets: new Map(),
      pods: { kind: 'unreadable', reason: 'the cluster has not listed the pods yet' },
      autoscalers: [],
      readAtMs: this.#ports.clock.nowMs(),
    });
    for (;;) {
      throwIfInterrupted(signal, 'wait for health');
      const objects = feed.read();
      if (objects !== undefined) {
        groups = await this.#look(objects);
        const report = await this.#conclude(objects, groups);
        if (report !== undefined) return report;
      }
      throwIfInterrupted(signal, 'wait for health');
      if (this.#progress.elapsedSeconds >= this.#timeoutSeconds) return this.#timeOut(groups);
      await feed.nextChange(Math.min(tickMs, this.#progress.dueInMs ?? tickMs), signal);
    }
  }

  /** Takes one look: judges, remembers who crashed, and tells the host. */
  async #look(objects: ObjectReadings): Promise<readonly GroupHealth[]> {
    const { pods, readAtMs } = objects;
    if (pods.kind === 'read') this.#crashes.notePods(pods.value, readAtMs);
    let groups = this.#judge(objects);
    // Told before events and logs are read, which takes longer the more pods there are.
    if (Number.isFinite(this.#timelineMs)) this.#progress.report(groups, this.#timeline);
    if (await this.#refreshSurroundings(groups)) groups = this.#judge(objects);
    const { namespace } = this.#layout.spec;
    await this.#crashes.noteExits(groups, ({ name }) =>
      readTail(
        this.#ports.cluster,
        { namespace, name },
        { groups, secrets: [], tailLines: rememberedLines },
      ),
    );
    await this.#refreshTimeline(groups, objects);
    this.#progress.report(groups, this.#timeline);
    this.#reasons = trackReasons(this.#reasons, groups, objects.readAtMs);
    return groups;
  }

  /** Ends the wait with a report when there is nothing left to wait for. */
  async #conclude(
    objects: ObjectReadings,
    groups: readonly GroupHealth[],
  ): Promise<HealthReport | undefined> {
    const readings = [objects.pods, ...objects.leaderWorkerSets.values()];
    if (readings.some(({ kind }) => kind === 'unreadable')) return this.#ask();
    const doomed = findDoomed(groups, this.#reasons, objects.readAtMs);
    if (doomed !== undefined) return this.#fail(groups, doomed);
    if (!isReadyToAsk(groups)) return undefined;
    const report = await this.#ask();
    if (report.verdict === 'healthy') return this.#withEnd(report, objects);
    if (report.verdict === 'unknown') return report;
    // Pods may have gone meanwhile, and a leader may stumble over its first request: look again.
    if (report.verdict === 'progressing') return undefined;
    this.#unhealthyAnswers += 1;
    return this.#unhealthyAnswers > 1 ? report : undefined;
  }

  /** The phases of a start as it ended: those of the last look may be seconds old. */
  async #withEnd(report: HealthReport, objects: ObjectReadings): Promise<HealthReport> {
    this.#timelineMs = Number.NEGATIVE_INFINITY;
    await this.#refreshTimeline(report.groups, objects);
    return this.#timeline.length === 0 ? report : { ...report, timeline: this.#timeline };
  }

  #judge(objects: ObjectReadings): readonly GroupHealth[] {
    const { layout, scalings } = scaleLayout(this.#layout, objects);
    const read = {
      scalings,
      objects: { ...objects, recreations: this.#crashes.recreations },
      surroundings: this.#surroundings,
      probes: new Map(),
      service: new Map(),
    };
    return judgeGroups(layout, (group) => toFacts(group, read), this.#canary);
  }

  async #refreshSurroundings(groups: readonly GroupHealth[]): Promise<boolean> {
    const nowMs = this.#ports.clock.nowMs();
    const waiting = groups.some(({ pods }) => pods.some(({ verdict }) => verdict !== 'healthy'));
    if (!waiting || nowMs - this.#surroundingsMs < surroundingsIntervalMs) return false;
    this.#surroundingsMs = nowMs;
    const { namespace } = this.#layout.spec;
    this.#surroundings = await readSurroundings(this.#ports.cluster, {
      namespace,
      groups,
      nodes: 'unready',
    });
    return true;
  }

  /** Logs are read less often than objects: phases last minutes. */
  async #refreshTimeline(groups: readonly GroupHealth[], { pods }: ObjectReadings): Promise<void> {
    const nowMs = this.#ports.clock.nowMs();
    if (pods.kind !== 'read' || nowMs - this.#timelineMs < timelineIntervalMs) return;
    this.#timelineMs = nowMs;
    this.#timeline = await this.#timelines.read(groups, pods.value);
  }

  async #ask(): Promise<HealthReport> {
    const { apiKey, timeoutsMs, signal } = this.#options;
    const canary = this.#canary;
    const report = await readHealth(this.#layout, this.#ports, {
      canary,
      apiKey,
      timeoutsMs,
      signal,
    });
    return this.#finish(report, report.verdict === 'healthy' ? 'healthy' : 'failed');
  }

  async #fail(groups: readonly GroupHealth[], doomed: Doomed): Promise<HealthReport> {
    const crash = this.#crashes.lastCrash(doomed.group.ref.name);
    return this.#finish(await this.#explain(blameDoomed(doomed, crash), groups), 'failed');
  }

  async #timeOut(groups: readonly GroupHealth[]): Promise<HealthReport> {
    const cause = findCause(groups);
    const report =
      cause === undefined ? toReport(this.#layout, groups) : await this.#explain(cause, groups);
    return this.#finish(report, 'timed-out');
  }

  async #explain(cause: BareCause, groups: readonly GroupHealth[]): Promise<HealthReport> {
    const { cluster } = this.#ports;
    const { events } = this.#surroundings;
    const apiKey = await readOr<ApiKey>({ kind: 'open' }, () =>
      readApiKey(this.#layout, cluster, this.#options.apiKey),
    );
    const secrets = secretsOf(apiKey);
    const explained = await explainCause(cluster, cause, {
      groups,
      events,
      secrets,
      layout: this.#layout,
      remembered: this.#crashes.logs,
    });
    // The log of a life that is over tells more than that of the next one, which just begins.
    const remembered = this.#crashes.logOf(explained.cause.subject);
    if (remembered.length === 0) return explainedReport(this.#layout, groups, explained);
    const told = { ...explained.cause, logLines: maskLines(remembered, secrets) };
    return explainedReport(this.#layout, groups, { cause: told });
  }

  /** Adds to a report how the wait went. */
  #finish(report: HealthReport, ended: WaitOutcome['ended']): HealthReport {
    const { elapsedSeconds } = this.#progress;
    const wait = { ended, elapsedSeconds, timeoutSeconds: this.#timeoutSeconds };
    const timeline = this.#timeline.length === 0 ? {} : { timeline: this.#timeline };
    return { ...report, wait, ...timeline };
  }
}
