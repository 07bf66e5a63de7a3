import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import {
  defaultTimeoutSeconds,
  type WaitForHealthOptions,
  waitForHealth,
} from '../../../src/actions/health/index.ts';
import type { Layout } from '../../../src/layout/index.ts';
import type { OpenAiEndpoint } from '../../fixtures/openai-endpoint.ts';
import {
  aContainer,
  aLayout,
  aLoadingPod,
  anEvent,
  anLws,
  aPlacedGroup,
  aPod,
  aService,
  aSlice,
  createdAt,
  createdMs,
  notReady,
  type PodOptions,
  terminated,
  waiting,
} from '../../health/builders.ts';
import { answer, FakeClock, FakeCluster, FakeHost, startEngine, status } from './fakes.ts';

const engines: OpenAiEndpoint[] = [];

afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
});

/** A group that was just applied and loads, with a clock and a host to watch it. */
async function aScene(answers: Parameters<typeof startEngine>[0] = {}) {
  const engine = await startEngine(answers);
  engines.push(engine);
  const cluster = new FakeCluster();
  cluster.put(loadingLws, aLoadingPod(), aLoadingPod({ worker: 1 }), aService());
  cluster.put(aSlice(['deepseek-main-0']));
  cluster.engines.set('deepseek-main-0', engine.url);
  const clock = new FakeClock(createdMs);
  const host = new FakeHost();
  const wait = (options: WaitForHealthOptions = {}, layout: Layout = aLayout()) =>
    waitForHealth(layout, { cluster, host, clock }, options);
  const serve = () => {
    cluster.put(aPod(), aPod({ worker: 1 }), anLws());
  };
  return { engine, cluster, clock, host, wait, serve };
}

const loadingLws = anLws({
  readyReplicas: 0,
  conditions: [{ type: 'Progressing', status: 'True' }],
});

const unschedulable = (slot: PodOptions) =>
  aPod({
    ...slot,
    node: '',
    phase: 'Pending',
    conditions: [
      {
        type: 'PodScheduled',
        status: 'False',
        reason: 'Unschedulable',
        message: '0/2 nodes are available: 2 Insufficient nvidia.com/gpu.',
      },
    ],
    containers: [],
  });

