import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applyPlan } from '../../src/actions/apply/index.ts';
import { destroyDeployment, planDestroy } from '../../src/actions/destroy/index.ts';
import type { Clock } from '../../src/actions/host.ts';
import { readInventory } from '../../src/actions/inventory/index.ts';
import { type PlanRequest, planDeployment } from '../../src/actions/plan/index.ts';
import type { Cluster } from '../../src/cluster/index.ts';
import { planLayout } from '../../src/layout/index.ts';
import { formatRef, type Manifest, type ObjectRef } from '../../src/manifest/index.ts';
import { hasChanges, lockRef, type Plan } from '../../src/plan/index.ts';
import { renderManifests } from '../../src/render/index.ts';
import type { GroupSpec } from '../../src/spec/index.ts';
import { errorOf } from '../actions/error-of.ts';
import { FakeClock, RecordingHost } from '../actions/recording-host.ts';
import { aTemplateSpec } from '../render/a-layout.ts';
import { openTestSandbox, type TestSandbox, until } from './a-sandbox.ts';
import { KillableCluster, Killed } from './killable-cluster.ts';

const host = new RecordingHost();
const clock: Clock = {
  nowMs: () => Date.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

let sandbox: TestSandbox;
let cluster: Cluster;

beforeAll(async () => {
  sandbox = await openTestSandbox('apply', {
    nodes: [{ kind: 'h200', count: 4 }],
  });
  ({ cluster } = sandbox);
}, 900_000);

afterAll(() => sandbox.close(), 60_000);

/** The template's deployment in a namespace of its own. */
function templateRequest(namespace: string, group: Partial<GroupSpec> = {}): PlanRequest {
  const template = aTemplateSpec('h200-vllm-2-nodes');
  const groups = template.groups.map((given) => ({ ...given, ...group }));
  // Without a key, so that leaders get ready in namespaces that hold nothing of others.
  const api = { ...template.api, keySecret: 'none' } as const;
  const pools = template.pools.map((pool) => ({ ...pool, nodes: 6 }));
  const spec = { ...template, namespace, groups, api, pools };
  return {
    deployment: { name: spec.name, namespace },
    manifests: renderManifests(planLayout(spec)),
    createNamespace: true,
  };
}

async function plan(request: PlanRequest, through: Cluster = cluster): Promise<Plan> {
  return await planDeployment(request, { cluster: through, host });
}

async function apply(request: PlanRequest, through: Cluster = cluster) {
  // A clock of its own for each, so that a lock whose holder was killed is not waited for.
  const lock = { owner: { operator: 'ann@laptop', processId: 1 }, clock: new FakeClock() };
  return await applyPlan(await plan(request, through), { cluster: through, host, lock });
}

async function destroy({ deployment }: PlanRequest) {
  const made = await planDestroy(deployment, { cluster });
  return await destroyDeployment(made, { cluster, host, clock });
}

/** Names and UIDs of the pods of a namespace, leaders and workers. */
async function readPods(namespace: string): Promise<ReadonlyMap<string, string>> {
  const pods = await cluster.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace });
  return new Map(pods.map(({ metadata }) => [metadata.name, metadata.uid]));
}

describe('the template on an empty cluster', () => {
  const request = templateRequest('empty');

  test('is planned, applied, unchanged, and destroyed without a trace', {
    timeout: 120_000,
  }, async () => {
    const first = await plan(request);
    expect(first.changes.every(({ action }) => action === 'create')).toBe(true);
    await applyPlan(first, { cluster, host });
    expect(hasChanges(await plan(request))).toBe(false);

    const watched = new KillableCluster(cluster);
    await apply(request, watched);
    expect(watched.writes).toEqual([]);

    const { deleted } = await destroy(request);
    expect(deleted).toHaveLength(request.manifests.length);
    const gone = await cluster.get({ apiVersion: 'v1', kind: 'Namespace', name: 'empty' });
    expect(gone).toBeUndefined();
    expect((await destroy(request)).deleted).toEqual([]);
  });
});

