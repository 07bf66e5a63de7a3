import { describe, expect, test } from 'vitest';
import { applyPlan } from '../../../src/actions/apply/index.ts';
import { readInventory } from '../../../src/actions/inventory/index.ts';
import { type PlanRequest, planDeployment, planOffline } from '../../../src/actions/plan/index.ts';
import { DsdeployError } from '../../../src/errors/index.ts';
import { formatRef, refOf } from '../../../src/manifest/index.ts';
import { hasChanges } from '../../../src/plan/index.ts';
import { errorOf } from '../error-of.ts';
import { FakeCluster, Killed } from '../fake-cluster.ts';
import {
  aRequest,
  configMap,
  deployment,
  leaderWorkerSet,
  without,
} from '../fixture-deployment.ts';
import { RecordingHost } from '../recording-host.ts';

const host = new RecordingHost();

async function plan(cluster: FakeCluster, request: PlanRequest = aRequest()) {
  return await planDeployment(request, { cluster, host });
}

async function apply(cluster: FakeCluster, request: PlanRequest = aRequest()) {
  return await applyPlan(await plan(cluster, request), { cluster, host });
}

/** The same deployment with another image, one object less and one more. */
function changedRequest(): PlanRequest {
  const kept = without(aRequest(), 'v32-main', 'v32-other').manifests;
  const manifests = [...kept, leaderWorkerSet({ image: 'vllm:2' }), configMap('v32-new')];
  return aRequest({ manifests });
}

describe('applyPlan()', () => {
  test('writes the namespace, the inventory, objects in order, and the inventory again', async () => {
    const cluster = new FakeCluster();
    await apply(cluster);
    expect(cluster.writes).toEqual([
      'apply Namespace/llm',
      'apply ConfigMap/llm/v32-inventory',
      'apply ConfigMap/llm/v32-other',
      'apply ConfigMap/llm/v32-start',
      'apply Service/llm/v32-api',
      'apply LeaderWorkerSet/llm/v32-main',
      'apply ConfigMap/llm/v32-inventory',
    ]);
  });

  test('tells what it did, in the order of the plan', async () => {
    const cluster = new FakeCluster();
    await apply(cluster);
    const result = await apply(cluster, changedRequest());
    expect(result.applied.map(({ ref, outcome }) => `${outcome} ${formatRef(ref)}`)).toEqual([
      'unchanged Namespace/llm',
      'created ConfigMap/llm/v32-new',
      'unchanged ConfigMap/llm/v32-start',
      'unchanged Service/llm/v32-api',
      'updated LeaderWorkerSet/llm/v32-main',
      'deleted ConfigMap/llm/v32-other',
    ]);
  });

  test('writes nothing when nothing changed', async () => {
    const cluster = new FakeCluster();
    await apply(cluster);
    cluster.reset();
    const result = await apply(cluster);
    expect(cluster.writes).toEqual([]);
    expect(result.applied.every(({ outcome }) => outcome === 'unchanged')).toBe(true);
  });

  test('writes one object when one changed', async () => {
    const cluster = new FakeCluster();
    await apply(cluster);
    cluster.reset();
    const kept = without(aRequest(), 'v32-main').manifests;
    await apply(cluster, aRequest({ manifests: [...kept, leaderWorkerSet({ replicas: 3 })] }));
    expect(cluster.writes).toEqual(['apply LeaderWorkerSet/llm/v32-main']);
  });

  test('records every object with its UID', async () => {
    const cluster = new FakeCluster();
    await apply(cluster);
    const { entries } = await readInventory(deployment, { cluster });
    expect(entries.map((entry) => formatRef(entry))).toEqual([
      'Namespace/llm',
      'ConfigMap/llm/v32-other',
      'ConfigMap/llm/v32-start',
      'Service/llm/v32-api',
      'LeaderWorkerSet/llm/v32-main',
    ]);
    for (const { kind, name, uid } of entries)
      expect(uid).toBe(cluster.find(kind, name)?.metadata.uid);
  });

  test('refuses a plan made offline', async () => {
    const cluster = new FakeCluster();
    expect((await errorOf(applyPlan(planOffline(aRequest()), { cluster, host }))).code).toBe(
      'INTERNAL',
    );
  });
});

