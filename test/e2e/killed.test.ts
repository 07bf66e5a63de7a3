import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applyPlan } from '../../src/actions/apply/index.ts';
import { destroyDeployment, planDestroy } from '../../src/actions/destroy/index.ts';
import { prepareRevision, readHistory, readRollback } from '../../src/actions/history/index.ts';
import type { Clock } from '../../src/actions/host.ts';
import { readInventory } from '../../src/actions/inventory/index.ts';
import { type PlanRequest, planDeployment } from '../../src/actions/plan/index.ts';
import { dumpSpec } from '../../src/actions/render/plan-request.ts';
import { readSavedPlan, writeSavedPlan } from '../../src/actions/saved-plan/index.ts';
import type { Cluster } from '../../src/cluster/index.ts';
import { nodeFiles } from '../../src/commands/process/node-files.ts';
import { planLayout } from '../../src/layout/index.ts';
import { formatRef, type Manifest, type ObjectRef, refOf } from '../../src/manifest/index.ts';
import { type DeploymentId, hasChanges, lockRef } from '../../src/plan/index.ts';
import { RecordingHost } from '../actions/recording-host.ts';
import { aTemplateSpec } from '../render/a-layout.ts';
import { managersOf, openTestSandbox, type TestSandbox } from './a-sandbox.ts';
import { KillableCluster, Killed } from './killable-cluster.ts';

const host = new RecordingHost();
const owner = { operator: 'ann@laptop', processId: 1 };

let sandbox: TestSandbox;
let cluster: Cluster;

beforeAll(async () => {
  sandbox = await openTestSandbox('killed');
  ({ cluster } = sandbox);
}, 900_000);

afterAll(() => sandbox.close(), 60_000);

/**
 * A clock that is some minutes ahead, so that what a killed run has locked expired long ago, and sleeps
 * no longer than told.
 */
function clockAhead(minutes = 0, longestSleepMs = 200): Clock {
  return {
    nowMs: () => Date.now() + minutes * 60_000,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, Math.min(ms, longestSleepMs))),
  };
}

/** Runs that are killed, each after one more request, until one is not; as many at a time as told. */
async function killAtEveryRequest(
  run: (lives: number) => Promise<boolean>,
  { atATime }: { readonly atATime: number },
): Promise<number> {
  for (let lives = 0; lives < 200; lives += atATime) {
    const runs = Array.from({ length: atATime }, (_, index) => run(lives + index));
    const killed = await Promise.all(runs);
    if (killed.includes(false)) return lives + killed.indexOf(false);
  }
  throw new Error('the run never ended');
}

async function isKilled(run: Promise<unknown>): Promise<boolean> {
  try {
    await run;
    return false;
  } catch (error) {
    if (error instanceof Killed) return true;
    throw error;
  }
}

/** Everything a deployment may consist of as far as deleting it goes. */
function objectsOf({ name, namespace }: DeploymentId): Manifest[] {
  const metadata = { name, namespace };
  const containers = [{ name: 'engine', image: 'example.com/e:1' }];
  return [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { a: '1' } },
    { apiVersion: 'v1', kind: 'Service', metadata, spec: { ports: [{ port: 80 }] } },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata,
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    },
    {
      apiVersion: 'leaderworkerset.x-k8s.io/v1',
      kind: 'LeaderWorkerSet',
      metadata,
      spec: {
        replicas: 1,
        leaderWorkerTemplate: { size: 2, workerTemplate: { spec: { containers } } },
      },
    },
  ];
}

async function apply(request: PlanRequest, spec = 'a: 1\n', through = cluster) {
  const clock = clockAhead();
  const plan = await planDeployment(request, { cluster: through, host });
  const ports = { cluster: through, host, clock, operator: owner.operator };
  const last = await prepareRevision({ plan, spec }, ports);
  await applyPlan(plan, { ...ports, last, lock: { owner, clock } });
}

interface DestroyTry {
  readonly through?: Cluster;
  readonly minutes?: number;
  readonly longestSleepMs?: number;
  readonly includeVolumes?: boolean;
}

async function destroy(
  deployment: DeploymentId,
  { through = cluster, minutes = 0, longestSleepMs, includeVolumes = false }: DestroyTry = {},
) {
  const plan = await planDestroy(deployment, { cluster: through }, { includeVolumes });
  const clock = clockAhead(minutes, longestSleepMs);
  return await destroyDeployment(plan, { cluster: through, host, clock, owner });
}

