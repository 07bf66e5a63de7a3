import { describe, expect, test } from 'vitest';
import { applyPlan } from '../../../src/actions/apply/index.ts';
import {
  type DestroyOptions,
  destroyDeployment,
  planDestroy,
} from '../../../src/actions/destroy/index.ts';
import { readInventory } from '../../../src/actions/inventory/index.ts';
import { type PlanRequest, planDeployment } from '../../../src/actions/plan/index.ts';
import { DsdeployError } from '../../../src/errors/index.ts';
import { formatRef, type Manifest, refOf } from '../../../src/manifest/index.ts';
import { errorOf } from '../error-of.ts';
import { FakeCluster, Killed } from '../fake-cluster.ts';
import {
  aRequest,
  configMap,
  deployment,
  leaderWorkerSet,
  namespaceManifest,
  volumeClaim,
  without,
} from '../fixture-deployment.ts';
import { FakeClock, RecordingHost } from '../recording-host.ts';

const host = new RecordingHost();

async function applied(
  request: PlanRequest = aRequest(),
  cluster = new FakeCluster(),
): Promise<FakeCluster> {
  const plan = await planDeployment(request, { cluster, host });
  await applyPlan(plan, { cluster, host });
  cluster.reset();
  return cluster;
}

async function destroy(
  cluster: FakeCluster,
  options: DestroyOptions & { readonly signal?: AbortSignal; readonly clock?: FakeClock } = {},
) {
  const plan = await planDestroy(deployment, { cluster }, options);
  const { clock = new FakeClock(), signal } = options;
  const ports = { cluster, host, clock, ...(signal === undefined ? {} : { signal }) };
  return await destroyDeployment(plan, ports);
}

/** A deployment into a namespace of somebody else. */
function guestRequest(): PlanRequest {
  return { ...without(aRequest(), 'llm'), createNamespace: false };
}

describe('destroyDeployment()', () => {
  test('deletes workloads first and the namespace last, and leaves nothing', async () => {
    const cluster = await applied();
    const result = await destroy(cluster);
    expect(result.deleted.map((ref) => formatRef(ref))).toEqual([
      'LeaderWorkerSet/llm/v32-main',
      'Service/llm/v32-api',
      'ConfigMap/llm/v32-start',
      'ConfigMap/llm/v32-other',
      'Namespace/llm',
    ]);
    expect(cluster.names()).toEqual([]);
  });

  test('deletes the inventory last when the namespace is not ours', async () => {
    const cluster = await applied(guestRequest(), new FakeCluster([namespaceManifest]));
    await destroy(cluster);
    expect(cluster.writes.at(-1)).toBe('delete ConfigMap/llm/v32-inventory');
    expect(cluster.names()).toEqual(['Namespace/llm']);
  });

  test('has nothing to do on a cluster where nothing was applied', async () => {
    const cluster = new FakeCluster();
    const result = await destroy(cluster);
    expect(result).toMatchObject({ deleted: [], retained: [] });
    expect(cluster.writes).toEqual([]);
  });

  test('has nothing to do the second time', async () => {
    const cluster = await applied();
    await destroy(cluster);
    cluster.reset();
    await destroy(cluster);
    expect(cluster.writes).toEqual([]);
  });

  test('waits until what is deleted has gone', async () => {
    const cluster = await applied(
      aRequest({ manifests: [...without(aRequest(), 'v32-main').manifests, heldLws()] }),
    );
    const clock = new FakeClock();
    clock.onSleep = (nowMs) => {
      if (nowMs >= 30_000) cluster.release({ ...lwsRef });
    };
    await destroy(cluster, { clock });
    expect(clock.nowMs()).toBe(30_000);
    expect(cluster.names()).toEqual([]);
  });

  test('names what does not go, and what holds it', async () => {
    const cluster = await applied(
      aRequest({ manifests: [...without(aRequest(), 'v32-main').manifests, heldLws()] }),
    );
    const error = await errorOf(destroy(cluster));
    expect(error.code).toBe('DESTROY_INCOMPLETE');
    expect(error.details).toMatchObject([
      {
        location: 'LeaderWorkerSet/llm/v32-main',
        message: expect.stringContaining('held by example.com/hold since 2026'),
      },
    ]);
    expect(cluster.names()).toContain('Service/llm/v32-api');
  });

  test('goes on where an interrupted one ended', async () => {
    const cluster = await applied();
    const controller = new AbortController();
    cluster.after = ({ verb }) => {
      if (verb === 'delete') controller.abort();
    };
    const error = await errorOf(destroy(cluster, { signal: controller.signal }));
    expect(error).toMatchObject({ code: 'INTERRUPTED', exitCode: 130 });
    expect(cluster.writes).toEqual(['delete LeaderWorkerSet/llm/v32-main']);
    cluster.reset();
    await destroy(cluster);
    expect(cluster.names()).toEqual([]);
  });

  test.each(['before', 'after'] as const)(
    'converges when it is run again after a kill %s any request',
    async (moment) => {
      for (let at = 1; at < 200; at += 1) {
        const cluster = await applied();
        cluster[moment] = ({ number }) => {
          if (number >= at) throw new Killed('killed');
        };
        const reached = await destroy(cluster).then(
          () => false,
          (error: unknown) => error instanceof Killed,
        );
        cluster.reset();
        await destroy(cluster);
        expect(cluster.names(), `killed at request ${String(at)}`).toEqual([]);
        if (!reached) return;
      }
      throw new Error('the run never ended');
    },
  );

  test('deletes what an apply left that was killed at any request', async () => {
    for (let at = 1; at < 200; at += 1) {
      const cluster = new FakeCluster([namespaceManifest]);
      cluster.after = ({ number }) => {
        if (number >= at) throw new Killed('killed');
      };
      const reached = await applied(guestRequest(), cluster).then(
        () => false,
        (error: unknown) => error instanceof Killed,
      );
      cluster.reset();
      await destroy(cluster);
      expect(cluster.names(), `killed at request ${String(at)}`).toEqual(['Namespace/llm']);
      if (!reached) return;
    }
    throw new Error('the run never ended');
  });

  test('stops before the first write when an object was edited since the question', async () => {
    const cluster = await applied();
    const plan = await planDestroy(deployment, { cluster });
    const live = cluster.find('ConfigMap', 'v32-start');
    if (live !== undefined) cluster.put({ ...live, data: { a: 'edited' } });
    const clock = new FakeClock();
    const error = await errorOf(destroyDeployment(plan, { cluster, host, clock }));
    expect(error.code).toBe('PLAN_STALE');
    expect(cluster.writes).toEqual([]);
  });
});