/** What somebody does between plan and apply. */
const moves: readonly {
  readonly scenario: string;
  readonly move: (cluster: FakeCluster) => void;
  readonly location: string;
  readonly message: RegExp;
}[] = [
  {
    scenario: 'edits an object',
    move: (cluster) => cluster.put(configMap('v32-start', { a: 'edited' })),
    location: 'ConfigMap/llm/v32-start',
    message: /was edited/,
  },
  {
    scenario: 'deletes an object',
    move: (cluster) => {
      cluster.drop(refOf(configMap('v32-start')));
    },
    location: 'ConfigMap/llm/v32-start',
    message: /was deleted/,
  },
  {
    scenario: 'deletes and makes an object',
    move: (cluster) => {
      cluster.drop(refOf(configMap('v32-start')));
      cluster.put(configMap('v32-start'));
    },
    location: 'ConfigMap/llm/v32-start',
    message: /made again/,
  },
  {
    scenario: 'makes an object that is to be created',
    move: (cluster) => cluster.put(configMap('v32-new')),
    location: 'ConfigMap/llm/v32-new',
    message: /made meanwhile by kubectl/,
  },
  {
    scenario: 'edits an object that is to be deleted',
    move: (cluster) => cluster.put(configMap('v32-other', { a: 'edited' })),
    location: 'ConfigMap/llm/v32-other',
    message: /was edited/,
  },
];

describe('a plan is stale when somebody', () => {
  test.each(moves)('$scenario', async ({ move, location, message }) => {
    const cluster = new FakeCluster();
    await apply(cluster);
    const made = await plan(cluster, changedRequest());
    move(cluster);
    cluster.reset();
    const error = await errorOf(applyPlan(made, { cluster, host }));
    expect(error).toMatchObject({ code: 'PLAN_STALE', exitCode: 5 });
    expect(error.details).toMatchObject([{ location, message: expect.stringMatching(message) }]);
    expect(cluster.writes).toEqual([]);
  });

  test('applies another plan', async () => {
    const cluster = new FakeCluster();
    await apply(cluster);
    const made = await plan(cluster, changedRequest());
    await apply(cluster, without(aRequest(), 'v32-api'));
    const error = await errorOf(applyPlan(made, { cluster, host }));
    expect(error.details.map(({ location }) => location)).toContain('ConfigMap/llm/v32-inventory');
  });

  test('points the context at another cluster', async () => {
    const cluster = new FakeCluster();
    const made = await plan(cluster);
    cluster.target = { ...cluster.target, clusterUid: 'cluster-2' };
    cluster.reset();
    const error = await errorOf(applyPlan(made, { cluster, host }));
    expect(error.code).toBe('PLAN_STALE');
    expect(cluster.writes).toEqual([]);
  });
});

test('an object that is made again after the check is not written to', async () => {
  const cluster = new FakeCluster();
  await apply(cluster);
  const made = await plan(cluster, changedRequest());
  cluster.before = ({ verb, ref }) => {
    if (verb !== 'apply' || ref.kind !== 'LeaderWorkerSet') return;
    cluster.drop(ref);
    cluster.put(leaderWorkerSet({ image: 'theirs' }));
  };
  const error = await errorOf(applyPlan(made, { cluster, host }));
  expect(error).toMatchObject({ code: 'APPLY_FAILED', cause: { code: 'OBJECT_CHANGED' } });
});

