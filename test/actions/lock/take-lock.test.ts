import { describe, expect, test } from 'vitest';
import { applyPlan } from '../../../src/actions/apply/index.ts';
import { takeLock } from '../../../src/actions/lock/index.ts';
import { planDeployment } from '../../../src/actions/plan/index.ts';
import { lockRef } from '../../../src/plan/index.ts';
import { errorOf } from '../error-of.ts';
import { FakeCluster } from '../fake-cluster.ts';
import {
  aRequest,
  configMap,
  deployment,
  namespaceManifest,
  without,
} from '../fixture-deployment.ts';
import { FakeClock, RecordingHost } from '../recording-host.ts';

const request = {
  deployment,
  owner: { operator: 'ann@laptop', processId: 1 },
  what: 'apply "v32"',
};

/** A Lease as another run has left it, at a time in seconds since 1970. */
function leaseOf(atSeconds: number) {
  const { apiVersion, kind, name, namespace = '' } = lockRef(deployment);
  const time = new Date(atSeconds * 1000).toISOString().replace('Z', '000Z');
  return {
    apiVersion,
    kind,
    metadata: { name, namespace },
    spec: {
      holderIdentity: 'bob@desk',
      acquireTime: time,
      renewTime: time,
      leaseDurationSeconds: 30,
    },
  };
}

function held(atSeconds: number) {
  const cluster = new FakeCluster([namespaceManifest, leaseOf(atSeconds)]);
  return { cluster, host: new RecordingHost(), clock: new FakeClock() };
}

describe('takeLock()', () => {
  test('fails as soon as the holder gives a sign of life, and names it', async () => {
    const ports = held(0);
    ports.clock.onSleep = (nowMs) => {
      if (nowMs === 3000) ports.cluster.put(leaseOf(3));
    };
    const error = await errorOf(takeLock(request, ports));
    expect(error).toMatchObject({
      code: 'LOCKED',
      exitCode: 1,
      message: 'Cannot apply "v32": bob@desk is changing it',
    });
    expect(ports.clock.nowMs()).toBe(3000);
    expect(ports.cluster.writes).toEqual([]);
  });

  test('tells once who holds it, and takes over after a silence of its duration', async () => {
    const ports = held(0);
    const lock = await takeLock(request, ports);
    expect(ports.clock.nowMs()).toBe(30_000);
    expect(ports.host.messages).toMatchObject([
      { code: 'LOCK_HELD', holder: 'bob@desk', expiresAt: '1970-01-01T00:00:30.000Z' },
      { code: 'WARNING', text: expect.stringContaining('bob@desk') },
    ]);
    await lock.release();
    expect(ports.cluster.find('Lease', 'v32-lock')).toBeUndefined();
  });

  // A clock that is ahead must not make a living holder look dead.
  test.each([
    { ahead: 'a minute', seconds: 60, waitMs: 30_000 },
    { ahead: 'an hour', seconds: 3600, waitMs: 0 },
  ])('waits $waitMs ms for a lease of $ahead ago', async ({ seconds, waitMs }) => {
    const ports = held(-seconds);
    const lock = await takeLock(request, ports);
    expect(ports.clock.nowMs()).toBe(waitMs);
    await lock.release();
  });

  test('takes it at once when the holder releases it', async () => {
    const ports = held(0);
    ports.clock.onSleep = () => {
      ports.cluster.drop(lockRef(deployment));
    };
    const lock = await takeLock(request, ports);
    expect(ports.clock.nowMs()).toBe(1000);
    await lock.release();
  });

  test('ends with INTERRUPTED while it waits', async () => {
    const ports = held(0);
    const controller = new AbortController();
    ports.clock.onSleep = () => {
      controller.abort();
    };
    const error = await errorOf(takeLock(request, { ...ports, signal: controller.signal }));
    expect(error.code).toBe('INTERRUPTED');
  });
});