const lwsRef = { ...leaderWorkerSet(), namespace: 'llm', name: 'v32-main' };

function heldLws(): Manifest {
  const { metadata, ...rest } = leaderWorkerSet();
  return {
    ...rest,
    apiVersion: rest.apiVersion,
    kind: rest.kind,
    metadata: { ...metadata, finalizers: ['example.com/hold'] },
  };
}

function pod(name: string, metadata: Readonly<Record<string, unknown>> = {}): Manifest {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'llm', ...metadata } };
}

const lateWorkers: Manifest = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'v32-main-0', namespace: 'llm', ownerReferences: [{ uid: 'gone' }] },
};

const foreignObjects: readonly { readonly scenario: string; readonly object: Manifest }[] = [
  { scenario: 'a pod', object: pod('notebook') },
  { scenario: 'a ConfigMap', object: configMap('theirs') },
  { scenario: 'a volume claim', object: volumeClaim('theirs') },
  { scenario: 'a Secret', object: { ...configMap('key'), kind: 'Secret' } },
  { scenario: 'a Service', object: { ...configMap('web'), kind: 'Service' } },
];

describe('a namespace of ours', () => {
  test.each(foreignObjects)('is kept while $scenario of others lies in it', async ({ object }) => {
    const cluster = await applied();
    cluster.put(object);
    const result = await destroy(cluster);
    expect(result.retained).toMatchObject([{ ref: { kind: 'Namespace', name: 'llm' } }]);
    expect(result.retained[0]?.reason).toContain(object.metadata.name);
    expect(cluster.find(object.kind, object.metadata.name)).toBeDefined();
    expect(cluster.find('LeaderWorkerSet', 'v32-main')).toBeUndefined();
  });

  test('is deleted later, once the others have left', async () => {
    const cluster = await applied();
    cluster.put(pod('notebook'));
    await destroy(cluster);
    cluster.drop({ apiVersion: 'v1', kind: 'Pod', namespace: 'llm', name: 'notebook' });
    await destroy(cluster);
    expect(cluster.names()).toEqual([]);
  });

  test('is kept when something turns up while its contents are deleted', async () => {
    const cluster = await applied();
    cluster.after = ({ verb, ref }) => {
      if (verb === 'delete' && ref.name === 'v32-other') cluster.put(pod('late'));
    };
    const result = await destroy(cluster);
    expect(result.retained).toHaveLength(1);
    expect(cluster.find('Pod', 'late')).toBeDefined();
  });

  test('is deleted though a look at its kinds met a group that was just starting', async () => {
    const cluster = await applied();
    const uid = cluster.find('LeaderWorkerSet', 'v32-main')?.metadata.uid;
    // Pods are listed before sets: the leader comes too late for one and in time for the other.
    cluster.before = ({ verb, ref }) => {
      if (verb !== 'list' || ref.kind !== 'StatefulSet') return;
      cluster.before = () => undefined;
      const leader = cluster.put(pod('v32-main-0', { ownerReferences: [{ uid }] }));
      const ownerReferences = [{ uid: leader.metadata.uid }];
      cluster.put({ ...lateWorkers, metadata: { ...lateWorkers.metadata, ownerReferences } });
    };
    expect((await destroy(cluster)).retained).toEqual([]);
    expect(cluster.names()).toEqual([]);
  });

  /** A set of workers turns up in the look at the namespace whose leader's pod has just gone. */
  async function withLateWorkers(): Promise<FakeCluster> {
    const cluster = await applied();
    cluster.after = ({ verb, ref }) => {
      if (verb === 'delete' && ref.name === 'v32-other') cluster.put(lateWorkers);
    };
    return cluster;
  }

  test('is deleted once garbage collection has taken what outlived its owner', async () => {
    const cluster = await withLateWorkers();
    const clock = new FakeClock();
    clock.onSleep = (nowMs) => {
      if (nowMs === 3000) cluster.drop(refOf(lateWorkers));
    };
    expect((await destroy(cluster, { clock })).retained).toEqual([]);
    expect(cluster.names()).toEqual([]);
  });

  test('is kept when garbage collection does not take it', async () => {
    const cluster = await withLateWorkers();
    const clock = new FakeClock();
    const { retained } = await destroy(cluster, { clock });
    expect(retained[0]?.reason).toContain('StatefulSet/llm/v32-main-0');
    expect(clock.nowMs()).toBe(30_000);
  });

  test('is kept at once for what has no owner, or one that is there', async () => {
    const cluster = await applied();
    const owner = cluster.put(pod('theirs'));
    const ownerReferences = [{ uid: owner.metadata.uid }];
    cluster.after = ({ verb, ref }) => {
      if (verb !== 'delete' || ref.name !== 'v32-other') return;
      cluster.put({ ...lateWorkers, metadata: { ...lateWorkers.metadata, ownerReferences } });
    };
    const clock = new FakeClock();
    expect((await destroy(cluster, { clock })).retained).toHaveLength(1);
    expect(clock.nowMs()).toBe(0);
  });

  test('is deleted with the pods of our own groups and what the cluster made', async () => {
    const cluster = await applied();
    const uid = cluster.find('LeaderWorkerSet', 'v32-main')?.metadata.uid;
    cluster.put(pod('v32-main-0', { ownerReferences: [{ uid }] }));
    cluster.put(configMap('kube-root-ca.crt'));
    await destroy(cluster);
    expect(cluster.names()).toEqual([]);
  });

  test('is kept when its contents may not be listed', async () => {
    const cluster = await applied();
    cluster.before = ({ verb, ref }) => {
      if (verb === 'list' && ref.kind === 'Secret')
        throw new DsdeployError('CLUSTER_FORBIDDEN', 'no');
    };
    const result = await destroy(cluster);
    expect(result.retained[0]?.reason).toContain('Secret/llm/* (may not be listed)');
  });
});