describe('waitForHealth()', () => {
  test('ends as soon as every group serves and answered', async () => {
    const { clock, cluster, engine, wait, serve } = await aScene();
    clock.at(600, serve);
    const report = await wait();
    expect(report).toMatchObject({
      verdict: 'healthy',
      wait: { ended: 'healthy', elapsedSeconds: 600 },
    });
    expect(engine.requests.filter(({ path }) => path === '/health')).toHaveLength(1);
    expect(cluster.openWatches).toBe(0);
    expect(cluster.calls.filter((call) => call.startsWith('watch'))).toEqual([
      'watch LeaderWorkerSet',
      'watch Pod',
    ]);
  });

  test('is not fooled by an available set while a worker is missing', async () => {
    const { clock, cluster, wait } = await aScene();
    cluster.put(anLws(), aPod());
    cluster.remove(aPod({ worker: 1 }));
    clock.at(30, () => {
      cluster.put(aPod({ worker: 1 }));
    });
    expect((await wait()).wait).toMatchObject({ ended: 'healthy', elapsedSeconds: 30 });
  });

  test('waits through loading of any length up to its time-out, and says what is missing', async () => {
    const { clock, wait } = await aScene();
    const report = await wait();
    const timeoutSeconds = defaultTimeoutSeconds(aLayout());
    expect(timeoutSeconds).toBe(aPlacedGroup().startup.budgetSeconds + 300);
    expect(report).toMatchObject({
      verdict: 'progressing',
      wait: { ended: 'timed-out', elapsedSeconds: timeoutSeconds, timeoutSeconds },
      cause: { code: 'loading', subject: 'Pod/deepseek/deepseek-main-0', ranks: '0-7' },
    });
    expect(clock.elapsedSeconds).toBe(timeoutSeconds);
  });

  test('gives up on a pod that cannot be scheduled, after a short grace', async () => {
    const { clock, cluster, wait } = await aScene();
    cluster.put(unschedulable({ worker: 1 }));
    const report = await wait();
    expect(report).toMatchObject({
      verdict: 'unhealthy',
      wait: { ended: 'failed' },
      cause: { code: 'unschedulable', ranks: '8-15' },
    });
    expect(report.cause?.message).toContain('2 Insufficient nvidia.com/gpu');
    expect(clock.elapsedSeconds).toBeGreaterThanOrEqual(8);
    expect(clock.elapsedSeconds).toBeLessThanOrEqual(10);
  });

  test('forgives a pod that cannot be scheduled for a moment', async () => {
    const { clock, cluster, wait, serve } = await aScene();
    cluster.put(unschedulable({ worker: 1 }));
    clock.at(5, () => {
      cluster.put(aLoadingPod({ worker: 1 }));
    });
    clock.at(100, serve);
    expect((await wait()).verdict).toBe('healthy');
  });

  test('does not give up on scheduling while the old pods still stop', async () => {
    const { clock, cluster, wait, serve } = await aScene();
    cluster.put(unschedulable({}), aPod({ worker: 1, deletedAt: createdAt }));
    clock.at(200, serve);
    expect((await wait()).verdict).toBe('healthy');
  });

  test('gives up on a missing image with what the cluster said about it', async () => {
    const { cluster, wait } = await aScene();
    const pod = aPod({
      worker: 1,
      phase: 'Pending',
      conditions: notReady,
      containers: [aContainer({ state: waiting('ImagePullBackOff', 'not found') })],
    });
    cluster.put(pod, anEvent(pod, { reason: 'Failed', message: 'manifest unknown', count: 3 }));
    const report = await wait();
    expect(report.cause).toMatchObject({
      code: 'image-pull',
      events: ['Failed x3: manifest unknown'],
    });
    expect(report.cause?.advice).toContain('imagePullSecrets');
  });

  test('gives up on a crash loop at its second restart, with the log of the rank', async () => {
    const { clock, cluster, wait } = await aScene();
    const crash = (restartCount: number) =>
      aPod({
        worker: 1,
        conditions: notReady,
        containers: [
          aContainer({
            restartCount,
            state: waiting('CrashLoopBackOff'),
            lastState: terminated(1, 'Error', `2026-03-01T10:0${restartCount}:00Z`),
          }),
        ],
      });
    cluster.logs.set('deepseek-main-0-1 previous', 'ValueError: flag rejected');
    clock.at(60, () => {
      cluster.put(crash(1));
    });
    clock.at(120, () => {
      cluster.put(crash(2));
    });
    const report = await wait();
    expect(clock.elapsedSeconds).toBe(120);
    expect(report).toMatchObject({
      verdict: 'unhealthy',
      cause: { code: 'crash-loop', logLines: ['ValueError: flag rejected'], ranks: '8-15' },
    });
  });

  test('sees a crash loop that the controller hides by recreating the group', async () => {
    const { clock, cluster, wait } = await aScene();
    const life = (number: number) => ({ uid: `life-${number}` });
    cluster.put(aLoadingPod(life(0)), aLoadingPod({ worker: 1, ...life(0) }));
    for (const number of [1, 2]) {
      clock.at(number * 100, () => {
        cluster.logs.set('deepseek-main-0-1 previous', `life ${number}: shm full`);
        const lastState = terminated(1, 'Error', `2026-03-01T10:1${number}:00Z`);
        const containers = [aContainer({ restartCount: 1, started: false, lastState })];
        cluster.put(aLoadingPod({ worker: 1, uid: `life-${number - 1}`, containers }));
      });
      clock.at(number * 100 + 2, () => {
        cluster.logs.clear();
        cluster.remove(aPod(), aPod({ worker: 1 }));
        cluster.put(aLoadingPod(life(number)), aLoadingPod({ worker: 1, ...life(number) }));
      });
    }
    const report = await wait();
    expect(clock.elapsedSeconds).toBe(202);
    expect(report).toMatchObject({
      verdict: 'unhealthy',
      wait: { ended: 'failed' },
      cause: {
        code: 'group-restarts',
        subject: 'Pod/deepseek/deepseek-main-0-1',
        ranks: '8-15',
        logLines: ['life 2: shm full'],
      },
    });
    expect(report.cause?.message).toContain('deepseek-main-0-1 ended first with exit 1 (Error)');
  });

  test('does not give up on broken pods that the rollout is about to replace', async () => {
    const { clock, cluster, wait, serve } = await aScene();
    const lws = anLws({ replicas: 1, updatedReplicas: 0, readyReplicas: 0, conditions: [] });
    const managedFields = [
      { manager: 'dsdeploy', operation: 'Apply', time: '2026-03-01T11:00:00Z' },
    ];
    cluster.put({ ...lws, metadata: { ...lws.metadata, managedFields } });
    cluster.put(
      aPod({
        worker: 1,
        conditions: notReady,
        containers: [aContainer({ state: waiting('ErrImagePull') })],
      }),
    );
    clock.at(120, serve);
    expect((await wait()).verdict).toBe('healthy');
  });

  test('keeps the key of the API out of the log lines of a crash', async () => {
    const { clock, cluster, wait } = await aScene();
    const secret = { apiVersion: 'v1', kind: 'Secret', data: { k: btoa('sk-secret') } };
    const metadata = { name: 'key', namespace: 'deepseek', uid: 'u', resourceVersion: '1' };
    cluster.put({ ...secret, metadata });
    cluster.logs.set('deepseek-main-0-1 previous', 'args: api_key=sk-secret');
    clock.at(5, () => {
      const lastState = terminated(1, 'Error');
      const state = waiting('CrashLoopBackOff');
      const containers = [aContainer({ restartCount: 2, state, lastState })];
      cluster.put(aPod({ worker: 1, conditions: notReady, containers }));
    });
    const report = await wait(
      {},
      aLayout({ api: { keySecret: { name: 'key', key: 'k', generate: false } } }),
    );
    expect(report.cause?.logLines).toEqual(['args: api_key=***']);
    expect(JSON.stringify(report)).not.toContain('sk-secret');
  });

  test('says that the set is absent rather than that its pods are', async () => {
    const { cluster, wait } = await aScene();
    cluster.remove(anLws(), aPod(), aPod({ worker: 1 }));
    const report = await wait();
    expect(report).toMatchObject({ verdict: 'unhealthy', cause: { code: 'lws-available' } });
  });

  test('takes pods of a new revision for a rollout and not for a crash', async () => {
    const { clock, cluster, wait, serve } = await aScene();
    for (const number of [1, 2, 3]) {
      clock.at(number * 50, () => {
        const next = { uid: `life-${number}`, revision: `r${number}` };
        cluster.put(aLoadingPod(next), aLoadingPod({ worker: 1, ...next }));
      });
    }
    clock.at(300, serve);
    expect((await wait()).verdict).toBe('healthy');
  });

  test('ends unhealthy when everything is ready and the engine answers wrongly twice', async () => {
    const empty = answer({
      choices: [{ message: { content: '' } }],
      usage: { completion_tokens: 1 },
    });
    const { clock, engine, wait, serve } = await aScene({ '/v1/chat/completions': empty });
    clock.at(10, serve);
    const report = await wait();
    expect(report).toMatchObject({
      verdict: 'unhealthy',
      wait: { ended: 'failed' },
      cause: { code: 'chat' },
    });
    expect(engine.requests.filter(({ path }) => path === '/health')).toHaveLength(2);
  });

  test('forgives an engine that stumbles over its first request', async () => {
    let asked = 0;
    const { clock, wait, serve } = await aScene({
      '/health': (request, response, body) => {
        asked += 1;
        status(asked === 1 ? 503 : 200)(request, response, body);
      },
    });
    clock.at(10, serve);
    expect((await wait()).verdict).toBe('healthy');
  });

  test('tells each change once, and at most one a second', async () => {
    const { clock, cluster, host, wait, serve } = await aScene();
    for (const ms of [20.1, 20.2, 20.3]) {
      clock.at(ms, () => {
        cluster.put(aPod({ worker: 1, deletedAt: createdAt }));
        cluster.put(aPod({ worker: 1 }));
      });
    }
    clock.at(60, serve);
    await wait();
    const told = host.progress.map(({ elapsedSeconds }) => elapsedSeconds);
    expect(told).toEqual([0, 20, 60]);
    expect(host.progress.at(-1)?.groups[0]?.verdict).not.toBe('healthy');
  });

  test('falls back to lists where watching is forbidden, and says so', async () => {
    const { clock, cluster, host, wait, serve } = await aScene();
    cluster.forbidden.add('watch Pod').add('watch LeaderWorkerSet');
    clock.at(60, serve);
    const report = await wait();
    expect(report.verdict).toBe('healthy');
    expect(host.messages.filter(({ code }) => code === 'WARNING')).toHaveLength(2);
  });

  test('ends unknown at once where pods may be neither watched nor listed', async () => {
    const { clock, cluster, wait } = await aScene();
    cluster.forbidden.add('watch Pod').add('list Pod');
    expect(await wait()).toMatchObject({ verdict: 'unknown', wait: { ended: 'failed' } });
    expect(clock.elapsedSeconds).toBeLessThanOrEqual(5);
  });

  test('ends unknown when nothing but the answers may be checked', async () => {
    const { clock, cluster, wait, serve } = await aScene();
    cluster.forbidden.add('create pods/portforward');
    clock.at(10, serve);
    expect(await wait()).toMatchObject({ verdict: 'unknown', wait: { ended: 'failed' } });
  });

  test('throws INTERRUPTED when the user stops it, and closes its watches', async () => {
    const { clock, cluster, wait } = await aScene();
    const stop = new AbortController();
    clock.at(40, () => {
      stop.abort();
    });
    await expect(wait({ signal: stop.signal })).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(cluster.openWatches).toBe(0);
    expect(clock.elapsedSeconds).toBe(40);
  });

  test('does not wait for a group without a place', async () => {
    const { wait } = await aScene();
    const { spec } = aPlacedGroup();
    const layout: Layout = {
      ...aLayout(),
      groups: [{ kind: 'refused', name: 'main', spec, reasons: [] }],
    };
    expect((await wait({}, layout)).verdict).toBe('unknown');
  });

  test('ends at its time-out though the cluster never lists', async () => {
    const { clock, cluster, wait } = await aScene();
    // Ends with the signal and without an event, as a watch does that never got an answer.
    cluster.watch = async function* (_kind, { signal }) {
      await once(signal, 'abort');
      yield* [];
    };
    const report = await wait({ timeoutSeconds: 30 });
    expect(report).toMatchObject({ verdict: 'unknown', wait: { ended: 'timed-out' } });
    expect(clock.elapsedSeconds).toBe(30);
  });
});
