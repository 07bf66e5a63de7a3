/**
 * Measures health on one sandbox: a check of 64 pods that all serve, and how long a fault is visible
 * before somebody is told. Faults of an endpoint are those of the endpoint made for tests; one that
 * can be seen only by waiting is held against its time-out and the bar.
 *
 *     node bench/health.ts [--pods 64] [--rounds 5]
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { readHealth, waitForHealth } from '../src/actions/health/index.ts';
import { type OpenedCluster, openCluster } from '../src/cluster/index.ts';
import {
  type Canary,
  type HealthReport,
  slowFirstTokenMs,
  type Verdict,
} from '../src/health/index.ts';
import { type Layout, planLayout } from '../src/layout/index.ts';
import { type Manifest, refOf } from '../src/manifest/index.ts';
import { renderManifests } from '../src/render/index.ts';
import {
  applyStages,
  deleteStages,
  ensureSandboxBinaries,
  type SandboxState,
  startSandbox,
  stopSandbox,
} from '../src/sandbox/index.ts';
import { aGroup, aPool, aSpec } from '../test/fixtures/a-spec.ts';
import type { Behaviour } from '../test/fixtures/openai-behaviour.ts';
import { OpenAiEndpoint } from '../test/fixtures/openai-endpoint.ts';
import { median, printRows, type Row } from './table.ts';

const { values } = parseArgs({
  options: {
    pods: { type: 'string', default: '64' },
    rounds: { type: 'string', default: '5' },
  },
});
const pods = Number(values.pods);
const rounds = Number(values.rounds);

const apiKey = 'sk-bench-not-for-eyes';

/** Milliseconds a check of 64 pods may take besides the canary. */
const checkTargetMs = 3_000;

/** Seconds from when a fault can be seen to when somebody is told. */
const verdictTargetSeconds = 10;

const clock = {
  nowMs: () => performance.timeOrigin + performance.now(),
  sleep: (ms: number, signal?: AbortSignal) =>
    delay(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined),
};
const host = { notify: () => undefined };

interface Bench {
  readonly cluster: OpenedCluster;
  readonly state: SandboxState;
}

/** Groups of two pods; hybrid balancing makes every pod an endpoint to be asked. */
function aDeployment(name: string, count: number): Layout {
  const spec = aSpec({
    name,
    namespace: `bench-${name}`,
    pools: [aPool({ nodes: count })],
    groups: [aGroup({ replicas: count / 2, loadBalancing: 'hybrid' })],
  });
  const weights = { ...spec.model.weights, source: { kind: 'hostPath', path: '/models' } } as const;
  const api = { ...spec.api, keySecret: 'none' } as const;
  return planLayout({ ...spec, model: { ...spec.model, weights }, api });
}

/** One group of two pods, one endpoint, and a key. */
function aKeyedDeployment(name: string): Layout {
  const spec = aSpec({
    name,
    namespace: `bench-${name}`,
    pools: [aPool({ nodes: 2 })],
    groups: [aGroup({ replicas: 1 })],
  });
  const weights = { ...spec.model.weights, source: { kind: 'hostPath', path: '/models' } } as const;
  const keySecret = { name: 'api-key', key: 'key', generate: false };
  return planLayout({
    ...spec,
    model: { ...spec.model, weights },
    api: { ...spec.api, keySecret },
  });
}

function read({ cluster }: Bench, layout: Layout): Promise<HealthReport> {
  return readHealth(layout, { cluster, clock }, { canary: 'none' });
}

async function apply({ cluster }: Bench, manifest: Manifest): Promise<void> {
  await cluster.apply(manifest, { dryRun: false, force: true });
}

async function deploy(bench: Bench, layout: Layout): Promise<void> {
  const { namespace } = layout.spec;
  for (const manifest of renderManifests(layout)) {
    await apply(bench, manifest);
    if (manifest.kind !== 'Namespace') continue;
    const data = { key: Buffer.from(apiKey).toString('base64') };
    const metadata = { name: 'api-key', namespace };
    await apply(bench, { apiVersion: 'v1', kind: 'Secret', metadata, data });
  }
}

async function timeCheck(bench: Bench, layout: Layout): Promise<readonly number[]> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const startMs = performance.now();
    const { verdict, checks } = await read(bench, layout);
    times.push(performance.now() - startMs);
    if (verdict !== 'healthy') throw new Error(`${verdict}: ${JSON.stringify(checks)}`);
  }
  return times;
}