test('a plan outlives a change of status, which moves resourceVersion', async () => {
  const cluster = new FakeCluster();
  await apply(cluster);
  const made = await plan(cluster, changedRequest());
  const live = cluster.find('LeaderWorkerSet', 'v32-main');
  if (live === undefined) throw new Error('there is no LeaderWorkerSet');
  const { generation, managedFields } = live.metadata;
  const { resourceVersion } = cluster.put({ ...live, status: { readyReplicas: 1 } }).metadata;
  expect(resourceVersion).not.toBe(live.metadata.resourceVersion);
  cluster.objects.forEach((object, id) => {
    if (object.kind !== 'LeaderWorkerSet') return;
    // A controller adds itself to the managers, and moves no generation.
    const metadata = { ...object.metadata, generation: generation ?? 0, managedFields };
    cluster.objects.set(id, { ...object, metadata });
  });
  await expect(applyPlan(made, { cluster, host })).resolves.toBeDefined();
});

describe('when an object is refused', () => {
  test('applyPlan() stops and tells what is done, failed and not started', async () => {
    const cluster = new FakeCluster();
    const made = await plan(cluster);
    cluster.before = ({ verb, ref }) => {
      if (verb === 'apply' && ref.kind === 'Service')
        throw new DsdeployError('QUOTA_EXCEEDED', 'no more services');
    };
    const error = await errorOf(applyPlan(made, { cluster, host }));
    expect(error).toMatchObject({ code: 'APPLY_FAILED', subject: 'Service/llm/v32-api' });
    expect(error.details).toEqual([
      { location: 'Namespace/llm', message: 'created' },
      { location: 'ConfigMap/llm/v32-inventory', message: 'recorded' },
      { location: 'ConfigMap/llm/v32-other', message: 'created' },
      { location: 'ConfigMap/llm/v32-start', message: 'created' },
      { location: 'Service/llm/v32-api', message: 'failed' },
      { location: 'LeaderWorkerSet/llm/v32-main', message: 'not started' },
      { location: 'ConfigMap/llm/v32-inventory', message: 'not started' },
    ]);
    expect(error.cause).toMatchObject({ code: 'QUOTA_EXCEEDED' });
  });

  test.each([
    ['Cannot apply Service/llm/v32-api: denied', 'Service/llm/v32-api: denied'],
    ['Cannot adopt Service/llm/v32-api: it moved', 'cannot adopt Service/llm/v32-api: it moved'],
  ])('says "Cannot apply" once: %s', async (told, reason) => {
    const cluster = new FakeCluster();
    const made = await plan(cluster);
    cluster.before = ({ verb, ref }) => {
      if (verb === 'apply' && ref.kind === 'Service')
        throw new DsdeployError('ADMISSION_DENIED', told);
    };
    const error = await errorOf(applyPlan(made, { cluster, host }));
    expect(error.message).toBe(`Cannot apply "v32": ${reason}`);
  });

  test('each further failure beside the one that is told keeps its reason', async () => {
    const cluster = new FakeCluster();
    const made = await plan(cluster);
    cluster.before = ({ verb, ref }) => {
      if (verb === 'apply' && ['v32-other', 'v32-start'].includes(ref.name))
        throw new DsdeployError('QUOTA_EXCEEDED', `no room for ${ref.name}`);
    };
    const error = await errorOf(applyPlan(made, { cluster, host }));
    expect(error.message).toBe('Cannot apply "v32": no room for v32-other');
    expect(error.details.filter(({ message }) => message.startsWith('failed'))).toEqual([
      { location: 'ConfigMap/llm/v32-other', message: 'failed' },
      { location: 'ConfigMap/llm/v32-start', message: 'failed: no room for v32-start' },
    ]);
  });

  test('the next apply does the rest only', async () => {
    const cluster = new FakeCluster();
    const made = await plan(cluster);
    cluster.before = ({ verb, ref }) => {
      if (verb === 'apply' && ref.kind === 'Service') throw new DsdeployError('CLUSTER_ERROR', 'x');
    };
    await errorOf(applyPlan(made, { cluster, host }));
    cluster.reset();
    await apply(cluster);
    expect(cluster.writes).toEqual([
      'apply ConfigMap/llm/v32-inventory',
      'apply Service/llm/v32-api',
      'apply LeaderWorkerSet/llm/v32-main',
      'apply ConfigMap/llm/v32-inventory',
    ]);
  });
});