describe('applyPlan() with a lock', () => {
  const lock = { owner: request.owner, clock: new FakeClock() };

  test('takes it after the namespace and gives it back at the end', async () => {
    const cluster = new FakeCluster();
    const host = new RecordingHost();
    const plan = await planDeployment(aRequest(), { cluster, host });
    await applyPlan(plan, { cluster, host, lock });
    expect(cluster.writes.slice(0, 3)).toEqual([
      'apply Namespace/llm',
      'apply Lease/llm/v32-lock',
      'apply ConfigMap/llm/v32-inventory',
    ]);
    expect(cluster.writes.at(-1)).toBe('delete Lease/llm/v32-lock');

    cluster.reset();
    const again = await planDeployment(aRequest(), { cluster, host });
    await applyPlan(again, { cluster, host, lock });
    expect(cluster.writes).toEqual([]);
  });

  test('looks at each object once, under the lock, and nothing is in a namespace that is to be made', async () => {
    const cluster = new FakeCluster();
    const host = new RecordingHost();
    const readsOf = (name: string) =>
      cluster.requests.filter(({ verb, ref }) => verb === 'get' && ref.name === name).length;
    const listsOf = (kind: string) =>
      cluster.requests.filter(({ verb, ref }) => verb === 'list' && ref.kind === kind).length;
    const first = await planDeployment(aRequest(), { cluster, host });
    expect(readsOf('v32-start')).toBe(0);
    await applyPlan(first, { cluster, host, lock });
    expect(readsOf('v32-start')).toBe(1);

    const fewer = without(aRequest(), 'v32-other');
    const second = await planDeployment(fewer, { cluster, host });
    cluster.reset();
    await applyPlan(second, { cluster, host, lock });
    // Several of a kind are one list of what has our label.
    expect(readsOf('v32-start') + listsOf('ConfigMap')).toBe(1);
    expect(cluster.writes[0]).toBe('apply Lease/llm/v32-lock');
  });

  test('writes not even the lock to another cluster than the one that was planned for', async () => {
    const cluster = new FakeCluster();
    const host = new RecordingHost();
    await applyPlan(await planDeployment(aRequest(), { cluster, host }), { cluster, host, lock });
    const plan = await planDeployment(without(aRequest(), 'v32-other'), { cluster, host });
    cluster.target = { ...cluster.target, clusterUid: 'cluster-2' };
    cluster.reset();
    const error = await errorOf(applyPlan(plan, { cluster, host, lock }));
    expect(error.code).toBe('PLAN_STALE');
    expect(cluster.writes).toEqual([]);
  });

  test('writes nothing when an object moved right before it was taken', async () => {
    const cluster = new FakeCluster();
    const host = new RecordingHost();
    await applyPlan(await planDeployment(aRequest(), { cluster, host }), { cluster, host });
    const changed = aRequest();
    const manifests = changed.manifests.map((manifest) =>
      manifest.metadata.name === 'v32-start' ? { ...manifest, data: { a: 'new' } } : manifest,
    );
    const plan = await planDeployment({ ...changed, manifests }, { cluster, host });
    cluster.reset();
    cluster.after = ({ verb, ref }) => {
      if (verb === 'apply' && ref.kind === 'Lease')
        cluster.put({ ...configMap('v32-start'), data: { a: 'by hand' } });
    };
    const error = await errorOf(applyPlan(plan, { cluster, host, lock }));
    expect(error).toMatchObject({ code: 'PLAN_STALE', exitCode: 5 });
    expect(cluster.writes).toEqual(['apply Lease/llm/v32-lock', 'delete Lease/llm/v32-lock']);
  });

  test('gives it back when a write fails, and when it is interrupted', async () => {
    for (const stop of ['failure', 'interruption']) {
      const cluster = new FakeCluster();
      const host = new RecordingHost();
      const controller = new AbortController();
      const plan = await planDeployment(aRequest(), { cluster, host });
      cluster.after = ({ verb, ref }) => {
        if (verb !== 'apply' || ref.name !== 'v32-start') return;
        if (stop === 'interruption') controller.abort();
      };
      cluster.before = ({ verb, ref }) => {
        if (stop === 'failure' && verb === 'apply' && ref.kind === 'Service')
          throw new TypeError('a bug');
      };
      const ports = { cluster, host, lock, signal: controller.signal };
      await applyPlan(plan, ports).catch(() => undefined);
      expect(cluster.find('LeaderWorkerSet', 'v32-main'), stop).toBeUndefined();
      expect(cluster.writes.at(-1), stop).toBe('delete Lease/llm/v32-lock');
    }
  });
});