/** Seconds until `read` says unhealthy, from the moment the fault was made. */
async function timeVerdict(bench: Bench, layout: Layout): Promise<number> {
  const startMs = performance.now();
  for (;;) {
    const { verdict } = await read(bench, layout);
    if (verdict === 'unhealthy') return (performance.now() - startMs) / 1000;
    if (performance.now() - startMs > 120_000) throw new Error(`still ${verdict} after 120 s`);
  }
}

/** Seconds until the wait of apply ends, from the moment the image is seen to be absent. */
async function timeWait(bench: Bench): Promise<number> {
  const layout = aDeployment('absent', 2);
  const { cluster, state } = bench;
  await applyStages(state, [absentImage]);
  await deploy(bench, layout);
  const waited = waitForHealth(layout, { cluster, clock, host }, { timeoutSeconds: 120 });
  const { namespace } = layout.spec;
  for (;;) {
    const live = await cluster.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace });
    if (JSON.stringify(live).includes('ImagePullBackOff')) break;
    await delay(100);
  }
  const startMs = performance.now();
  const { verdict } = await waited;
  const seconds = (performance.now() - startMs) / 1000;
  if (verdict !== 'unhealthy') throw new Error(`the wait ended ${verdict}`);
  await deleteStages(state, [absentImage.metadata.name]);
  return seconds;
}

const absentImage = {
  apiVersion: 'kwok.x-k8s.io/v1alpha1',
  kind: 'Stage',
  metadata: { name: 'bench-absent-image' },
  spec: {
    resourceRef: { apiGroup: 'v1', kind: 'Pod' },
    selector: {
      matchLabels: { 'leaderworkerset.sigs.k8s.io/name': 'absent-main' },
      matchExpressions: [{ key: '.status.podIP', operator: 'DoesNotExist' }],
    },
    weight: 1_000_000,
    next: {
      statusTemplate: `
containerStatuses:
{{ range .spec.containers }}
- image: {{ .image | Quote }}
  imageID: ""
  name: {{ .name | Quote }}
  ready: false
  started: false
  restartCount: 0
  state: {waiting: {reason: ImagePullBackOff, message: "Back-off pulling image"}}
{{ end }}
podIP: 10.0.0.9
phase: Pending
`,
    },
  },
} as const;

interface EndpointFault {
  readonly behaviour: Behaviour;
  readonly verdict: Verdict;
  /** @default 'quick' */
  readonly canary?: Canary;
  /**
   * Seconds that have to pass before the fault can be seen.
   *
   * @default 0
   */
  readonly waitSeconds?: number;
}

/** Seconds in which nothing may move before an engine that was asked something counts as hung. */
const standstillSeconds = slowFirstTokenMs / 1000;

/** Milliseconds before the first word: more than health takes for a pass. */
const slowMs = slowFirstTokenMs + 500;

const endpointFaults: readonly EndpointFault[] = [
  { behaviour: 'dead-engine', verdict: 'unhealthy' },
  { behaviour: 'no-models', verdict: 'unhealthy' },
  { behaviour: 'wrong-model', verdict: 'unhealthy' },
  { behaviour: 'gibberish', verdict: 'unhealthy' },
  { behaviour: 'rank-absent', verdict: 'unhealthy' },
  { behaviour: 'stream-halts', verdict: 'unhealthy' },
  { behaviour: 'busy-503', verdict: 'unhealthy' },
  { behaviour: 'busy-429', verdict: 'unknown' },
  { behaviour: 'open', verdict: 'unhealthy' },
  { behaviour: 'metrics-off', verdict: 'unknown' },
  { behaviour: 'metrics-frozen', verdict: 'unknown' },
  { behaviour: 'metrics-odd', verdict: 'unknown' },
  { behaviour: 'reasoning-missing', verdict: 'unhealthy', canary: 'full' },
  { behaviour: 'tool-as-text', verdict: 'unhealthy', canary: 'full' },
  { behaviour: 'silent', verdict: 'unhealthy', waitSeconds: standstillSeconds },
  { behaviour: 'slow', verdict: 'unhealthy', waitSeconds: standstillSeconds },
  { behaviour: 'rank-hangs', verdict: 'unhealthy', waitSeconds: standstillSeconds },
  // The port-forward of kwok does not pass on that the pod's side ended.
  { behaviour: 'stream-breaks', verdict: 'unhealthy', waitSeconds: standstillSeconds },
  { behaviour: 'slow-first-token', verdict: 'unhealthy', waitSeconds: slowMs / 1000 },
];

