/**
 * Measures waiting for health on a sandbox: how soon a pod that got ready is reported, and whether
 * hours of waiting leak anything.
 *
 *     node bench/wait.ts [--pods 32] [--hours 8] [--minutes 4]
 *
 * The hours pass in minutes: the client's clock, its time-outs and the life of its watches are all
 * faster by the same factor. Every ten of its minutes something breaks, in turn: every connection is
 * reset, every watch is told that its version is too old (410), or both at once.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openCluster } from '../src/cluster/index.ts';
import { renderManifests } from '../src/render/index.ts';
import { type SandboxState, startSandbox, stopSandbox } from '../src/sandbox/index.ts';
import { bundleChild } from './bundle-child.ts';
import { FaultProxy } from './fault-proxy.ts';
import { RawApi } from './raw-api.ts';
import { percentile, printRows } from './table.ts';
import type { WaitLine, WaitSample } from './wait-child.ts';
import { waitLayout } from './wait-layout.ts';

const { values } = parseArgs({
  options: {
    pods: { type: 'string', default: '32' },
    hours: { type: 'string', default: '8' },
    minutes: { type: 'string', default: '4' },
  },
});
const replicas = Math.ceil(Number(values.pods) / 2);
const hours = Number(values.hours);
const speed = (hours * 60) / Number(values.minutes);

/** Longer than any run: pods get ready when this program says so. */
const neverMs = 10 ** 8;

const namespace = 'bench-wait';

const template = join(import.meta.dirname, '../templates/h200-vllm-2-nodes.yaml');

interface Child {
  readonly lines: WaitLine[];
  readonly ended: Promise<void>;
  stop(): void;
}

function startChild(file: string, args: readonly string[]): Child {
  const child = spawn(process.execPath, ['--expose-gc', file, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: WaitLine[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => lines.push(JSON.parse(line) as WaitLine));
  const ended = new Promise<void>((resolve) => {
    reader.on('close', resolve);
  });
  return { lines, ended, stop: () => child.kill() };
}

async function deploy(state: SandboxState): Promise<readonly string[]> {
  const cluster = await openCluster({ kubeconfig: state.kubeconfigPath });
  for (const manifest of renderManifests(waitLayout(template, replicas)))
    await cluster.apply(manifest, { dryRun: false, force: true });
  let names: readonly string[] = [];
  for (let tries = 0; tries < 600 && names.length < 2 * replicas; tries += 1) {
    await sleep(500);
    const pods = await cluster.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace });
    names = pods
      .filter((pod) => (pod['status'] as { phase?: string }).phase === 'Running')
      .map(({ metadata }) => metadata.name);
  }
  await cluster.close();
  return names;
}

interface PodStatus {
  readonly status: {
    readonly conditions: readonly { readonly type: string }[];
    readonly containerStatuses: readonly object[];
  };
}

/** As a kubelet writes it once the probes pass. */
function readyStatus({ status }: PodStatus) {
  const lastTransitionTime = new Date().toISOString();
  const isReady = ({ type }: { readonly type: string }) =>
    type === 'Ready' || type === 'ContainersReady';
  return {
    conditions: status.conditions.map((condition) =>
      isReady(condition) ? { ...condition, status: 'True', lastTransitionTime } : condition,
    ),
    containerStatuses: status.containerStatuses.map((container) => ({
      ...container,
      ready: true,
      started: true,
    })),
  };
}

/** Makes one pod after the other ready and waits for each to be reported. */
async function measureReadiness(
  state: SandboxState,
  { file, pods }: { readonly file: string; readonly pods: readonly string[] },
): Promise<void> {
  const api = new RawApi(state.kubeconfigPath, 4);
  const child = startChild(file, [state.kubeconfigPath, template, String(replicas), '1', '1']);
  const isReported = (pod: string, sinceMs: number) =>
    child.lines.find(
      (line) => line.kind === 'ready' && line.atMs >= sinceMs && line.pods.includes(pod),
    );
  while (!child.lines.some(({ kind }) => kind === 'ready')) await sleep(100);
  await sleep(2000);
  const latenciesMs: number[] = [];
  // The last one never gets ready: the wait would end.
  for (const pod of pods.slice(0, -1)) {
    const path = `/api/v1/namespaces/${namespace}/pods/${pod}/status`;
    const status = readyStatus(JSON.parse(await api.text(path)) as PodStatus);
    const factMs = Date.now();
    await api.patch(path, { status }, 'application/merge-patch+json');
    let line: WaitLine | undefined;
    for (let tries = 0; tries < 1000 && line === undefined; tries += 1) {
      await sleep(10);
      line = isReported(pod, factMs);
    }
    latenciesMs.push(line?.kind === 'ready' ? line.atMs - factMs : Number.POSITIVE_INFINITY);
    // Not in step with the clock of the client.
    await sleep(Math.random() * 1500);
  }
  const sample = lastSample(child);
  child.stop();
  await child.ended;
  await api.close();
  printRows(`A pod gets ready while ${String(pods.length)} are waited for`, [
    {
      what: 'until it is reported, p95',
      value: percentile(latenciesMs, 0.95),
      unit: 'ms',
      target: 1000,
      note: `median ${percentile(latenciesMs, 0.5).toFixed(0)} ms, worst ${Math.max(...latenciesMs).toFixed(0)} ms of ${String(latenciesMs.length)}`,
    },
    {
      what: 'watches at a time for one kind in one namespace',
      value: sample.maxWatches,
      unit: '',
      target: 1,
    },
  ]);
}

