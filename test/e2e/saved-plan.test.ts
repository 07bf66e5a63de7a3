import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { applyPlan } from '../../src/actions/apply/index.ts';
import { planDeployment } from '../../src/actions/plan/index.ts';
import { readSavedPlan, writeSavedPlan } from '../../src/actions/saved-plan/index.ts';
import type { Cluster } from '../../src/cluster/index.ts';
import { nodeFiles } from '../../src/commands/process/node-files.ts';
import { planLayout } from '../../src/layout/index.ts';
import type { Manifest } from '../../src/manifest/index.ts';
import { errorOf } from '../actions/error-of.ts';
import { FakeClock, RecordingHost } from '../actions/recording-host.ts';
import { aTemplateSpec } from '../render/a-layout.ts';
import { openTestSandbox, type TestSandbox } from './a-sandbox.ts';
import { KillableCluster } from './killable-cluster.ts';

const host = new RecordingHost();
const layout = planLayout(aTemplateSpec('h200-vllm-2-nodes'));

let sandbox: TestSandbox;
let cluster: Cluster;

beforeAll(async () => {
  sandbox = await openTestSandbox('saved');
  ({ cluster } = sandbox);
  await sandbox.kubectl('create', 'namespace', 'saved');
}, 900_000);

afterAll(() => sandbox.close(), 60_000);

function request(name: string, value: string, take: readonly string[] = []) {
  const manifests: Manifest[] = ['a', 'b'].map((key) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `${name}-${key}`, namespace: 'saved' },
    data: { value },
  }));
  return { deployment: { name, namespace: 'saved' }, manifests, createNamespace: false, take };
}

async function save(...args: Parameters<typeof request>): Promise<string> {
  const plan = await planDeployment(request(...args), { cluster, host });
  const path = join(sandbox.directory, `${args[0]}.json`);
  await writeSavedPlan({ plan, layout }, path, { files: nodeFiles, clock: new FakeClock() });
  return path;
}

async function applyFile(path: string, through: Cluster = cluster) {
  const { plan } = await readSavedPlan(path, nodeFiles);
  return await applyPlan(plan, { cluster: through, host });
}

async function dataOf(name: string): Promise<unknown> {
  const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'saved', name };
  return (await cluster.get(ref))?.['data'];
}

describe('a saved plan', () => {
  test('is applied as it was, and once only', async () => {
    const path = await save('once', '1');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await applyFile(path)).applied.map(({ outcome }) => outcome)).toEqual([
      'created',
      'created',
    ]);
    expect(await dataOf('once-a')).toEqual({ value: '1' });
    expect((await errorOf(applyFile(path))).code).toBe('PLAN_STALE');
  });

  test('is not applied once an object moved, and every one that did is named', async () => {
    await applyFile(await save('moved', '1'));
    const path = await save('moved', '2');
    await sandbox.kubectl('-n', 'saved', 'annotate', 'configmap', 'moved-a', 'by=hand');
    await sandbox.kubectl('-n', 'saved', 'delete', 'configmap', 'moved-b');
    const watched = new KillableCluster(cluster);
    const error = await errorOf(applyFile(path, watched));
    expect(error).toMatchObject({ code: 'PLAN_STALE', exitCode: 5 });
    expect(error.details).toMatchObject([
      { location: 'ConfigMap/saved/moved-a', message: expect.stringContaining('edited') },
      { location: 'ConfigMap/saved/moved-b', message: 'it was deleted' },
    ]);
    expect(watched.writes).toEqual([]);
  });

  test('is refused after an edit by hand', async () => {
    const path = await save('edited', '1');
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replaceAll('"value": "1"', '"value": "9"'));
    expect((await errorOf(applyFile(path))).code).toBe('PLAN_FILE_INVALID');
    expect(await dataOf('edited-a')).toBeUndefined();
  });
});

test('a field of another manager is told with both values, and taken when it is named', async () => {
  await applyFile(await save('field', '1'));
  await sandbox.kubectl(
    '-n',
    'saved',
    'patch',
    'configmap',
    'field-a',
    '-p',
    '{"data":{"value":"hand"}}',
  );
  const error = await errorOf(save('field', '2'));
  expect(error).toMatchObject({ code: 'FIELD_CONFLICT', subject: 'ConfigMap/saved/field-a' });
  expect(error.details).toMatchObject([{ location: '.data.value' }]);
  expect(error.details[0]?.message).toMatch(/"kubectl-patch".*"hand".*"2"/);
  expect(error.hint).toContain("--take '.data.value'");

  await applyFile(await save('field', '2', ['data.value']));
  expect(await dataOf('field-a')).toEqual({ value: '2' });
});

test('a field that was not named is not taken along', async () => {
  await applyFile(await save('other', '1'));
  await sandbox.kubectl(
    '-n',
    'saved',
    'patch',
    'configmap',
    'other-a',
    '-p',
    '{"data":{"value":"hand"}}',
  );
  expect((await errorOf(save('other', '2', ['data.another']))).code).toBe('FIELD_CONFLICT');
});

/** A claim and a ConfigMap whose value makes the plans differ. */
function claimRequest(value: string) {
  const metadata = (name: string) => ({ name, namespace: 'saved' });
  const claim: Manifest = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: metadata('weights'),
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: '',
      resources: { requests: { storage: '1Gi' } },
    },
  };
  const settings = { apiVersion: 'v1', kind: 'ConfigMap', metadata: metadata('settings') };
  return {
    deployment: { name: 'claimed', namespace: 'saved' },
    manifests: [claim, { ...settings, data: { value } }],
    createNamespace: false,
    take: [],
  };
}

async function planClaim(value: string) {
  return await planDeployment(claimRequest(value), { cluster, host });
}

async function claimPhase(): Promise<unknown> {
  const ref = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: 'saved' };
  const claim = await cluster.get({ ...ref, name: 'weights' });
  return (claim?.['status'] as { readonly phase?: string } | undefined)?.phase;
}

test('what controllers write after the plan does not make it stale, and an edit by hand does', {
  timeout: 180_000,
}, async () => {
  await applyPlan(await planClaim('1'), { cluster, host });
  const plan = await planClaim('2');
  const volume = join(sandbox.directory, 'volume.json');
  const spec = {
    capacity: { storage: '1Gi' },
    accessModes: ['ReadWriteOnce'],
    hostPath: { path: '/data' },
  };
  const metadata = { name: 'weights' };
  await writeFile(
    volume,
    JSON.stringify({ apiVersion: 'v1', kind: 'PersistentVolume', metadata, spec }),
  );
  await sandbox.kubectl('create', '-f', volume);
  // The control plane writes volumeName and annotations into the claim.
  await vi.waitUntil(async () => (await claimPhase()) === 'Bound', { timeout: 120_000 });
  await applyPlan(plan, { cluster, host });
  expect(await dataOf('settings')).toEqual({ value: '2' });

  const next = await planClaim('3');
  await sandbox.kubectl('-n', 'saved', 'annotate', 'pvc', 'weights', 'by=hand');
  const error = await errorOf(applyPlan(next, { cluster, host }));
  expect(error.code).toBe('PLAN_STALE');
  expect(error.details).toMatchObject([
    {
      location: 'PersistentVolumeClaim/saved/weights',
      message: expect.stringContaining('last writer "kubectl-annotate"'),
    },
  ]);
});
