/**
 * Measures plan and apply on one sandbox in one run, beside a raw loop, kubectl and helm.
 *
 *     node bench/apply.ts [--objects 1000] [--rounds 3]
 *
 * helm is measured when DSDEPLOY_BENCH_HELM names its binary
 * (`go install helm.sh/helm/v4/cmd/helm@v4.2.4`).
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { helmFiles } from '../src/actions/render/formats/helm.ts';
import { openCluster } from '../src/cluster/index.ts';
import type { Manifest } from '../src/manifest/index.ts';
import { toYaml } from '../src/render/index.ts';
import { type SandboxState, startSandbox, stopSandbox } from '../src/sandbox/index.ts';
import type { ChildResult } from './apply-child.ts';
import { benchCrd, benchObjects } from './apply-objects.ts';
import { bundleChild } from './bundle-child.ts';
import { difference, RawApi } from './raw-api.ts';
import { median, printRows } from './table.ts';

const run = promisify(execFile);
const { values } = parseArgs({
  options: {
    objects: { type: 'string', default: '1000' },
    many: { type: 'string', default: '5000' },
    rounds: { type: 'string', default: '3' },
  },
});
const objects = Number(values.objects);
const many = Number(values.many);
const rounds = Number(values.rounds);
const connections = 32;
const helm = process.env['DSDEPLOY_BENCH_HELM'] || undefined;

const verbs = ['APPLY', 'PATCH', 'POST', 'PUT', 'DELETE', 'DRY-RUN', 'GET', 'LIST'];

/** A sandbox with what the contenders need. */
interface Bench {
  readonly state: SandboxState;
  readonly api: RawApi;
  readonly directory: string;
}

async function makeNamespace({ state }: Bench, name: string): Promise<string> {
  const cluster = await openCluster({ kubeconfig: state.kubeconfigPath });
  const write = { dryRun: false, force: true };
  await cluster.apply(benchCrd, write);
  await cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, write);
  const widget: Manifest = {
    apiVersion: 'bench.dsdeploy.dev/v1',
    kind: 'Widget',
    metadata: { name: 'probe', namespace: name },
  };
  // A fresh CRD is served a moment after it is made.
  for (let tries = 0; !(await cluster.supports(widget)) && tries < 100; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await cluster.close();
  return name;
}

async function dsdeploy(
  { state, directory }: Bench,
  namespace: string,
  { count = objects, changed = 0 } = {},
): Promise<ChildResult> {
  const args = [state.kubeconfigPath, namespace, String(count), String(changed)];
  const { stdout } = await run(process.execPath, [join(directory, 'child.mjs'), ...args]);
  return JSON.parse(stdout) as ChildResult;
}