describe('volumes', () => {
  const withClaim = () =>
    aRequest({ manifests: [...aRequest().manifests, volumeClaim('weights')] });

  test('are kept, with the namespace they are in, and stay on record', async () => {
    const cluster = await applied(withClaim());
    const result = await destroy(cluster);
    expect(result.retained.map(({ ref }) => formatRef(ref)).toSorted()).toEqual([
      'Namespace/llm',
      'PersistentVolumeClaim/llm/weights',
    ]);
    const { entries } = await readInventory(deployment, { cluster });
    expect(entries.map(({ kind }) => kind)).toEqual(['Namespace', 'PersistentVolumeClaim']);
  });

  test('are deleted when asked for', async () => {
    const cluster = await applied(withClaim());
    await destroy(cluster);
    await destroy(cluster, { includeVolumes: true });
    expect(cluster.names()).toEqual([]);
  });
});

describe('an object is kept by a destroy when', () => {
  test('it lost our label', async () => {
    const cluster = await applied();
    cluster.put(configMap('v32-start'));
    const result = await destroy(cluster);
    expect(result.retained.map(({ ref }) => formatRef(ref))).toContain('ConfigMap/llm/v32-start');
    expect(cluster.find('ConfigMap', 'v32-start')).toBeDefined();
  });

  test('it carries our label but is not in the inventory', async () => {
    const cluster = await applied();
    const live = cluster.find('ConfigMap', 'v32-start');
    if (live === undefined) throw new Error('there is no ConfigMap');
    cluster.put({
      ...configMap('copied'),
      metadata: { ...live.metadata, name: 'copied', uid: 'z' },
    });
    await destroy(cluster);
    expect(cluster.find('ConfigMap', 'copied')).toBeDefined();
  });

  test('it has another UID than the inventory says', async () => {
    const cluster = await applied();
    const live = cluster.find('ConfigMap', 'v32-start');
    if (live === undefined) throw new Error('there is no ConfigMap');
    cluster.drop({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'llm', name: 'v32-start' });
    cluster.put(live);
    const result = await destroy(cluster);
    expect(result.retained.some(({ reason }) => reason.includes('made it again'))).toBe(true);
    expect(cluster.find('ConfigMap', 'v32-start')).toBeDefined();
  });
});
