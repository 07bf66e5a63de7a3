import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applyPlan } from '../../src/actions/apply/index.ts';
import type { PlanRequest } from '../../src/actions/plan/index.ts';
import { type Manifest, refOf } from '../../src/manifest/index.ts';
import { applySetNames, hasChanges, type Plan } from '../../src/plan/index.ts';
import { createStyle } from '../../src/ui/style.ts';
import { renderReleases } from '../../src/ui/text/adoption.ts';
import { errorOf } from '../actions/error-of.ts';
import { RecordingHost } from '../actions/recording-host.ts';
import { managersOf, openTestSandbox, type TestSandbox } from './a-sandbox.ts';
import { KillableCluster, Killed } from './killable-cluster.ts';

const host = new RecordingHost();
let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await openTestSandbox('adopt');
}, 900_000);

afterAll(async () => {
  await sandbox.close();
}, 60_000);

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

function configMap(namespace: string, data: Readonly<Record<string, string>>): Manifest {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'web', namespace }, data };
}

function service(namespace: string, ports: readonly object[]): Manifest {
  const metadata = { name: 'web', namespace, labels: { tier: 'api' } };
  return { apiVersion: 'v1', kind: 'Service', metadata, spec: { ports } };
}

/** A set of one pod per group, with containers by name. */
function leaderWorkerSet(namespace: string, containers: readonly string[], replicas = 1): Manifest {
  const spec = { containers: containers.map((name) => ({ name, image: 'example.com/e:1' })) };
  return {
    apiVersion: 'leaderworkerset.x-k8s.io/v1',
    kind: 'LeaderWorkerSet',
    metadata: { name: 'web', namespace },
    spec: { replicas, leaderWorkerTemplate: { size: 1, workerTemplate: { spec } } },
  };
}

/** What a Helm release adds to its objects. */
function inRelease(manifest: Manifest, release: string): Manifest {
  const { metadata } = manifest;
  const labels = { ...metadata.labels, 'app.kubernetes.io/managed-by': 'Helm' };
  const annotations = {
    'meta.helm.sh/release-name': release,
    'meta.helm.sh/release-namespace': metadata.namespace ?? '',
  };
  return { ...manifest, metadata: { ...metadata, labels, annotations } };
}

function request(manifests: readonly Manifest[], adopt: readonly string[] = []): PlanRequest {
  const namespace = manifests[0]?.metadata.namespace ?? '';
  return { deployment: { name: 'web', namespace }, manifests, createNamespace: false, adopt };
}

/** A namespace of its own for a test. */
async function inNamespace(name: string): Promise<string> {
  await sandbox.kubectl('create', 'namespace', name);
  return name;
}

/** What the plan says of one field. */
function fieldOf({ changes }: Plan, path: string) {
  return changes
    .flatMap((change) => (change.action === 'update' ? change.fields : []))
    .find((field) => field.path === path);
}

async function dataOf(namespace: string): Promise<unknown> {
  return (await sandbox.read(refOf(configMap(namespace, {}))))['data'];
}

/** How a former tool may have made its objects. */
const makers: readonly {
  readonly tool: string;
  readonly from: string;
  readonly toObject: (manifest: Manifest) => Manifest;
  readonly command: readonly string[];
}[] = [
  {
    tool: 'kubectl apply',
    from: 'kubectl-client-side-apply',
    toObject: (manifest) => manifest,
    command: ['apply'],
  },
  {
    tool: 'kubectl create',
    from: 'kubectl-create',
    toObject: (manifest) => manifest,
    command: ['create'],
  },
  {
    tool: 'kubectl apply --server-side',
    from: 'kubectl',
    toObject: (manifest) => manifest,
    command: ['apply', '--server-side'],
  },
  {
    tool: 'Helm 3',
    from: 'the Helm release web',
    toObject: (manifest) => inRelease(manifest, 'web'),
    command: ['create', '--field-manager=helm'],
  },
  {
    tool: 'Helm 4',
    from: 'the Helm release web',
    toObject: (manifest) => inRelease(manifest, 'web'),
    command: ['apply', '--server-side', '--field-manager=helm'],
  },
];