// Each of these goes on from what the one before has left: a start takes longer than all of them.
describe('a deployment that runs', { shuffle: false }, () => {
  const namespace = 'running';
  const request = templateRequest(namespace);
  const lws: ObjectRef = {
    apiVersion: 'leaderworkerset.x-k8s.io/v1',
    kind: 'LeaderWorkerSet',
    namespace,
    name: `${request.deployment.name}-main`,
  };

  beforeAll(async () => {
    await apply(request);
    await until(async () => (await readPods(namespace)).size === 2);
  }, 60_000);

  test('keeps its pods when a group is added, and loses them when the template changes, as the plan says', {
    timeout: 120_000,
  }, async () => {
    const before = await readPods(namespace);
    const scaled = templateRequest(namespace, { replicas: 2 });
    const growing = await plan(scaled);
    expect(disruptionOf(growing)).toMatchObject({ effect: 'scales-groups', groups: [1], pods: 2 });
    await applyPlan(growing, { cluster, host });
    await until(async () => (await readPods(namespace)).size === 4);
    for (const [name, uid] of before) expect((await readPods(namespace)).get(name)).toBe(uid);

    const running = await readPods(namespace);
    const changed = templateRequest(namespace, { replicas: 2, contextTokens: 65_536 });
    const restarting = await plan(changed);
    expect(disruptionOf(restarting)).toMatchObject({
      effect: 'restarts-groups',
      groups: [0, 1],
      pods: 4,
    });
    await applyPlan(restarting, { cluster, host });
    await until(async () => {
      const now = await readPods(namespace);
      return now.size === 4 && [...now].every(([name, uid]) => running.get(name) !== uid);
    });
  });

  test('is planned with a conflict when somebody else set a field', async () => {
    await sandbox.kubectl('-n', namespace, 'scale', 'lws', lws.name, '--replicas=3');
    const error = await errorOf(plan(templateRequest(namespace, { replicas: 2 })));
    expect(error.code).toBe('FIELD_CONFLICT');
    expect(JSON.stringify(error.details)).toMatch(/kubectl.*replicas|replicas.*kubectl/);
  });

  test('is not written to by a plan made before somebody edited it', async () => {
    const made = await plan(templateRequest(namespace, { replicas: 3, contextTokens: 32_768 }));
    await sandbox.kubectl('-n', namespace, 'annotate', 'lws', lws.name, 'example.com/by=hand');
    const watched = new KillableCluster(cluster);
    const error = await errorOf(applyPlan(made, { cluster: watched, host }));
    expect(error).toMatchObject({ code: 'PLAN_STALE', exitCode: 5 });
    expect(error.details).toMatchObject([{ location: formatRef(lws) }]);
    expect(watched.writes).toEqual([]);
  });

  test('leaves what others put into its namespace', { timeout: 120_000 }, async () => {
    await sandbox.kubectl('-n', namespace, 'create', 'configmap', 'theirs');
    const { retained } = await destroy(request);
    expect(retained.map(({ ref }) => formatRef(ref))).toEqual([`Namespace/${namespace}`]);
    expect(retained[0]?.reason).toContain(`ConfigMap/${namespace}/theirs`);
    expect(await readPods(namespace)).toHaveLength(0);

    await sandbox.kubectl('-n', namespace, 'delete', 'configmap', 'theirs');
    expect((await destroy(request)).deleted.map((ref) => formatRef(ref))).toEqual([
      `Namespace/${namespace}`,
    ]);
  });
});

describe('what is not ours', () => {
  test('is not taken over: a namespace', async () => {
    await sandbox.kubectl('create', 'namespace', 'foreign');
    const error = await errorOf(plan(templateRequest('foreign')));
    expect(error).toMatchObject({
      code: 'NAMESPACE_NOT_OWNED',
      message: expect.stringContaining('kubectl-create'),
    });
  });

  test('is not taken over: an object', async () => {
    await sandbox.kubectl('create', 'namespace', 'shared');
    await sandbox.kubectl('-n', 'shared', 'create', 'configmap', 'small-a');
    const error = await errorOf(plan(smallRequest('small', 'shared')));
    expect(error).toMatchObject({ code: 'OBJECT_NOT_OWNED', subject: 'ConfigMap/shared/small-a' });
  });
});

/** Few objects in a namespace that is there. */
function smallRequest(name: string, namespace: string, keys = ['a', 'b']): PlanRequest {
  const manifests: Manifest[] = keys.map((key) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `${name}-${key}`, namespace },
    data: { key },
  }));
  return { deployment: { name, namespace }, manifests, createNamespace: false };
}

test('an apply killed at any request converges when it is run again', {
  timeout: 180_000,
}, async () => {
  await sandbox.kubectl('create', 'namespace', 'killed');
  for (let lives = 0; lives < 100; lives += 1) {
    const name = `run-${String(lives)}`;
    const second = smallRequest(name, 'killed', ['b', 'c']);
    await apply(smallRequest(name, 'killed'));
    const killed = await apply(second, new KillableCluster(cluster, lives)).then(
      () => false,
      (error: unknown) => error instanceof Killed,
    );
    await apply(second);
    expect(hasChanges(await plan(second))).toBe(false);
    const { entries } = await readInventory(second.deployment, { cluster });
    expect(entries.map((entry) => entry.name)).toEqual([`${name}-b`, `${name}-c`]);
    // A deletion in the foreground ends a moment after the server has accepted it.
    const removed = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'killed', name: `${name}-a` };
    await until(async () => (await cluster.get(removed)) === undefined);
    // Whoever is killed leaves a lock behind; the next run with something to do takes it over and away.
    await apply(smallRequest(name, 'killed', ['b']));
    expect(await cluster.get(lockRef(second.deployment))).toBeUndefined();
    if (!killed) return;
  }
  throw new Error('the run never ended');
});

function disruptionOf({ changes }: Plan) {
  const update = changes.find(({ ref }) => ref.kind === 'LeaderWorkerSet');
  return update?.action === 'update' ? update.disruption : undefined;
}
