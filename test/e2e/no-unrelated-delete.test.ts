import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applyPlan } from '../../src/actions/apply/index.ts';
import { destroyDeployment, planDestroy } from '../../src/actions/destroy/index.ts';
import { readInventory } from '../../src/actions/inventory/index.ts';
import type { PlanRequest } from '../../src/actions/plan/index.ts';
import { formatRef, type Manifest, refOf } from '../../src/manifest/index.ts';
import { applySetNames, hasChanges, type Plan, setIdOf } from '../../src/plan/index.ts';
import { errorOf } from '../actions/error-of.ts';
import { FakeClock, RecordingHost } from '../actions/recording-host.ts';
import { openTestSandbox, type TestSandbox, until } from './a-sandbox.ts';
import { KillableCluster } from './killable-cluster.ts';

const host = new RecordingHost();
let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await openTestSandbox('prune');
}, 900_000);

afterAll(async () => {
  await sandbox.close();
}, 60_000);

function configMap(namespace: string, name: string): Manifest {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data: { a: '1' } };
}

function volumeClaim(namespace: string, storage = '2Gi'): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'weights', namespace },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
  };
}

function request(namespace: string, ...manifests: readonly Manifest[]): PlanRequest {
  return { deployment: { name: 'v32', namespace }, manifests, createNamespace: false };
}

async function inNamespace(name: string): Promise<string> {
  await sandbox.kubectl('create', 'namespace', name);
  return name;
}

function deletesOf({ changes }: Plan): string[] {
  return changes.filter(({ action }) => action === 'delete').map(({ ref }) => formatRef(ref));
}

async function destroy(namespace: string, options: { readonly includeVolumes?: boolean } = {}) {
  const { cluster } = sandbox;
  const plan = await planDestroy({ name: 'v32', namespace }, { cluster }, options);
  const clock = { nowMs: () => Date.now(), sleep: (ms: number) => pause(Math.min(ms, 200)) };
  return await destroyDeployment(plan, { cluster, host, clock });
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

const crd: Manifest = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'widgets', singular: 'widget', kind: 'Widget' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        },
      },
    ],
  },
};

function widget(namespace: string, name: string): Manifest {
  return { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name, namespace } };
}

// The second goes on from the definition that the first has left.
describe('custom resources', { shuffle: false }, () => {
  test('come with their definition in one plan, and it outlives them: others use it too', {
    timeout: 180_000,
  }, async () => {
    const namespace = await inNamespace('custom');
    const wanted = request(namespace, crd, widget(namespace, 'ours'), configMap(namespace, 'a'));
    const plan = await sandbox.plan(wanted);
    expect(plan.changes.map((row) => ('certainty' in row ? row.certainty : row.action))).toEqual([
      'server',
      'server',
      'schema',
    ]);
    await sandbox.apply(wanted);
    await sandbox.kubectlWith([widget(namespace, 'theirs')], 'create');

    const without = await sandbox.plan(request(namespace, configMap(namespace, 'a')));
    expect(deletesOf(without)).toEqual([`Widget/${namespace}/ours`]);
    expect(without.retained).toMatchObject([
      { ref: { name: 'widgets.example.com' }, reason: expect.stringContaining('every object') },
    ]);
    const { retained } = await destroy(namespace);
    expect(retained.map(({ ref }) => formatRef(ref))).toEqual([
      'CustomResourceDefinition/widgets.example.com',
    ]);
    await sandbox.read(refOf(widget(namespace, 'theirs')));
    expect(await sandbox.cluster.get(refOf(widget(namespace, 'ours')))).toBeUndefined();
  });

  test('and all others are not pruned while their API does not answer', {
    timeout: 300_000,
  }, async () => {
    const namespace = await inNamespace('broken');
    const all = [configMap(namespace, 'a'), configMap(namespace, 'b'), widget(namespace, 'ours')];
    await sandbox.apply(request(namespace, ...all));
    // An aggregated API whose server is gone, which is how discovery gets incomplete.
    const breaking = [
      { op: 'remove', path: '/metadata/labels' },
      {
        op: 'add',
        path: '/spec/service',
        value: { name: 'gone', namespace: 'default', port: 443 },
      },
      { op: 'add', path: '/spec/insecureSkipTLSVerify', value: true },
    ];
    const patch = JSON.stringify(breaking);
    await sandbox.kubectl('patch', 'apiservice', 'v1.example.com', '--type=json', '-p', patch);
    await until(async () =>
      sandbox.kubectl('get', '--raw', '/apis/example.com/v1').then(
        () => false,
        () => true,
      ),
    );
    const wanted = request(namespace, configMap(namespace, 'a'));
    const plan = await sandbox.plan(wanted);
    expect(deletesOf(plan)).toEqual([]);
    expect(plan.retained).toMatchObject([
      {
        ref: { kind: 'ConfigMap', name: 'b' },
        reason: expect.stringContaining('nothing is pruned'),
      },
      { ref: { kind: 'Widget' }, reason: 'the API example.com/v1 does not answer now' },
    ]);
    const listed = plan.inventory?.planned.map(({ kind, name }) => `${kind}/${name}`);
    expect(listed).toEqual(['ConfigMap/a', 'ConfigMap/b', 'Widget/ours']);

    // The server mends its own registration once ours is gone.
    await sandbox.kubectl('delete', 'apiservice', 'v1.example.com');
    await until(async () =>
      sandbox.kubectl('-n', namespace, 'get', 'widgets').then(
        () => true,
        () => false,
      ),
    );
    expect(deletesOf(await sandbox.plan(wanted)).toSorted()).toEqual([
      `ConfigMap/${namespace}/b`,
      `Widget/${namespace}/ours`,
    ]);
  });
});