describe.each(makers)('objects made by $tool', ({ from, toObject, command }) => {
  const namespace = `made-${command.join('-').replaceAll(/[^a-z]+/g, '-')}`;
  const made = [
    configMap(namespace, { keep: '1', old: '2' }),
    service(namespace, [
      { name: 'http', port: 80 },
      { name: 'admin', port: 81 },
    ]),
    leaderWorkerSet(namespace, ['engine', 'proxy']),
  ];
  const wanted = [
    configMap(namespace, { keep: '1', later: '3' }),
    service(namespace, [{ name: 'http', port: 80 }]),
    leaderWorkerSet(namespace, ['engine']),
  ];

  test('become ours without leftovers, and lose what the spec drops later', {
    timeout: 120_000,
  }, async () => {
    await inNamespace(namespace);
    await sandbox.kubectlWith(made.map(toObject), ...command);

    const refused = await errorOf(sandbox.plan(request(wanted)));
    expect(refused.code).toBe('OBJECT_NOT_OWNED');
    expect(refused.details[0]).toMatchObject({
      message: expect.stringContaining(from),
      hint: expect.stringContaining(`--adopt ConfigMap/${namespace}/web`),
    });

    const plan = await sandbox.plan(request(wanted, ['all']));
    expect(plan.changes.map(({ action }) => action)).toEqual(['update', 'update', 'update']);
    expect(plan.changes[0]).toMatchObject({ adoption: { from, coOwners: [] } });
    expect(fieldOf(plan, 'data.old')).toEqual({ path: 'data.old', before: '2' });
    const containers = 'spec.leaderWorkerTemplate.workerTemplate.spec.containers';
    expect(fieldOf(plan, `${containers}[name=proxy]`)).toBeDefined();

    const { applied } = await applyPlan(plan, { cluster: sandbox.cluster, host });
    expect(applied.map(({ outcome }) => outcome)).toEqual(['adopted', 'adopted', 'adopted']);
    for (const manifest of wanted) {
      const live = await sandbox.read(refOf(manifest));
      expect(managersOf(live).filter((entry) => !entry.endsWith('status'))).toEqual([
        'dsdeploy Apply',
      ]);
      expect(live.metadata.annotations?.[lastApplied]).toBeUndefined();
      const { labels, annotations = {} } = live.metadata;
      expect(JSON.stringify({ labels, annotations })).not.toMatch(/helm/i);
    }
    expect(await dataOf(namespace)).toEqual({ keep: '1', later: '3' });
    expect(hasChanges(await sandbox.plan(request(wanted)))).toBe(false);

    const [, ...others] = wanted;
    await sandbox.apply(request([configMap(namespace, { later: '3' }), ...others]));
    expect(await dataOf(namespace)).toEqual({ later: '3' });
  });
});

test('what a person set by hand is kept, where the spec does not have it', async () => {
  const namespace = await inNamespace('by-hand');
  await sandbox.kubectlWith([configMap(namespace, { a: '1' })], 'apply');
  const patch = JSON.stringify({ data: { a: 'hand', extra: 'hand' } });
  await sandbox.kubectl('-n', namespace, 'patch', 'configmap', 'web', '-p', patch);
  await sandbox.kubectl('-n', namespace, 'label', 'configmap', 'web', 'team=ml');
  const wanted = request([configMap(namespace, { a: '1' })], ['configmap/web']);
  const plan = await sandbox.plan(wanted);
  expect(fieldOf(plan, 'data.a')).toEqual({ path: 'data.a', before: 'hand', after: '1' });
  expect(plan.changes[0]).toMatchObject({
    adoption: { coOwners: ['kubectl-label', 'kubectl-patch'] },
  });
  await sandbox.apply(wanted);
  expect(await dataOf(namespace)).toEqual({ a: '1', extra: 'hand' });
  const live = await sandbox.read(refOf(configMap(namespace, {})));
  expect(live.metadata.labels).toMatchObject({ team: 'ml' });
  expect(hasChanges(await sandbox.plan(wanted))).toBe(false);
  await sandbox.apply(request([configMap(namespace, { b: '2' })]));
  expect(await dataOf(namespace)).toEqual({ b: '2', extra: 'hand' });
});

