import { afterEach, describe, expect, test } from 'vitest';
import { readHealth } from '../../../src/actions/health/index.ts';
import type { OpenAiEndpoint } from '../../fixtures/openai-endpoint.ts';
import {
  aLayout,
  aLoadingPod,
  anLws,
  aPod,
  aService,
  aSlice,
  createdMs,
} from '../../health/builders.ts';
import { FakeClock, FakeCluster, startEngine, status } from './fakes.ts';

const engines: OpenAiEndpoint[] = [];

afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
});

/** A cluster where something happens to the pods while the leader is asked for its health. */
async function whileAsked(happen: (cluster: FakeCluster) => void, code = 503) {
  const cluster = new FakeCluster();
  const serve = async (answers: Parameters<typeof startEngine>[0]): Promise<void> => {
    const engine = await startEngine(answers);
    engines.push(engine);
    cluster.engines.set('deepseek-main-0', engine.url);
  };
  cluster.put(anLws(), aPod(), aPod({ worker: 1 }), aService(), aSlice(['deepseek-main-0']));
  await serve({});
  const next = cluster.engines.get('deepseek-main-0') ?? '';
  await serve({
    '/health': (request, response, body) => {
      happen(cluster);
      // Whoever comes afterwards is another engine.
      cluster.engines.set('deepseek-main-0', next);
      status(code)(request, response, body);
    },
  });
  return cluster;
}

/** An hour after the set was written: nothing is young but what the check itself saw. */
function read(cluster: FakeCluster, clock = new FakeClock(createdMs + 3_600_000)) {
  return readHealth(aLayout(), { cluster, clock }, { canary: 'quick' });
}

const deletedAt = '2026-03-01T11:00:00Z';

describe('readHealth() while pods are replaced', () => {
  test.each<{ change: string; happen: (cluster: FakeCluster) => void; reason: string }>([
    {
      change: 'its pod is told to stop',
      happen: (cluster) => {
        cluster.put(aPod({ deletedAt }), aSlice([]));
      },
      reason: 'terminating',
    },
    {
      change: 'its pod is gone',
      happen: (cluster) => {
        cluster.remove(aPod());
        cluster.put(aSlice([]));
      },
      reason: 'missing',
    },
    {
      change: 'its pod is another, which loads',
      happen: (cluster) => {
        cluster.put(aLoadingPod({ uid: 'uid-next' }), aSlice([]));
      },
      reason: 'loading',
    },
  ])('calls a leader restarting and not dead when $change', async ({ happen, reason }) => {
    const report = await read(await whileAsked(happen));
    expect(report.verdict).toBe('progressing');
    expect(report.groups[0]?.pods[0]).toMatchObject({ verdict: 'progressing', reason });
    expect(report.checks.failed).toBe(0);
  });

  test('asks the pod that took the place of one that refused', async () => {
    const report = await read(
      await whileAsked((cluster) => {
        cluster.put(aPod({ uid: 'uid-next' }));
      }),
    );
    expect(report.verdict).toBe('healthy');
  });

  test('does not blame a leader for what it said while its worker was replaced', async () => {
    const report = await read(
      await whileAsked((cluster) => {
        cluster.put(aLoadingPod({ worker: 1, uid: 'uid-next' }));
      }),
    );
    expect(report).toMatchObject({ verdict: 'progressing', cause: { code: 'loading' } });
  });

  test('blames a leader that refuses while nothing is replaced', async () => {
    const report = await read(await whileAsked(() => undefined));
    expect(report).toMatchObject({ verdict: 'unhealthy', cause: { code: 'http-health' } });
  });

  test('ends with pods that are replaced whenever they are asked', async () => {
    const cluster = new FakeCluster();
    let lives = 0;
    const engine = await startEngine({
      '/health': (request, response, body) => {
        lives += 1;
        cluster.put(aPod({ uid: `uid-${lives}` }));
        status(503)(request, response, body);
      },
    });
    engines.push(engine);
    cluster.put(anLws(), aPod(), aPod({ worker: 1 }), aService(), aSlice(['deepseek-main-0']));
    cluster.engines.set('deepseek-main-0', engine.url);
    expect((await read(cluster)).verdict).toBe('progressing');
    expect(lives).toBe(3);
  });

  test('waits a moment for a pod that is absent between two of its lives', async () => {
    const cluster = await whileAsked(() => undefined, 200);
    cluster.remove(aPod());
    const clock = new FakeClock(createdMs + 3_600_000);
    clock.at(1, () => {
      cluster.put(aPod({ uid: 'uid-next' }));
    });
    expect((await read(cluster, clock)).verdict).toBe('healthy');
  });

  test('blames a pod that stays absent', async () => {
    const cluster = await whileAsked(() => undefined, 200);
    cluster.remove(aPod({ worker: 1 }));
    const report = await read(cluster);
    expect(report).toMatchObject({ verdict: 'unhealthy', cause: { code: 'missing' } });
  });
});
