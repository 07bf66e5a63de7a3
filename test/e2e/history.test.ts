import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { applyPlan } from '../../src/actions/apply/index.ts';
import { destroyDeployment, planDestroy } from '../../src/actions/destroy/index.ts';
import {
  hasDrift,
  prepareRevision,
  readDrift,
  readHistory,
  readRevision,
  readRollback,
} from '../../src/actions/history/index.ts';
import { planDeployment } from '../../src/actions/plan/index.ts';
import { type Cluster, openCluster } from '../../src/cluster/index.ts';
import { nodeClock } from '../../src/commands/process/node-clock.ts';
import type { Manifest } from '../../src/manifest/index.ts';
import { mintKubeconfig } from '../../src/sandbox/index.ts';
import { errorOf } from '../actions/error-of.ts';
import { RecordingHost } from '../actions/recording-host.ts';
import { openTestSandbox, type TestSandbox, until } from './a-sandbox.ts';
import { KillableCluster } from './killable-cluster.ts';

const host = new RecordingHost();

let sandbox: TestSandbox;
let cluster: Cluster;

beforeAll(async () => {
  sandbox = await openTestSandbox('history');
  ({ cluster } = sandbox);
}, 900_000);

afterAll(() => sandbox.close(), 60_000);

/** A deployment in a namespace of its own: a Service, a Secret that gets a key, and a ConfigMap. */
function aDeployment(name: string) {
  const deployment = { name, namespace: name };
  const metadata = (object: string) => ({ name: object, namespace: name });
  const manifests = (value: string): Manifest[] => [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: metadata('settings'), data: { value } },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { ...metadata('key'), annotations: { 'dsdeploy/generated-key': 'api-key' } },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { ...metadata('api'), labels: { app: 'x' } },
      spec: { selector: { app: 'x' }, ports: [{ name: 'http', port: 8000 }] },
    },
  ];
  const apply = async (value: string, through: Cluster = cluster) => {
    const request = { deployment, manifests: manifests(value), createNamespace: true };
    const plan = await planDeployment(request, { cluster: through, host });
    const ports = { cluster: through, host, clock: nodeClock, operator: 'ann@laptop' };
    const last = await prepareRevision({ plan, spec: `value: ${value}\n` }, ports);
    await applyPlan(plan, { cluster: through, host, last });
  };
  const numbers = async () =>
    (await readHistory(deployment, { cluster })).revisions.map(({ number }) => number);
  return { deployment, manifests, apply, numbers };
}

test('a no-op apply writes nothing, and a revision gives the objects back as they were sent', async () => {
  const { deployment, manifests, apply, numbers } = aDeployment('noop');
  await apply('1');
  const watched = new KillableCluster(cluster);
  await apply('1', watched);
  expect(watched.writes).toEqual([]);
  expect(await numbers()).toEqual([1]);
  const detail = await readRevision(deployment, 1, { cluster });
  const byKind = (objects: readonly Manifest[]) =>
    objects.toSorted((a, b) => (a.kind < b.kind ? -1 : 1));
  expect(byKind(detail.manifests)).toEqual(byKind(manifests('1')));
});

test('the server refuses to edit a revision, and its secret is in none', async () => {
  const { apply } = aDeployment('sealed');
  await apply('1');
  const patch = ['patch', 'configmap', 'sealed-revision-1', '-p', '{"data":{"revision":"{}"}}'];
  await expect(sandbox.kubectl('-n', 'sealed', ...patch)).rejects.toThrow(/immutable/);
  const key = await sandbox.kubectl(
    '-n',
    'sealed',
    'get',
    'secret',
    'key',
    '-o',
    'jsonpath={.data}',
  );
  const value: string = JSON.parse(key)['api-key'];
  const content = await sandbox.kubectl('-n', 'sealed', 'get', 'configmap', '-o', 'json');
  expect(value.length).toBeGreaterThan(20);
  expect(content).not.toContain(value);
});

test('killed at any request, the next run converges with one revision per change', async () => {
  const { deployment, apply, numbers } = aDeployment('killed');
  await apply('0');
  for (let lives = 0; ; lives += 1) {
    const value = String(lives + 1);
    const died = await apply(value, new KillableCluster(cluster, lives)).then(
      () => false,
      () => true,
    );
    await apply(value);
    expect(
      (await readDrift(deployment, { cluster, host })).objects.map(({ state }) => state),
    ).toEqual(['same', 'same', 'same', 'same']);
    expect((await numbers()).at(-1)).toBe(lives + 2);
    if (!died) break;
  }
}, 180_000);

test('ten revisions are kept', async () => {
  const { apply, numbers } = aDeployment('kept');
  for (let value = 1; value <= 12; value += 1) await apply(String(value));
  expect(await numbers()).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
}, 120_000);

test('drift names each field with who changed it, through what, and what is missing', async () => {
  const { deployment, apply } = aDeployment('drift');
  await apply('1');
  expect(
    (await readDrift(deployment, { cluster, host })).objects.map(({ state }) => state),
  ).toEqual(['same', 'same', 'same', 'same']);
  await sandbox.kubectl(
    '-n',
    'drift',
    'patch',
    'configmap',
    'settings',
    '-p',
    '{"data":{"value":"hand"}}',
  );
  await sandbox.kubectl('-n', 'drift', 'label', 'configmap', 'settings', 'team=x');
  await sandbox.kubectl(
    '-n',
    'drift',
    'patch',
    'secret',
    'key',
    '-p',
    '{"data":{"api-key":"Y2FuYXJ5"}}',
  );
  await sandbox.kubectl('-n', 'drift', 'delete', 'service', 'api');
  const { objects } = await readDrift(deployment, { cluster, host });
  const settings = objects.find(({ ref }) => ref.name === 'settings');
  expect(settings).toMatchObject({
    state: 'changed',
    fields: [
      {
        path: 'data.value',
        applied: '1',
        live: 'hand',
        owners: [{ manager: 'kubectl-patch', operation: 'Update', time: expect.any(String) }],
      },
    ],
    added: [{ path: 'metadata.labels.team', live: 'x', owner: { manager: 'kubectl-label' } }],
  });
  expect(objects.find(({ ref }) => ref.name === 'api')?.state).toBe('missing');
  expect(JSON.stringify(objects)).not.toContain('Y2FuYXJ5');
});