test('an object without managed fields becomes ours, and keeps what is in nobody’s name', async () => {
  const namespace = await inNamespace('unmanaged');
  await sandbox.kubectlWith([configMap(namespace, { a: '1', b: '2' })], 'create');
  const nobody = JSON.stringify({ metadata: { managedFields: [{}] } });
  await sandbox.kubectl('-n', namespace, 'patch', 'configmap', 'web', '--type=merge', '-p', nobody);
  const wanted = request([configMap(namespace, { a: '1' })], ['all']);
  await sandbox.apply(wanted);
  expect(managersOf(await sandbox.read(refOf(configMap(namespace, {}))))).toEqual([
    'dsdeploy Apply',
  ]);
  expect(await dataOf(namespace)).toEqual({ a: '1', b: '2' });
  await sandbox.apply(request([configMap(namespace, { c: '3' })]));
  expect(await dataOf(namespace)).toEqual({ b: '2', c: '3' });
});

test('a field of a controller is not taken along, but by --take', async () => {
  const namespace = await inNamespace('controller');
  await sandbox.kubectlWith([leaderWorkerSet(namespace, ['engine'])], 'apply');
  const patch = JSON.stringify({ spec: { replicas: 0 } });
  const lws = ['-n', namespace, 'patch', 'lws', 'web', '--type=merge', '-p', patch];
  await sandbox.kubectl(...lws, '--field-manager=queue');
  const wanted = request([leaderWorkerSet(namespace, ['engine'])], ['all']);
  const error = await errorOf(sandbox.plan(wanted));
  expect(error).toMatchObject({
    code: 'FIELD_CONFLICT',
    details: [{ location: '.spec.replicas' }],
  });
  expect(error.details[0]?.message).toMatch(/"queue".*it is 0 in the cluster and 1 in the spec/);
  const { applied } = await sandbox.apply({ ...wanted, take: ['.spec.replicas'] });
  expect(applied.map(({ outcome }) => outcome)).toEqual(['adopted']);
  const live = await sandbox.read(refOf(leaderWorkerSet(namespace, [])));
  expect(live['spec']).toMatchObject({ replicas: 1 });
});

test('a change that the server would refuse is refused by the plan', async () => {
  const namespace = await inNamespace('immutable');
  const claim = (storageClassName?: string): Manifest => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'web', namespace },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
      ...(storageClassName === undefined ? {} : { storageClassName }),
    },
  });
  await sandbox.kubectlWith([claim('fast')], 'apply');
  const error = await errorOf(sandbox.plan(request([claim()], ['all'])));
  expect(error).toMatchObject({ code: 'OBJECT_INVALID' });
  expect(error.message).toContain('immutable');
});

/** Whose objects are never adopted. */
const refusals: readonly {
  readonly owner: string;
  readonly metadata: Pick<Manifest['metadata'], 'labels' | 'annotations'>;
  readonly message: RegExp;
  readonly hint: RegExp;
}[] = [
  {
    owner: 'another ApplySet',
    metadata: { labels: { [applySetNames.partOf]: 'applyset-x-v1' } },
    message: /belongs to the set applyset-x-v1/,
    hint: /cannot be adopted/,
  },
  {
    owner: 'an ApplySet, as its record',
    metadata: { labels: { [applySetNames.id]: 'applyset-x-v1' } },
    message: /is the record of an ApplySet/,
    hint: /cannot be adopted/,
  },
  {
    owner: 'Flux',
    metadata: { labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps' } },
    message: /is kept by Flux/,
    hint: /out of Flux first/,
  },
  {
    owner: 'Argo CD',
    metadata: { annotations: { 'argocd.argoproj.io/tracking-id': 'x' } },
    message: /is kept by Argo CD/,
    hint: /out of Argo CD first/,
  },
];

describe('an object is not adopted that is of', () => {
  test.each(refusals)('$owner', async ({ owner, metadata, message, hint }) => {
    const namespace = await inNamespace(`of-${owner.toLowerCase().replaceAll(/[^a-z]+/g, '-')}`);
    const wanted = configMap(namespace, { a: '1' });
    const theirs = { ...wanted, metadata: { ...wanted.metadata, ...metadata } };
    await sandbox.kubectlWith([theirs], 'create');
    const error = await errorOf(sandbox.plan(request([wanted], ['all'])));
    expect(error.code).toBe('OBJECT_NOT_OWNED');
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(hint);
  });
});

test('an object is not adopted that a controller makes', async () => {
  const namespace = await inNamespace('controlled');
  const owner = { ...configMap(namespace, {}), metadata: { name: 'owner', namespace } };
  await sandbox.kubectlWith([owner], 'create');
  const { uid } = (await sandbox.read(refOf(owner))).metadata;
  const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid }];
  const wanted = configMap(namespace, { a: '1' });
  const theirs = { ...wanted, metadata: { ...wanted.metadata, ownerReferences } };
  await sandbox.kubectlWith([theirs], 'create');
  const error = await errorOf(sandbox.plan(request([wanted], ['all'])));
  expect(error).toMatchObject({
    code: 'OBJECT_NOT_OWNED',
    message: expect.stringContaining('is owned by ConfigMap/owner'),
    hint: expect.stringContaining('makes this object'),
  });
});