test('a foreign object with our label copied by hand is kept', async () => {
  const namespace = await inNamespace('copied');
  const [a, b] = [configMap(namespace, 'a'), configMap(namespace, 'b')];
  await sandbox.apply(request(namespace, a, b));
  const label = `${applySetNames.partOf}=${setIdOf({ name: 'v32', namespace })}`;
  await sandbox.kubectlWith([configMap(namespace, 'theirs')], 'create');
  await sandbox.kubectl('-n', namespace, 'label', 'configmap', 'theirs', label);
  // One that took the place of ours, label and all.
  await sandbox.kubectl('-n', namespace, 'delete', 'configmap', 'b');
  await sandbox.kubectlWith([b], 'create');
  await sandbox.kubectl('-n', namespace, 'label', 'configmap', 'b', label);

  const plan = await sandbox.plan(request(namespace, a));
  expect(deletesOf(plan)).toEqual([]);
  expect(plan.retained).toMatchObject([
    { ref: { name: 'b' }, reason: expect.stringContaining('not the object we made') },
  ]);
  await applyPlan(plan, { cluster: sandbox.cluster, host });
  await destroy(namespace);
  await sandbox.read(refOf(b));
  await sandbox.read(refOf(configMap(namespace, 'theirs')));
});

test('an object that was made again since the plan is not deleted by it', async () => {
  const namespace = await inNamespace('again');
  const [a, b] = [configMap(namespace, 'a'), configMap(namespace, 'b')];
  await sandbox.apply(request(namespace, a, b));
  const plan = await sandbox.plan(request(namespace, a));
  expect(deletesOf(plan)).toEqual([`ConfigMap/${namespace}/b`]);
  await sandbox.kubectl('-n', namespace, 'delete', 'configmap', 'b');
  await sandbox.kubectlWith([b], 'create');
  const watched = new KillableCluster(sandbox.cluster);
  const error = await errorOf(applyPlan(plan, { cluster: watched, host }));
  expect(error).toMatchObject({
    code: 'PLAN_STALE',
    details: [{ message: 'it was deleted and made again' }],
  });
  expect(watched.writes).toEqual([]);
  await sandbox.read(refOf(b));
});