/** Breaks something every ten minutes of the client's time. */
function breakInTurn(proxy: FaultProxy): NodeJS.Timeout {
  const faults = ['reset', 'expire', 'resetAndForget'] as const;
  let ticks = 0;
  return setInterval(
    () => {
      const fault = faults[ticks % faults.length] ?? 'reset';
      proxy[fault]();
      ticks += 1;
    },
    (10 * 60_000) / speed,
  );
}

async function soak(state: SandboxState, file: string, directory: string): Promise<void> {
  const proxy = await FaultProxy.start(state);
  const kubeconfig = join(directory, 'proxied');
  const text = readFileSync(state.kubeconfigPath, 'utf8');
  const proxied = `https://127.0.0.1:${String(proxy.port)}`;
  writeFileSync(kubeconfig, text.replaceAll(state.serverUrl, proxied), { mode: 0o600 });
  const child = startChild(file, [
    kubeconfig,
    template,
    String(replicas),
    String(hours),
    String(speed),
  ]);
  const timer = breakInTurn(proxy);
  await child.ended;
  clearInterval(timer);
  await proxy.close();
  const samples = child.lines.filter((line): line is WaitSample => line.kind === 'sample');
  const third = Math.ceil(samples.length / 3);
  const [first, last] = [samples.slice(2, third), samples.slice(-third)];
  const growth = (of: (sample: WaitSample) => number) =>
    percentile(last.map(of), 0.5) - percentile(first.map(of), 0.5);
  const end = child.lines.find((line) => line.kind === 'end');
  const sample = lastSample(child);
  printCourse(samples);
  printRows(
    `${String(hours)} h of waiting in ${values.minutes} min: ${String(proxy.resets)} resets of every connection, ${String(proxy.gone)} answers 410, ${String(sample.watches)} watches, ${String(sample.requests)} requests`,
    [
      {
        what: 'heap of the last third over that of the first, medians',
        value: growth(({ heapMb }) => heapMb),
        unit: 'MB',
        target: 2,
        note: `${percentile(
          last.map(({ heapMb }) => heapMb),
          0.5,
        ).toFixed(1)} MB at the end`,
      },
      {
        what: 'sockets of the last third over those of the first, medians',
        value: growth(({ sockets }) => sockets),
        unit: '',
        target: 0,
        note: `at most ${String(Math.max(...samples.map(({ sockets }) => sockets)))} at any time`,
      },
      {
        what: 'peak RSS',
        value: Math.max(...samples.map(({ rssMb }) => rssMb)),
        unit: 'MB',
        target: 250,
      },
      {
        what: 'watches at a time for one kind in one namespace',
        value: sample.maxWatches,
        unit: '',
        target: 1,
      },
      {
        what: 'hours short of the time-out when it ended',
        value:
          end?.kind === 'end' && end.ended === 'timed-out' ? hours - end.seconds / 3600 : hours,
        unit: 'h',
        target: 0,
        note: end?.kind === 'end' ? `${end.ended}: ${end.verdict}` : 'no end was reported',
      },
    ],
  );
}

/** What it cost as the hours went by, in about a dozen lines. */
function printCourse(samples: readonly WaitSample[]): void {
  console.log('\n  hours   heap MB    RSS MB  sockets  requests');
  const every = Math.ceil(samples.length / 12);
  for (const [index, { heapMb, rssMb, sockets, requests }] of samples.entries()) {
    if (index % every !== 0 && index !== samples.length - 1) continue;
    const cells = [
      ((hours * index) / Math.max(1, samples.length - 1)).toFixed(1).padStart(7),
      heapMb.toFixed(1).padStart(10),
      rssMb.toFixed(0).padStart(10),
      String(sockets).padStart(9),
      String(requests).padStart(10),
    ];
    console.log(cells.join(''));
  }
}

function lastSample({ lines }: Child): WaitSample {
  const sample = lines.findLast((line): line is WaitSample => line.kind === 'sample');
  if (sample === undefined) throw new Error('the child printed no sample');
  return sample;
}

const directory = mkdtempSync(join(tmpdir(), 'dsdeploy-bench-'));
const sandbox = join(directory, 'sandbox');
console.log(
  `Node ${process.version}, ${String(availableParallelism())} cores, load ${loadavg()[0]?.toFixed(1) ?? '?'}`,
);
try {
  const state = await startSandbox({
    name: `bench-${String(process.pid)}`,
    directory: sandbox,
    nodes: [{ kind: 'h200', count: 2 * replicas }],
    podReadyDelayMs: neverMs,
  });
  const file = await bundleChild('wait-child.ts', directory);
  const pods = await deploy(state);
  await measureReadiness(state, { file, pods });
  if (hours > 0) await soak(state, file, directory);
} finally {
  await stopSandbox(sandbox);
  rmSync(directory, { recursive: true, force: true });
}
console.log(`load ${loadavg()[0]?.toFixed(1) ?? '?'} at the end`);