test('a name that the spec does not render is a slip of the pen', async () => {
  const wanted = configMap('default', { a: '1' });
  const error = await errorOf(sandbox.plan(request([wanted], ['ConfigMap/wbe'])));
  expect(error).toMatchObject({ code: 'USAGE', subject: '--adopt ConfigMap/wbe' });
  expect(error.hint).toContain('ConfigMap/default/web');
});

test('a namespace is adopted by name, and its refusal says so', async () => {
  const name = await inNamespace('theirs');
  const namespace: Manifest = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
  const wanted = { ...request([configMap(name, { a: '1' }), namespace]), createNamespace: true };
  const error = await errorOf(sandbox.plan(wanted));
  expect(error.code).toBe('NAMESPACE_NOT_OWNED');
  expect(error.hint).toContain('--adopt Namespace/theirs');
  const { applied } = await sandbox.apply({ ...wanted, adopt: ['Namespace/theirs'] });
  expect(applied.map(({ outcome }) => outcome)).toEqual(['adopted', 'created']);
  expect(hasChanges(await sandbox.plan(wanted))).toBe(false);
});

test('an object that moved since the plan is not adopted', async () => {
  const namespace = await inNamespace('moved');
  const wanted = configMap(namespace, { a: '1' });
  await sandbox.kubectlWith([wanted], 'apply');
  const plan = await sandbox.plan(request([wanted], ['all']));
  await sandbox.kubectl('-n', namespace, 'label', 'configmap', 'web', 'moved=yes');
  const watched = new KillableCluster(sandbox.cluster);
  const error = await errorOf(applyPlan(plan, { cluster: watched, host }));
  expect(error.code).toBe('PLAN_STALE');
  expect(watched.writes).toEqual([]);
});

test('an adoption killed at any request converges when it is run again', {
  timeout: 180_000,
}, async () => {
  for (let lives = 0; lives < 100; lives += 1) {
    const namespace = await inNamespace(`killed-${String(lives)}`);
    await sandbox.kubectlWith([configMap(namespace, { a: '1', old: '2' })], 'apply');
    const wanted = request([configMap(namespace, { a: '1' })], ['all']);
    const killed = await sandbox.apply(wanted, new KillableCluster(sandbox.cluster, lives)).then(
      () => false,
      (error: unknown) => error instanceof Killed,
    );
    await sandbox.apply(wanted);
    expect(await dataOf(namespace), `killed after ${String(lives)} requests`).toEqual({ a: '1' });
    expect(managersOf(await sandbox.read(refOf(configMap(namespace, {}))))).toEqual([
      'dsdeploy Apply',
    ]);
    expect(hasChanges(await sandbox.plan(request(wanted.manifests)))).toBe(false);
    if (!killed) return;
  }
  throw new Error('the run never ended');
});

const helm = process.env['DSDEPLOY_TEST_HELM'] || undefined;