test('an object whose API version moved is not deleted', async () => {
  const namespace = await inNamespace('version');
  const scaler = (apiVersion: string): Manifest => ({
    apiVersion,
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'v32', namespace },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      minReplicas: 1,
      maxReplicas: 2,
    },
  });
  await sandbox.apply(request(namespace, scaler('autoscaling/v1')));
  const { uid } = (await sandbox.read(refOf(scaler('autoscaling/v1')))).metadata;
  const moved = request(namespace, scaler('autoscaling/v2'));
  expect(deletesOf(await sandbox.plan(moved))).toEqual([]);
  await sandbox.apply(moved);
  expect((await sandbox.read(refOf(scaler('autoscaling/v2')))).metadata.uid).toBe(uid);
  expect(hasChanges(await sandbox.plan(moved))).toBe(false);
});

describe('a volume claim', () => {
  test('is kept by apply and destroy, until it is named', { timeout: 120_000 }, async () => {
    const namespace = await inNamespace('volumes');
    const [claim, other] = [volumeClaim(namespace), configMap(namespace, 'a')];
    await sandbox.apply(request(namespace, claim, other));
    const { retained } = await sandbox.apply(request(namespace, other));
    expect(retained).toMatchObject([{ reason: expect.stringContaining('--include-volumes') }]);
    await destroy(namespace);
    await sandbox.read(refOf(claim));
    const { entries } = await readInventory({ name: 'v32', namespace }, sandbox);
    expect(entries.map(({ kind }) => kind)).toEqual(['PersistentVolumeClaim']);
    await destroy(namespace, { includeVolumes: true });
    expect(await sandbox.cluster.get(refOf(claim))).toBeUndefined();
  });

  test('that is to shrink is a refusal, never a delete', async () => {
    const namespace = await inNamespace('shrink');
    await sandbox.apply(request(namespace, volumeClaim(namespace)));
    const watched = new KillableCluster(sandbox.cluster);
    const smaller = request(namespace, volumeClaim(namespace, '1Gi'));
    const error = await errorOf(sandbox.apply(smaller, watched));
    expect(error).toMatchObject({ code: 'OBJECT_INVALID' });
    expect(error.subject).toBe(`PersistentVolumeClaim/${namespace}/weights`);
    expect(error.hint).toContain('cannot change');
    expect(watched.writes).toEqual([]);
  });
});

test('charts that render nothing delete nothing', async () => {
  const namespace = await inNamespace('empty');
  await sandbox.apply(request(namespace, configMap(namespace, 'a')));
  const watched = new KillableCluster(sandbox.cluster);
  const error = await errorOf(sandbox.apply(request(namespace), watched));
  expect(error.code).toBe('EMPTY_RENDER');
  expect(watched.writes).toEqual([]);
});

test('a namespace that does not go is reported with finalizer and age, and not forced', {
  timeout: 120_000,
}, async () => {
  const name = 'stuck';
  const namespace: Manifest = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
  const wanted = { ...request(name, namespace, configMap(name, 'a')), createNamespace: true };
  await sandbox.apply(wanted);
  // Kinds that destroy does not look for are met by the namespace controller only.
  const lease: Manifest = {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'held', namespace: name, finalizers: ['example.com/hold'] },
  };
  await sandbox.kubectlWith([lease], 'create');
  const { cluster } = sandbox;
  const plan = await planDestroy(wanted.deployment, { cluster });
  const clock = new FakeClock();
  // The server needs its time until it knows what is left; then the clock jumps.
  const slow = {
    nowMs: () => clock.nowMs(),
    sleep: async (ms: number) => {
      await until(async () => {
        const live = await cluster.get(refOf(namespace));
        if (live?.metadata.deletionTimestamp === undefined) return true;
        return JSON.stringify(live['status']).includes('example.com/hold in 1 resource');
      });
      await pause(50);
      await clock.sleep(ms * 10);
    },
  };
  const error = await errorOf(destroyDeployment(plan, { cluster, host, clock: slow }));
  expect(error.code).toBe('DESTROY_INCOMPLETE');
  expect(error.details).toMatchObject([{ location: `Namespace/${name}` }]);
  expect(error.details[0]?.message).toMatch(/since \d{4}-.*example\.com\/hold in 1 resource/);
  const held = await sandbox.read(refOf(lease));
  expect(held.metadata['finalizers']).toEqual(['example.com/hold']);
  const release = JSON.stringify({ metadata: { finalizers: null } });
  await sandbox.kubectl('-n', name, 'patch', 'lease', 'held', '--type=merge', '-p', release);
});