test('replicas that an autoscaler decides are no drift, those of somebody else are', {
  timeout: 180_000,
}, async () => {
  const name = 'scaled';
  const deployment = { name, namespace: name };
  const containers = [{ name: 'engine', image: 'example.com/e:1' }];
  const workload = { apiVersion: 'leaderworkerset.x-k8s.io/v1', kind: 'LeaderWorkerSet' };
  const manifests: Manifest[] = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
    {
      ...workload,
      metadata: { name, namespace: name },
      spec: {
        replicas: 1,
        leaderWorkerTemplate: { size: 1, workerTemplate: { spec: { containers } } },
      },
    },
  ];
  const plan = await planDeployment(
    { deployment, manifests, createNamespace: true },
    { cluster, host },
  );
  const ports = { cluster, host, clock: nodeClock, operator: 'ann@laptop' };
  await applyPlan(plan, { ...ports, last: await prepareRevision({ plan, spec: 'a: 1\n' }, ports) });

  const scale = ['-n', name, 'scale', 'lws', name, '--replicas=3'];
  await sandbox.kubectl(...scale);
  // By hand it is drift.
  const drift = async () => await readDrift(deployment, { cluster, host });
  const set = async () =>
    (await drift()).objects.find(({ ref }) => ref.name === name && ref.kind === workload.kind);
  expect(await set()).toMatchObject({ state: 'changed', fields: [{ path: 'spec.replicas' }] });

  await cluster.apply(
    {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name, namespace: name },
      spec: {
        scaleTargetRef: { ...workload, name },
        minReplicas: 4,
        maxReplicas: 5,
        metrics: [
          {
            type: 'Resource',
            resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
          },
        ],
      },
    },
    { dryRun: false, force: false },
  );
  await expect.poll(set, { timeout: 120_000, interval: 500 }).toMatchObject({
    state: 'same',
    fields: [],
    yields: [
      {
        field: 'spec.replicas',
        to: `HorizontalPodAutoscaler/${name}/${name}`,
        wanted: 1,
        actual: 4,
      },
    ],
  });
  expect(hasDrift(await drift())).toBe(false);
});

test('who may not list ConfigMaps is told so in one error, and who may not read a Secret sees the rest', async () => {
  const { deployment, apply } = aDeployment('limited');
  await apply('1');
  const path = join(sandbox.directory, 'limited.kubeconfig');
  await mintKubeconfig(sandbox.state, { user: 'bob', path });
  const bob = await openCluster({ kubeconfig: path });
  try {
    for (const read of [
      () => readHistory(deployment, { cluster: bob }),
      () => readRevision(deployment, 1, { cluster: bob }),
      () => readRollback(deployment, 1, { cluster: bob, host }),
      () => readDrift(deployment, { cluster: bob, host }),
    ]) {
      const error = await errorOf(read());
      expect(error).toMatchObject({
        code: 'CLUSTER_FORBIDDEN',
        message: expect.stringContaining('configmaps'),
        hint: expect.stringContaining('kubectl auth can-i list configmaps -n limited'),
      });
    }
    // The dry-run of the comparison needs the right to patch; Secrets are left out.
    const inNamespace = ['-n', 'limited'];
    const verbs = '--verb=get,list,create,patch';
    const kinds = '--resource=configmaps,services';
    await sandbox.kubectl(...inNamespace, 'create', 'role', 'some', verbs, kinds);
    const binding = ['create', 'rolebinding', 'some', '--role=some', '--user=bob'];
    await sandbox.kubectl(...inNamespace, ...binding);
    await until(async () =>
      readHistory(deployment, { cluster: bob }).then(
        () => true,
        () => false,
      ),
    );
    expect((await readHistory(deployment, { cluster: bob })).revisions).toHaveLength(1);
    const { objects } = await readDrift(deployment, { cluster: bob, host });
    const states = Object.fromEntries(objects.map(({ ref, state }) => [ref.kind, state]));
    expect(states).toMatchObject({ ConfigMap: 'same', Service: 'same' });
    expect(states['Secret']).toBe('unknown');
  } finally {
    await bob.close();
  }
}, 120_000);

test('destroy leaves no revision, also where the namespace is not ours', async () => {
  const { deployment, manifests } = aDeployment('gone');
  await sandbox.kubectl('create', 'namespace', 'gone');
  const inside = manifests('1').filter(({ kind }) => kind !== 'Namespace');
  const request = { deployment, manifests: inside, createNamespace: false };
  const plan = await planDeployment(request, { cluster, host });
  const ports = { cluster, host, clock: nodeClock, operator: 'ann@laptop' };
  const last = await prepareRevision({ plan, spec: 'a: 1\n' }, ports);
  await applyPlan(plan, { cluster, host, last });
  const destroyPlan = await planDestroy(deployment, { cluster });
  await destroyDeployment(destroyPlan, { cluster, host, clock: nodeClock });
  const left = await sandbox.kubectl('-n', 'gone', 'get', 'configmap', '-o', 'name');
  expect(left.trim()).toBe('configmap/kube-root-ca.crt');
}, 120_000);
