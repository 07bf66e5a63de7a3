/**
 * Waits for health in a process of its own and prints what it reports, and what it costs, as JSON
 * lines. Time runs faster by a factor, for the client as for the waits of its transport.
 *
 *     node --expose-gc bench/wait-child.ts KUBECONFIG TEMPLATE REPLICAS HOURS SPEED
 */
import { setTimeout as delay } from 'node:timers/promises';
import { waitForHealth } from '../src/actions/health/index.ts';
import type { Clock } from '../src/actions/host.ts';
import { openCluster } from '../src/cluster/index.ts';
import { defaultTimings } from '../src/cluster/timings.ts';
import { keepHeapSmall } from '../src/commands/process/keep-heap-small.ts';
import { waitLayout } from './wait-layout.ts';
import { Wire } from './wire.ts';

/** One line. */
export type WaitLine =
  | { readonly kind: 'ready'; readonly atMs: number; readonly pods: readonly string[] }
  | WaitSample
  | {
      readonly kind: 'end';
      readonly verdict: string;
      readonly ended: string;
      readonly seconds: number;
    };

export interface WaitSample {
  readonly kind: 'sample';
  readonly heapMb: number;
  readonly rssMb: number;
  readonly sockets: number;
  readonly requests: number;
  readonly watches: number;
  readonly maxWatches: number;
}

keepHeapSmall();
const wire = new Wire();
const [kubeconfig = '', template = '', replicas = '1', hours = '8', factor = '1'] =
  process.argv.slice(2);
const speed = Number(factor);
const startMs = Date.now();
const clock: Clock = {
  nowMs: () => startMs + (Date.now() - startMs) * speed,
  sleep: (ms, signal) =>
    delay(ms / speed, undefined, signal === undefined ? {} : { signal }).catch(() => undefined),
};

function print(line: WaitLine): void {
  console.log(JSON.stringify(line));
}

function sample(): void {
  globalThis.gc?.();
  const mb = (bytes: number) => bytes / 2 ** 20;
  print({
    kind: 'sample',
    heapMb: mb(process.memoryUsage().heapUsed),
    rssMb: mb(process.memoryUsage.rss()),
    sockets: process.getActiveResourcesInfo().filter((name) => /TCP|TLS/.test(name)).length,
    requests: wire.requests,
    watches: wire.watches,
    maxWatches: wire.maxWatches,
  });
}

const { watchMs, watchStallMs, watchGiveUpMs, retryMinMs, retryMaxMs } = defaultTimings;
const cluster = await openCluster({
  kubeconfig,
  timings: {
    watchMs: watchMs / speed,
    // A watch is told to end after whole seconds: silence has to be longer than the shortest of them.
    watchStallMs: Math.max(watchStallMs / speed, speed === 1 ? 0 : 2500),
    watchGiveUpMs: Math.max(watchGiveUpMs / speed, 60_000),
    retryMinMs: retryMinMs / speed,
    retryMaxMs: retryMaxMs / speed,
  },
});
const timer = setInterval(sample, 2000);
const report = await waitForHealth(
  waitLayout(template, Number(replicas)),
  {
    cluster,
    clock,
    host: {
      notify: (message) => {
        if (message.code !== 'WAIT_PROGRESS') return;
        const pods = message.groups.flatMap((group) => group.pods);
        const ready = pods.filter(({ reason }) => reason === 'ready').map(({ name }) => name);
        print({ kind: 'ready', atMs: Date.now(), pods: ready });
      },
    },
  },
  { timeoutSeconds: Number(hours) * 3600 },
);
clearInterval(timer);
sample();
const { ended = '', elapsedSeconds = 0 } = report.wait ?? {};
print({
  kind: 'end',
  verdict: `${report.verdict} ${report.cause?.message ?? ''}`,
  ended,
  seconds: elapsedSeconds,
});
await cluster.close();