describe('lists with keys', () => {
  test('a port number changes under its name', async () => {
    const namespace = await inNamespace('ports');
    const objects = (port: number): readonly Manifest[] => [
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'v32', namespace },
        spec: { ports: [{ name: 'http', port }] },
      },
      {
        apiVersion: 'leaderworkerset.x-k8s.io/v1',
        kind: 'LeaderWorkerSet',
        metadata: { name: 'v32', namespace },
        spec: {
          leaderWorkerTemplate: {
            size: 1,
            workerTemplate: {
              spec: {
                containers: [
                  { name: 'e', image: 'e:1', ports: [{ name: 'http', containerPort: port }] },
                ],
              },
            },
          },
        },
      },
    ];
    await sandbox.apply(request(namespace, ...objects(8000)));
    await sandbox.apply(request(namespace, ...objects(8001)));
    for (const manifest of objects(8001)) {
      const text = JSON.stringify((await sandbox.read(refOf(manifest)))['spec']);
      expect(text).toContain('8001');
      expect(text).not.toContain('8000');
    }
    expect(hasChanges(await sandbox.plan(request(namespace, ...objects(8001))))).toBe(false);

    // Somebody else is on record for the old port too, so that it would stay beside the new one.
    const patch = JSON.stringify({ spec: { ports: [{ name: 'http', port: 8001 }] } });
    const patching = ['patch', 'service', 'v32', '-p', patch, '--field-manager=mesh'];
    await sandbox.kubectl('-n', namespace, ...patching);
    const service = objects(8001)[0];
    if (service === undefined) throw new Error('there is no Service');
    await sandbox.kubectlWith(
      [service],
      ...['apply', '--server-side', '--field-manager=mesh', '--force-conflicts'],
    );
    const error = await errorOf(sandbox.plan(request(namespace, ...objects(8002))));
    expect(error).toMatchObject({ code: 'OBJECT_INVALID', subject: `Service/${namespace}/v32` });
    expect(error.hint).toContain('mesh');
  });

  test('a name twice in a live object is a conflict with who put it there, and can be taken', async () => {
    const namespace = await inNamespace('duplicates');
    const deployment = (env: readonly object[]): Manifest => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace },
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' } },
          spec: { containers: [{ name: 'web', image: 'web:1', env }] },
        },
      },
    });
    const [one, two] = [
      { name: 'A', value: '1' },
      { name: 'A', value: '2' },
    ];
    await sandbox.apply(request(namespace, deployment([one]), configMap(namespace, 'a')));
    const path = '/spec/template/spec/containers/0/env/-';
    const patch = JSON.stringify([{ op: 'add', path, value: two }]);
    await sandbox.kubectl(
      '-n',
      namespace,
      'patch',
      'deployment',
      'web',
      '--type=json',
      '-p',
      patch,
    );
    const wanted = request(namespace, deployment([one]), configMap(namespace, 'a'));
    const error = await errorOf(sandbox.plan(wanted));
    expect(error).toMatchObject({ code: 'FIELD_CONFLICT', subject: `Deployment/${namespace}/web` });
    const field = '.spec.template.spec.containers[name="web"].env[name="A"]';
    expect(error.details).toMatchObject([
      { location: field, message: expect.stringContaining('owned by "kubectl-patch"') },
    ]);
    await sandbox.apply({ ...wanted, take: [field] });
    const live = await sandbox.read(refOf(deployment([])));
    expect(JSON.stringify(live['spec']).match(/"name":"A"/g)).toHaveLength(1);
    expect(hasChanges(await sandbox.plan(wanted))).toBe(false);
  });
});
