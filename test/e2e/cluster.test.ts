import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { type OpenedCluster, openCluster } from '../../src/cluster/index.ts';
import type { Manifest, ObjectRef } from '../../src/manifest/index.ts';
import { refOf } from '../../src/manifest/index.ts';
import {
  ensureSandboxBinaries,
  mintKubeconfig,
  type SandboxState,
  startSandbox,
  stopSandbox,
} from '../../src/sandbox/index.ts';
import { errorOf } from '../contract/open-fake.ts';
import { startSocksProxy } from '../contract/socks-proxy.ts';

const buildTimeoutMs = 30 * 60_000;
const bootTimeoutMs = 90_000;
const namespace = 'cluster-e2e';
const work = mkdtempSync(join(tmpdir(), 'dsdeploy-cluster-e2e-'));
const directory = join(work, 'sandbox');
const write = { dryRun: false, force: false };

let state: SandboxState;
let cluster: OpenedCluster;

beforeAll(async () => {
  await ensureSandboxBinaries();
}, buildTimeoutMs);

beforeAll(async () => {
  state = await startSandbox({ name: 'cluster-e2e', directory });
  cluster = await openCluster({ kubeconfig: state.kubeconfigPath });
  await cluster.apply(
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    write,
  );
}, bootTimeoutMs);

afterAll(async () => {
  await cluster.close();
  await stopSandbox(directory);
  rmSync(work, { recursive: true });
}, bootTimeoutMs);

function configMap(name: string, data: Readonly<Record<string, string>> = {}): Manifest {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data };
}

/** A pod that serves the simulator, ready to be talked to. */
async function runEnginePod(name: string): Promise<ObjectRef> {
  const ports = [{ name: 'http', containerPort: 8000 }];
  const command = ['vllm', 'serve', '--served-model-name', 'e2e-model'];
  const pod: Manifest = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace },
    spec: { containers: [{ name: 'engine', image: 'vllm', command, ports }] },
  };
  await cluster.apply(pod, write);
  const stop = new AbortController();
  const options = { namespace, fieldSelector: `metadata.name=${name}`, signal: stop.signal };
  for await (const event of cluster.watch({ apiVersion: 'v1', kind: 'Pod' }, options)) {
    if (event.type !== 'synced' && isReady(event.object)) stop.abort();
  }
  return refOf(pod);
}

function isReady(object: Manifest): boolean {
  const { status } = object as { status?: { conditions?: { type: string; status: string }[] } };
  return status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') ?? false;
}

