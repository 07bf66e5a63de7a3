import { addTimeline, readHealth, TimelineFeed } from '../../actions/health/index.ts';
import { assertFits, readLayout } from '../../actions/read-layout.ts';
import type { Cluster } from '../../cluster/index.ts';
import { DsdeployError, type ExitCode, exitCode } from '../../errors/index.ts';
import type { Check, HealthReport } from '../../health/index.ts';
import type { Layout } from '../../layout/index.ts';
import { canonicalJson } from '../../manifest/index.ts';
import type { Session } from '../../ui/host/session.ts';
import { renderHealth } from '../../ui/text/health.ts';
import type { Context } from '../context.ts';
import { interruptible } from './interruptible.ts';
import { healthResult } from './results.ts';
import {
  type ClusterArgs,
  type ResultArgs,
  readPorts,
  type SpecArgs,
  withCluster,
  withSession,
} from './with-session.ts';

const watchIntervalMs = 5_000;

export interface HealthArgs extends SpecArgs, ClusterArgs, ResultArgs {
  readonly canary: 'none' | 'quick' | 'full';
  readonly 'canary-context'?: number | undefined;
  readonly watch?: boolean | undefined;
  readonly report?: string | undefined;
}

/** Reads health once, or again and again. */
export function runHealth(args: HealthArgs, context: Context): Promise<ExitCode> {
  return withSession(args, context, async (session) => {
    const layout = await readLayout(args, readPorts(session, context));
    assertFits(layout, 'check');
    return withCluster(args, context, async (cluster) => {
      const feed = new TimelineFeed(layout, { cluster, clock: context.clock });
      const read = () => readOnce(layout, args, { cluster, session, context, feed });
      if (args.watch === true) return watch(read, { session, context });
      session.host.notify({ code: 'STEP', level: 'info', text: 'Checking pods and leaders' });
      const report = await read();
      if (args.report !== undefined) {
        const { readReportFacts, writeReport } = await import('./read-report.ts');
        const facts = await readReportFacts(layout, report, { cluster, context });
        await writeReport(args.report, facts, context);
      }
      session.print(healthResult(report));
      return report.verdict === 'healthy' ? exitCode.done : exitCode.notHealthy;
    });
  });
}

interface WatchPorts {
  readonly session: Session;
  readonly context: Context;
}

interface ReadPorts extends WatchPorts {
  readonly cluster: Cluster;
  readonly feed: TimelineFeed;
}

function readOnce(
  layout: Layout,
  { canary, 'canary-context': needleTokens }: HealthArgs,
  { cluster, context: { clock, signal }, feed }: ReadPorts,
): Promise<HealthReport> {
  const reading = readHealth(layout, { cluster, clock }, { canary, needleTokens, signal });
  // What serves has its start behind it; for anything else the phase says what it waits for.
  const timed = reading.then((report) =>
    report.verdict === 'healthy' ? report : addTimeline(layout, { cluster, feed }, report),
  );
  return interruptible(timed, signal);
}

async function watch(read: () => Promise<HealthReport>, ports: WatchPorts): Promise<ExitCode> {
  const { session, context } = ports;
  const { signal, clock, stdout } = context;
  let last = '';
  while (!isOver(signal, stdout.isClosed)) {
    const report = await readThrough(read, session);
    const news = report === undefined ? last : newsOf(report);
    // A live view also shows a file of weights more; a log takes only what is news.
    if (report !== undefined && (news !== last || isLive(ports))) show(report, ports);
    last = news;
    await clock.sleep(watchIntervalMs, signal);
  }
  if (!signal.aborted) return exitCode.done;
  // The terminal echoed ^C; what comes next begins a line of its own.
  if (context.stderr.isTty) context.stderr.write('\n');
  return exitCode.interrupted;
}

function isOver({ aborted }: AbortSignal, isClosed: boolean): boolean {
  return aborted || isClosed;
}

// A watch outlives a control plane that restarts; anything but a lost connection ends it.
async function readThrough(
  read: () => Promise<HealthReport>,
  { host }: Session,
): Promise<HealthReport | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof DsdeployError)) throw error;
    if (error.code === 'INTERRUPTED') return undefined;
    if (error.code !== 'CLUSTER_UNREACHABLE') throw error;
    host.notify({ code: 'WARNING', level: 'warning', text: error.message });
    return undefined;
  }
}

/** Whether a report replaces the one before on the screen. */
function isLive({ session, context }: WatchPorts): boolean {
  return !session.isJson && context.stdout.isTty && session.host.isInteractive;
}

function show(report: HealthReport, ports: WatchPorts): void {
  const { session } = ports;
  if (isLive(ports)) session.host.refresh(renderHealth(report, session.progressStyle));
  else session.printNext(healthResult(report));
}

// What is measured differs every time and is no news.
function newsOf(report: HealthReport): string {
  const groups = report.groups.map((group) => ({
    ...group,
    checks: group.checks.map(withoutNumbers),
  }));
  // A phase that begins or stalls is news, a file more of it is not.
  const timeline = report.timeline?.map(({ pod, phase, stall }) => ({
    pod,
    phase: phase ?? '',
    stalled: stall !== undefined,
  }));
  return canonicalJson({ ...report, groups, timeline: timeline ?? [] });
}

function withoutNumbers({ detail, ...check }: Check) {
  return {
    ...check,
    ...(check.outcome === 'passed' ? {} : { detail }),
    durationMs: undefined,
    measured: undefined,
  };
}