/** Seconds one check takes to its verdict, for each fault of an endpoint behind a ready pod. */
async function timeEndpointFaults({ cluster, state }: Bench, leader: string): Promise<Row[]> {
  const layout = aKeyedDeployment('faults');
  const { namespace, api } = layout.spec;
  await deploy({ cluster, state }, layout);
  const ready = await waitForHealth(layout, { cluster, clock, host }, { timeoutSeconds: 120 });
  if (ready.verdict !== 'healthy') throw new Error(`not healthy: ${JSON.stringify(ready.cause)}`);
  const rows: Row[] = [];
  for (const { behaviour, verdict, canary = 'quick', waitSeconds = 0 } of endpointFaults) {
    const dataRanks = Array.from({ length: 16 }, (_, rank) => rank);
    const options = { behaviour, apiKey, dataRanks, badRank: 11, slowMs };
    const endpoint = await OpenAiEndpoint.start(options);
    const target = { address: '127.0.0.1', port: endpoint.port };
    await apply(
      { cluster, state },
      {
        apiVersion: 'kwok.x-k8s.io/v1alpha1',
        kind: 'PortForward',
        metadata: { name: leader, namespace },
        spec: { forwards: [{ ports: [api.port], target }] },
      },
    );
    // kwok follows its resources through a watch.
    await delay(300);
    const startMs = performance.now();
    const report = await readHealth(layout, { cluster, clock }, { canary });
    const value = (performance.now() - startMs) / 1000;
    await endpoint.close();
    if (report.verdict !== verdict) throw new Error(`${behaviour} was ${report.verdict}`);
    const code = `${verdict}, ${report.cause?.code ?? 'no cause'}`;
    rows.push({
      what: behaviour,
      value,
      unit: 's',
      target: waitSeconds + verdictTargetSeconds,
      note: waitSeconds === 0 ? code : `${code}; seen only after ${String(waitSeconds)} s`,
    });
  }
  return rows;
}

function killEngines({ state }: Bench): void {
  const text = readFileSync(join(state.directory, 'simulators.json'), 'utf8');
  for (const { pid } of JSON.parse(text) as { readonly pid: number }[])
    process.kill(pid, 'SIGKILL');
}

async function measure(bench: Bench): Promise<void> {
  const layout = aDeployment('many', pods);
  await deploy(bench, layout);
  const { cluster } = bench;
  const ready = await waitForHealth(
    layout,
    { cluster, clock, host },
    { canary: 'none', timeoutSeconds: 900 },
  );
  if (ready.verdict !== 'healthy') throw new Error(`not healthy: ${JSON.stringify(ready.cause)}`);
  const times = await timeCheck(bench, layout);
  const policy = renderManifests(layout).find(({ metadata }) =>
    metadata.name.endsWith('-in-group'),
  );
  if (policy === undefined) throw new Error('no policy between ranks');
  const live = await cluster.get(refOf(policy));
  await cluster.delete(refOf(policy), { uid: live?.metadata.uid ?? '' });
  const cut = await timeVerdict(bench, layout);
  await apply(bench, policy);
  killEngines(bench);
  const dead = await timeVerdict(bench, layout);
  const row = (what: string, value: number): Row => ({
    what,
    value,
    unit: 's',
    target: verdictTargetSeconds,
  });
  printRows(`Health of ${String(pods)} pods that serve, ${String(rounds)} rounds`, [
    {
      what: `check besides the canary, median`,
      value: median(times),
      unit: 'ms',
      target: checkTargetMs,
      note: `${Math.min(...times).toFixed(0)} to ${Math.max(...times).toFixed(0)} ms`,
    },
  ]);
  printRows('Verdict after a fault can be seen', [
    row('network policy cuts the ranks, health', cut),
    row('every engine killed, health', dead),
    row('image absent, the wait of apply gives up', await timeWait(bench)),
  ]);
  printRows(
    'Verdict of one check of a faulty endpoint',
    await timeEndpointFaults(bench, 'faults-main-0'),
  );
}

await ensureSandboxBinaries();
const directory = mkdtempSync(join(tmpdir(), 'dsdeploy-bench-'));
const sandbox = join(directory, 'sandbox');
try {
  const state = await startSandbox({
    name: `bench-${String(process.pid)}`,
    directory: sandbox,
    nodes: [{ kind: 'h200', count: pods + 4 }],
  });
  const cluster = await openCluster({ kubeconfig: state.kubeconfigPath });
  await measure({ state, cluster });
  await cluster.close();
} finally {
  await stopSandbox(sandbox);
  rmSync(directory, { recursive: true, force: true });
}
const load = loadavg().map((value) => value.toFixed(1));
console.log(
  `\n${String(availableParallelism())} x ${cpus()[0]?.model ?? 'unknown'}, load ${load.join(' ')}`,
);