/** A number no run reaches. */
const everyRequest = 200;

/** Runs plan and apply with a hook at the k-th request; says whether that request came. */
async function runUntil(
  cluster: FakeCluster,
  request: PlanRequest,
  hook: { readonly at: number; readonly moment: 'before' | 'after' },
): Promise<boolean> {
  cluster.reset();
  cluster[hook.moment] = ({ number }) => {
    if (number >= hook.at) throw new Killed('killed');
  };
  const reached = await apply(cluster, request).then(
    () => false,
    (error: unknown) => error instanceof Killed,
  );
  cluster.reset();
  return reached;
}

describe.each(['before', 'after'] as const)('killed %s any request', (moment) => {
  test('a first apply converges when it is run again', async () => {
    for (let at = 1; at < everyRequest; at += 1) {
      const cluster = new FakeCluster();
      const reached = await runUntil(cluster, aRequest(), { at, moment });
      await apply(cluster);
      expect(hasChanges(await plan(cluster)), `killed at request ${String(at)}`).toBe(false);
      if (!reached) return;
    }
    throw new Error('the run never ended');
  });

  test('a change converges when it is run again, and what it takes away is gone', async () => {
    for (let at = 1; at < everyRequest; at += 1) {
      const cluster = new FakeCluster();
      await apply(cluster);
      const reached = await runUntil(cluster, changedRequest(), { at, moment });
      await apply(cluster, changedRequest());
      const again = await plan(cluster, changedRequest());
      expect(hasChanges(again), `killed at request ${String(at)}`).toBe(false);
      expect(cluster.find('ConfigMap', 'v32-other'), `killed at ${String(at)}`).toBeUndefined();
      if (!reached) return;
    }
    throw new Error('the run never ended');
  });

  test('a change converges, and another one in its place leaves nothing behind', async () => {
    for (let at = 1; at < everyRequest; at += 1) {
      const cluster = new FakeCluster();
      await apply(cluster);
      const reached = await runUntil(cluster, changedRequest(), { at, moment });
      await apply(cluster);
      expect(hasChanges(await plan(cluster)), `killed at request ${String(at)}`).toBe(false);
      expect(cluster.find('ConfigMap', 'v32-new')).toBeUndefined();
      if (!reached) return;
    }
    throw new Error('the run never ended');
  });
});

describe('interrupted while request k is under way, applyPlan()', () => {
  test('ends that request, tells what is done, and converges when it is run again', async () => {
    const cluster = new FakeCluster();
    const made = await plan(cluster);
    for (let write = 1; write < 7; write += 1) {
      const fresh = new FakeCluster();
      const controller = new AbortController();
      let writes = 0;
      fresh.after = ({ verb }) => {
        if (verb === 'apply') writes += 1;
        if (writes === write) controller.abort();
      };
      const error = await errorOf(
        applyPlan(made, { cluster: fresh, host, signal: controller.signal }),
      );
      expect(error).toMatchObject({ code: 'INTERRUPTED', exitCode: 130 });
      const done = error.details.filter(({ message }) => message !== 'not started');
      // The two ConfigMaps are one stage, so both requests may be under way.
      expect(done.length).toBeGreaterThanOrEqual(write);
      expect(done.length).toBeLessThanOrEqual(write + 1);
      expect(fresh.writes).toHaveLength(done.length);
      fresh.reset();
      await apply(fresh);
      expect(hasChanges(await plan(fresh))).toBe(false);
    }
  });

  test('writes nothing when it is interrupted before it starts', async () => {
    const cluster = new FakeCluster();
    const made = await plan(cluster);
    const signal = AbortSignal.abort();
    const error = await errorOf(applyPlan(made, { cluster, host, signal }));
    expect(error.code).toBe('INTERRUPTED');
    expect(cluster.writes).toEqual([]);
  });
});