describe.skipIf(helm === undefined)('objects adopted from a real Helm release', () => {
  const keep = { 'helm.sh/resource-policy': 'keep' };

  async function runHelm(...args: readonly string[]): Promise<string> {
    const env = { ...process.env, KUBECONFIG: sandbox.state.kubeconfigPath };
    const { stdout } = await promisify(execFile)(helm ?? '', args, { env });
    return stdout;
  }

  /** A release of one ConfigMap, and the chart, whose object can be given annotations. */
  async function install(namespace: string) {
    const chart = join(sandbox.directory, namespace);
    const writeChart = async (annotations: Readonly<Record<string, string>>) => {
      const made = configMap(namespace, { a: '1' });
      const object = { ...made, metadata: { ...made.metadata, annotations } };
      const file = { apiVersion: 'v2', name: 'web', version: '0.1.0' };
      await mkdir(join(chart, 'templates'), { recursive: true });
      await writeFile(join(chart, 'Chart.yaml'), JSON.stringify(file));
      await writeFile(join(chart, 'templates/web.yaml'), JSON.stringify(object));
    };
    await inNamespace(namespace);
    await writeChart({});
    await runHelm('install', 'web', chart, '-n', namespace);
    return { chart, writeChart };
  }

  const wanted = (namespace: string) => request([configMap(namespace, { a: '1' })], ['all']);
  const isThere = async (namespace: string) =>
    (await sandbox.cluster.get(refOf(configMap(namespace, {})))) !== undefined;

  test('go with `helm uninstall`, also where the live object says `keep`', async () => {
    const namespace = 'helm-record';
    await install(namespace);
    await sandbox.apply(wanted(namespace));
    const [key = '', value = ''] = Object.entries(keep).flat();
    await sandbox.kubectl('-n', namespace, 'annotate', 'configmap', 'web', `${key}=${value}`);
    await runHelm('uninstall', 'web', '-n', namespace);
    expect(await isThere(namespace)).toBe(false);
  });

  test('stay once the release is forgotten as the plan says', async () => {
    const namespace = 'helm-forgotten';
    await install(namespace);
    const plan = await sandbox.plan(wanted(namespace));
    const text = renderReleases(
      plan.changes,
      createStyle({ color: false, unicode: false, width: undefined }),
    ).join(' ');
    const command = /`kubectl (-n \S+ delete secret [^`]+)`/.exec(text)?.[1] ?? '';
    await applyPlan(plan, { cluster: sandbox.cluster, host });
    await sandbox.kubectl(...command.split(' '));
    await expect(runHelm('uninstall', 'web', '-n', namespace)).rejects.toThrow(/not found/);
    expect(await isThere(namespace)).toBe(true);
  });

  test('stay with `--forget-release`, and Helm knows the release no more', async () => {
    const namespace = 'helm-forget';
    const { chart, writeChart } = await install(namespace);
    await writeChart({ upgraded: 'yes' });
    await runHelm('upgrade', 'web', chart, '-n', namespace);
    const forgetting = { ...wanted(namespace), forgetReleases: ['web'] };
    await sandbox.apply(forgetting);
    await expect(runHelm('uninstall', 'web', '-n', namespace)).rejects.toThrow(/not found/);
    expect(await isThere(namespace)).toBe(true);
    const again = await sandbox.plan(forgetting);
    expect(hasChanges(again)).toBe(false);
    expect(again.warnings.join()).toContain('nothing to forget');
  });

  test('are not forgotten while another object of the release lives, or Helm has moved on', async () => {
    const namespace = 'helm-half';
    const { chart, writeChart } = await install(namespace);
    const forgetting = { ...wanted(namespace), forgetReleases: ['web'] };
    const other = { ...configMap(namespace, { b: '2' }), metadata: { name: 'other', namespace } };
    await writeFile(join(chart, 'templates/other.yaml'), JSON.stringify(other));
    const bound = await sandbox.plan(forgetting);
    await runHelm('upgrade', 'web', chart, '-n', namespace);
    const stale = applyPlan(bound, { cluster: sandbox.cluster, host });
    await expect(stale).rejects.toMatchObject({ code: 'PLAN_STALE' });
    await expect(sandbox.plan(forgetting)).rejects.toMatchObject({
      code: 'RELEASE_NOT_ADOPTED',
      details: [{ location: `ConfigMap/${namespace}/other` }],
    });
    // Once it is gone from the chart it is gone from the cluster, and nothing stands in the way.
    await rm(join(chart, 'templates/other.yaml'));
    await writeChart({});
    await runHelm('upgrade', 'web', chart, '-n', namespace);
    const rows = (await sandbox.plan(forgetting)).changes.filter(
      ({ action }) => action === 'delete',
    );
    expect(rows.map(({ ref }) => ref.name)).toEqual(
      expect.arrayContaining(['sh.helm.release.v1.web.v1', 'sh.helm.release.v1.web.v3']),
    );
  });

  test('stay where the chart was released with `keep` before', async () => {
    const namespace = 'helm-kept';
    const { chart, writeChart } = await install(namespace);
    await writeChart(keep);
    await runHelm('upgrade', 'web', chart, '-n', namespace);
    await sandbox.apply(wanted(namespace));
    await runHelm('uninstall', 'web', '-n', namespace);
    expect(await isThere(namespace)).toBe(true);
    expect(hasChanges(await sandbox.plan(request([configMap(namespace, { a: '1' })])))).toBe(false);
  });
});