/** Waits until the controller has written its annotation into every new Deployment. */
async function settle({ api }: Bench, namespace: string): Promise<void> {
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
  for (let tries = 0; tries < 300; tries += 1) {
    const { items } = JSON.parse(await api.text(path)) as { items: readonly Manifest[] };
    const isDone = ({ metadata }: Manifest) =>
      metadata.annotations?.['deployment.kubernetes.io/revision'] !== undefined;
    if (items.every(isDone)) return;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function kubectl({ state, directory }: Bench, namespace: string): Promise<number> {
  const file = join(directory, `${namespace}.yaml`);
  writeFileSync(file, toYaml(benchObjects(objects, namespace)));
  const args = ['--kubeconfig', state.kubeconfigPath, 'apply', '--server-side', '-f', file];
  return timed(() => run(state.binaries['kubectl'] ?? '', args));
}

async function helmInstall({ state, directory }: Bench, namespace: string): Promise<number> {
  const chart = join(directory, namespace);
  const files = helmFiles({ name: 'bench', namespace }, benchObjects(objects, namespace));
  mkdirSync(join(chart, 'templates'), { recursive: true });
  for (const { path, text } of files) writeFileSync(join(chart, path), text);
  const args = ['install', 'bench', chart, '-n', namespace, '--kubeconfig', state.kubeconfigPath];
  return timed(() => run(helm ?? '', args));
}

async function compareTools(bench: Bench): Promise<void> {
  const times: Record<string, number[]> = { raw: [], plan: [], apply: [], kubectl: [], helm: [] };
  for (let round = 0; round < rounds; round += 1) {
    const name = (tool: string) => makeNamespace(bench, `${tool}-${String(round)}`);
    const raw = benchObjects(objects, await name('raw'));
    times['raw']?.push(await timed(() => bench.api.applyAll(raw, connections)));
    const ours = await dsdeploy(bench, await name('dsdeploy'));
    times['plan']?.push(ours.planMs);
    times['apply']?.push(ours.applyMs);
    times['kubectl']?.push(await kubectl(bench, await name('kubectl')));
    if (helm !== undefined) times['helm']?.push(await helmInstall(bench, await name('helm')));
  }
  const of = (tool: string) => median(times[tool] ?? []);
  const row = (what: string, tool: string, target?: number) => ({
    what,
    value: of(tool),
    unit: 'ms',
    ...(target === undefined ? {} : { target }),
    note: `${(of(tool) / of('raw')).toFixed(2)} x raw; best ${Math.min(...(times[tool] ?? [])).toFixed(0)} ms`,
  });
  printRows(`${String(objects)} new objects, median of ${String(rounds)}`, [
    row(`raw loop, ${String(connections)} connections`, 'raw'),
    row('dsdeploy apply', 'apply', 1.2 * of('raw')),
    row('dsdeploy plan before it', 'plan'),
    row('kubectl apply --server-side', 'kubectl'),
    ...(helm === undefined ? [] : [row('helm install', 'helm')]),
  ]);
}

async function countRequests(bench: Bench): Promise<void> {
  const namespace = await makeNamespace(bench, 'counted');
  const start = await bench.api.countRequests();
  const first = await dsdeploy(bench, namespace);
  const created = await bench.api.countRequests();
  await settle(bench, namespace);
  const settled = await bench.api.countRequests();
  const same = await dsdeploy(bench, namespace);
  const again = await bench.api.countRequests();
  const one = await dsdeploy(bench, namespace, { changed: 1 });
  // Controllers write to new Deployments too, which is why only the first run leaves them out.
  const firstRun = difference(start, created);
  printRows(`Requests of plan and apply, ${String(objects)} objects, counted by the API server`, [
    {
      what: 'requests per new object, everything on the wire counted',
      value: first.requests / objects,
      unit: '',
      // Beside two per object: lock, inventory, revision, discovery, the cluster's identity and a list
      // per kind, none of which grow with the number of objects up to 500 of a kind.
      target: 2 + 40 / objects,
      note: `${String(first.requests)} requests`,
    },
    {
      what: 'requests per unchanged object, everything counted',
      value: same.requests / objects,
      unit: '',
      target: 2,
      note: `${String(same.requests)} requests`,
    },
    {
      what: 'writes and dry-runs per new object',
      value: (first.objectWrites + firstRun('DRY-RUN')) / objects,
      unit: '',
      target: 2,
      note: `beside ${String(first.recordWrites)} writes of lock, inventory and revision per run`,
    },
    {
      what: 'reads of that run, whatever the number of objects up to 500 of a kind',
      value: firstRun('GET', 'LIST'),
      unit: '',
    },
    {
      what: 'requests per unchanged object',
      value: difference(settled, again)(...verbs) / objects,
      unit: '',
      target: 2,
    },
    {
      what: 'writes of an unchanged apply, to objects and records',
      value: same.objectWrites + same.recordWrites,
      unit: '',
      target: 0,
      note: `${same.planMs.toFixed(0)} + ${same.applyMs.toFixed(0)} ms`,
    },
    {
      what: 'writes of 1 changed object, to objects',
      value: one.objectWrites,
      unit: '',
      target: 1,
      note: `${one.planMs.toFixed(0)} + ${one.applyMs.toFixed(0)} ms, ${String(one.changes)} change planned`,
    },
    {
      what: 'writes of 1 changed object, to records',
      value: one.recordWrites,
      unit: '',
      target: 3,
      note: 'the lock taken and given back, and the revision',
    },
    { what: 'peak RSS', value: first.peakRssMb, unit: 'MB' },
  ]);
}

async function measureMemory(bench: Bench): Promise<void> {
  const namespace = await makeNamespace(bench, 'many');
  const fresh = await dsdeploy(bench, namespace, { count: many });
  await settle(bench, namespace);
  const same = await dsdeploy(bench, namespace, { count: many });
  printRows(`${String(many)} objects`, [
    {
      what: 'peak RSS, all new',
      value: fresh.peakRssMb,
      unit: 'MB',
      target: 250,
      note: `plan ${fresh.planMs.toFixed(0)} ms, apply ${fresh.applyMs.toFixed(0)} ms`,
    },
    {
      what: 'peak RSS, none changed',
      value: same.peakRssMb,
      unit: 'MB',
      target: 250,
      note: `plan ${same.planMs.toFixed(0)} ms, apply ${same.applyMs.toFixed(0)} ms`,
    },
  ]);
}

const directory = mkdtempSync(join(tmpdir(), 'dsdeploy-bench-'));
const sandbox = join(directory, 'sandbox');
console.log(
  `Node ${process.version}, ${String(availableParallelism())} cores of ${cpus()[0]?.model ?? '?'}, load ${loadavg()[0]?.toFixed(1) ?? '?'}`,
);
try {
  const state = await startSandbox({ name: `bench-${String(process.pid)}`, directory: sandbox });
  await bundleChild('apply-child.ts', directory);
  const api = new RawApi(state.kubeconfigPath, connections);
  const bench = { state, api, directory };
  await compareTools(bench);
  await countRequests(bench);
  await measureMemory(bench);
  await api.close();
} finally {
  await stopSandbox(sandbox);
  rmSync(directory, { recursive: true, force: true });
}