const configMap = (namespace: string, name: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace },
  data: { a: '1' },
});

async function exists(ref: ObjectRef): Promise<boolean> {
  return (await cluster.get(ref)) !== undefined;
}

/** What the deployment has left, but for what `destroy` keeps by design. */
async function leftOf(deployment: DeploymentId): Promise<string[]> {
  const kinds = [
    { apiVersion: 'v1', kind: 'ConfigMap' },
    { apiVersion: 'v1', kind: 'Service' },
    { apiVersion: 'leaderworkerset.x-k8s.io/v1', kind: 'LeaderWorkerSet' },
    { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' },
  ];
  const found: string[] = [];
  for (const kind of kinds) {
    for (const object of await cluster.list(kind, { namespace: deployment.namespace }))
      if (object.metadata.name.startsWith(deployment.name)) found.push(formatRef(refOf(object)));
  }
  return found.toSorted();
}

describe.concurrent('a destroy killed at any request', () => {
  test('goes on when it is run again, leaves no lock, and deletes nothing of others', {
    timeout: 600_000,
  }, async () => {
    const namespace = 'shared';
    await sandbox.kubectl('create', 'namespace', namespace);
    const theirs = [configMap(namespace, 'theirs'), configMap(namespace, 'a-neighbour')];
    await sandbox.kubectlWith(theirs, 'create');
    const neighbour = { name: 'beside', namespace };
    const beside = [configMap(namespace, 'beside')];
    await apply({ deployment: neighbour, manifests: beside, createNamespace: false });
    const kills = await killAtEveryRequest(
      async (lives) => {
        const name = `run-${String(lives)}-x`;
        const deployment = { name, namespace };
        await apply({ deployment, manifests: objectsOf(deployment), createNamespace: false });
        const dying = new KillableCluster(cluster, lives);
        const killed = await isKilled(destroy(deployment, { through: dying }));
        await destroy(deployment, { minutes: 10 });
        expect(await leftOf(deployment), `after ${String(lives)} requests`).toEqual([
          `ConfigMap/${namespace}/${name}-inventory`,
        ]);
        // The data is kept, and on record.
        const { entries } = await readInventory(deployment, { cluster });
        expect(entries.map(({ kind }) => kind)).toEqual(['PersistentVolumeClaim']);
        await destroy(deployment, { minutes: 20, includeVolumes: true });
        expect(await leftOf(deployment)).toEqual([]);
        return killed;
      },
      { atATime: 8 },
    );
    expect(kills).toBeGreaterThan(15);
    for (const object of [...theirs, ...beside]) expect(await exists(refOf(object))).toBe(true);
    const { entries } = await readInventory(neighbour, { cluster });
    expect(entries.map(({ name }) => name)).toEqual(['beside']);
  });

  test('in a namespace of its own, which goes last', { timeout: 900_000 }, async () => {
    const kills = await killAtEveryRequest(
      async (lives) => {
        const namespace = `own-${String(lives)}`;
        const deployment = { name: 'v32', namespace };
        const own: Manifest = {
          apiVersion: 'v1',
          kind: 'Namespace',
          metadata: { name: namespace },
        };
        const manifests = [own, configMap(namespace, 'a')];
        await apply({ deployment, manifests, createNamespace: true });
        const dying = new KillableCluster(cluster, lives);
        // The server takes its time, and to be killed at any of many looks at it is the same.
        const killed = await isKilled(
          destroy(deployment, { through: dying, longestSleepMs: 1000 }),
        );
        await destroy(deployment, { minutes: 10 });
        expect(await exists(refOf(own)), `after ${String(lives)}`).toBe(false);
        return killed;
      },
      { atATime: 32 },
    );
    expect(kills).toBeGreaterThan(15);
  });
});

/** A ConfigMap with a value, in a namespace that is there. */
function valueRequest(namespace: string, value: string): PlanRequest {
  const manifest = { ...configMap(namespace, 'settings'), data: { value } };
  return {
    deployment: { name: 'v32', namespace },
    manifests: [manifest],
    createNamespace: false,
  };
}

async function valueOf(namespace: string): Promise<unknown> {
  return (await sandbox.read(refOf(configMap(namespace, 'settings'))))['data'];
}

test.concurrent('a rollback killed at any request goes on when it is run again, as one revision', {
  timeout: 300_000,
}, async () => {
  const spec = dumpSpec(aTemplateSpec('h200-vllm-2-nodes'));
  await killAtEveryRequest(
    async (lives) => {
      const namespace = `back-${String(lives)}`;
      await sandbox.kubectl('create', 'namespace', namespace);
      const { deployment } = valueRequest(namespace, '1');
      await apply(valueRequest(namespace, '1'), spec);
      await apply(valueRequest(namespace, '2'), spec);
      const rollBack = async (through: Cluster, minutes = 0) => {
        const clock = clockAhead(minutes);
        // No number is given: once the revision is recorded it is the current one, and gone on with.
        const { manifests, number } = await readRollback(deployment, undefined, {
          cluster: through,
          host,
        });
        const request = { deployment, manifests, createNamespace: false };
        const plan = await planDeployment(request, { cluster: through, host });
        const ports = { cluster: through, host, clock, operator: owner.operator };
        const last = await prepareRevision({ plan, spec, rollbackOf: number }, ports);
        await applyPlan(plan, { ...ports, last, lock: { owner, clock } });
      };
      const killed = await isKilled(rollBack(new KillableCluster(cluster, lives)));
      await rollBack(cluster, 10);
      expect(await valueOf(namespace), `after ${String(lives)} requests`).toEqual({ value: '1' });
      const { revisions } = await readHistory(deployment, { cluster });
      expect(revisions.map(({ number, rollbackOf }) => [number, rollbackOf])).toEqual([
        [1, undefined],
        [2, undefined],
        [3, 1],
      ]);
      // A lock that is left is taken over and away by the next run that has something to do.
      const next = valueRequest(namespace, '3');
      const clock = clockAhead(20);
      const plan = await planDeployment(next, { cluster, host });
      await applyPlan(plan, { cluster, host, lock: { owner, clock } });
      expect(await exists(lockRef(deployment))).toBe(false);
      return killed;
    },
    { atATime: 4 },
  );
});

test.concurrent('a saved plan that adopts, killed at any request, is finished or made anew', {
  timeout: 300_000,
}, async () => {
  const layout = planLayout(aTemplateSpec('h200-vllm-2-nodes'));
  await killAtEveryRequest(
    async (lives) => {
      const namespace = `saved-${String(lives)}`;
      await sandbox.kubectl('create', 'namespace', namespace);
      const theirs = { ...configMap(namespace, 'settings'), data: { old: '1' } };
      await sandbox.kubectlWith([theirs, configMap(namespace, 'theirs')], 'apply');
      const request = { ...valueRequest(namespace, '1'), adopt: ['all'] };
      const path = join(sandbox.directory, `${namespace}.json`);
      const made = await planDeployment(request, { cluster, host });
      await writeSavedPlan({ plan: made, layout }, path, { files: nodeFiles, clock: clockAhead() });
      const applyFile = async (through: Cluster, minutes = 0) => {
        const { plan } = await readSavedPlan(path, nodeFiles);
        const lock = { owner, clock: clockAhead(minutes) };
        await applyPlan(plan, { cluster: through, host, lock });
      };
      const killed = await isKilled(applyFile(new KillableCluster(cluster, lives)));
      const again = await applyFile(cluster, 10).catch((error: unknown) => error);
      // Once it has written, the file is of a cluster that is no more: exit 5, and a new plan goes on.
      if (again !== undefined) {
        expect(again).toMatchObject({ code: 'PLAN_STALE' });
        const plan = await planDeployment(request, { cluster, host });
        await applyPlan(plan, { cluster, host, lock: { owner, clock: clockAhead(10) } });
      }
      expect(await valueOf(namespace), `after ${String(lives)} requests`).toEqual({ value: '1' });
      const live = await sandbox.read(refOf(theirs));
      expect(managersOf(live)).toEqual(['dsdeploy Apply']);
      const { adopt: _adopt, ...plain } = request;
      expect(hasChanges(await planDeployment(plain, { cluster, host }))).toBe(false);
      expect(await exists(refOf(configMap(namespace, 'theirs')))).toBe(true);
      return killed;
    },
    { atATime: 4 },
  );
});