describe('openCluster() on a real API server', { timeout: 60_000 }, () => {
  test('tells the cluster by its uid and version', async () => {
    const target = await cluster.readTarget();
    expect(target).toMatchObject({ context: state.context, server: state.serverUrl });
    expect(target.clusterUid).toMatch(/^[0-9a-f-]{36}$/);
    expect(target.serverVersion).toMatch(/^v1\.\d+/);
  });

  test('knows LeaderWorkerSet and not what is not installed', async () => {
    const lws = { apiVersion: 'leaderworkerset.x-k8s.io/v1', kind: 'LeaderWorkerSet' };
    expect(await cluster.supports(lws)).toBe(true);
    expect(await cluster.supports({ ...lws, apiVersion: 'leaderworkerset.x-k8s.io/v9' })).toBe(
      false,
    );
  });

  test('writes nothing twice: a second apply keeps the resourceVersion', async () => {
    const manifest = configMap('twice', { a: '1' });
    const first = await cluster.apply(manifest, write);
    const second = await cluster.apply(manifest, write);
    expect(second.object).toEqual(first.object);
  });

  test('checks without writing, also into a namespace that does not exist', async () => {
    const checked = await cluster.apply(configMap('dry'), { dryRun: true, force: false });
    expect(checked.object.metadata.resourceVersion).toBe('');
    expect(await cluster.get(refOf(configMap('dry')))).toBeUndefined();
    const elsewhere = { ...configMap('dry'), metadata: { name: 'dry', namespace: 'not-there' } };
    expect(await errorOf(cluster.apply(elsewhere, { dryRun: true, force: false }))).toMatchObject({
      code: 'NAMESPACE_MISSING',
    });
  });

  test('keeps the sources of a NetworkPolicy', async () => {
    const ingress = [{ from: [{ podSelector: { matchLabels: { role: 'gateway' } } }] }];
    const policy = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'narrow', namespace },
      spec: { podSelector: {}, policyTypes: ['Ingress'], ingress },
    };
    await cluster.apply(policy, write);
    expect(await cluster.get(refOf(policy))).toMatchObject({ spec: { ingress } });
  });

  test('refuses a field that does not exist', async () => {
    const manifest = { ...configMap('typo'), dato: {} };
    expect(await errorOf(cluster.apply(manifest, { dryRun: true, force: false }))).toMatchObject({
      code: 'OBJECT_INVALID',
      message: expect.stringContaining('.dato') as string,
    });
  });

  test('refuses to delete what was recreated', async () => {
    const ref = refOf(configMap('reborn'));
    const before = await cluster.apply(configMap('reborn'), write);
    await cluster.delete(ref, { uid: before.object.metadata.uid });
    await expect.poll(() => cluster.get(ref), { timeout: 10_000 }).toBeUndefined();
    await cluster.apply(configMap('reborn'), write);
    expect(await errorOf(cluster.delete(ref, { uid: before.object.metadata.uid }))).toMatchObject({
      code: 'OBJECT_CHANGED',
    });
    expect(await cluster.get(ref)).toBeDefined();
  });

  test('pages through more objects than fit one page and watches them change', async () => {
    const names = Array.from({ length: 520 }, (_, index) => `many-${index}`);
    const labelled = (name: string, data = {}) => ({
      ...configMap(name, data),
      metadata: { name, namespace, labels: { e2e: 'many' } },
    });
    await Promise.all(names.map((name) => cluster.apply(labelled(name), write)));
    const kind = { apiVersion: 'v1', kind: 'ConfigMap' };
    const selection = { namespace, labelSelector: 'e2e=many' };
    expect(await cluster.list(kind, selection)).toHaveLength(names.length);
    const stop = new AbortController();
    const events: string[] = [];
    for await (const event of cluster.watch(kind, { ...selection, signal: stop.signal })) {
      if (event.type === 'synced') {
        expect(events).toHaveLength(names.length);
        events.length = 0;
        await cluster.apply(labelled('many-7', { a: '1' }), write);
      } else {
        events.push(`${event.type} ${event.object.metadata.name}`);
      }
      if (events.at(-1) === 'modified many-7') stop.abort();
    }
    expect(events).toEqual(['modified many-7']);
  });

  test.each(['directly', 'through a proxy'])('reaches into a pod %s', async (way) => {
    const pod = await runEnginePod(`engine-${way.length}`);
    const reader = way === 'directly' ? cluster : await openThroughProxy();
    const forward = await reader.openPortForward(pod, 8000);
    const answers = await Promise.all(
      Array.from({ length: 10 }, async () => (await fetch(`${forward.baseUrl}/health`)).status),
    );
    expect(new Set(answers)).toEqual(new Set([200]));
    expect(await (await fetch(`${forward.baseUrl}/v1/models`)).text()).toContain('e2e-model');
    await forward.close();
    expect(await reader.readLogs(pod, { tailLines: 2 })).toMatch(/^([^\n]+\n){2}$/);
    const nothing = await reader.openPortForward(pod, 9);
    await expect(fetch(nothing.baseUrl)).rejects.toThrow();
    expect(nothing.lastProblem?.()).toContain('port 9');
    await nothing.close();
    if (reader !== cluster) await reader.close();
  });

  test('serves a user with rights in one namespace only', async () => {
    const kubeconfig = await mintKubeconfig(state, { user: 'jane', path: join(work, 'jane') });
    await cluster.apply(
      role('jane', [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list'] }]),
      write,
    );
    await cluster.apply(binding('jane'), write);
    const jane = await openCluster({ kubeconfig });
    const ask = (verb: 'list' | 'patch') => ({
      verb,
      group: '',
      resource: 'configmaps',
      namespace,
    });
    await expect
      .poll(() => jane.findDenied([ask('list'), ask('patch')]), { timeout: 5000 })
      .toEqual([ask('patch')]);
    expect(await jane.readTarget()).not.toHaveProperty('clusterUid');
    expect(await jane.list({ apiVersion: 'v1', kind: 'ConfigMap' }, { namespace })).not.toEqual([]);
    expect(await errorOf(jane.apply(configMap('x'), write))).toMatchObject({
      code: 'CLUSTER_FORBIDDEN',
      hint: expect.stringContaining(
        `kubectl auth can-i patch configmaps -n ${namespace}`,
      ) as string,
    });
    await jane.close();
  });
});

function role(name: string, rules: readonly object[]): Manifest {
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  return { apiVersion, kind: 'Role', metadata: { name, namespace }, rules };
}

function binding(name: string): Manifest {
  const apiGroup = 'rbac.authorization.k8s.io';
  return {
    apiVersion: `${apiGroup}/v1`,
    kind: 'RoleBinding',
    metadata: { name, namespace },
    roleRef: { apiGroup, kind: 'Role', name },
    subjects: [{ apiGroup, kind: 'User', name }],
  };
}

async function openThroughProxy(): Promise<OpenedCluster> {
  const { url } = await startSocksProxy();
  const config = parse(readFileSync(state.kubeconfigPath, 'utf8')) as {
    clusters: { cluster: Record<string, unknown> }[];
  };
  for (const { cluster: body } of config.clusters) body['proxy-url'] = url;
  const kubeconfig = join(work, 'proxied');
  writeFileSync(kubeconfig, stringify(config));
  return openCluster({ kubeconfig });
}
