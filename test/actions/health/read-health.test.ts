import { afterEach, describe, expect, test } from 'vitest';
import { type ReadHealthOptions, readHealth } from '../../../src/actions/health/index.ts';
import type { LiveObject } from '../../../src/cluster/index.ts';
import { DsdeployError } from '../../../src/errors/index.ts';
import type { Layout } from '../../../src/layout/index.ts';
import type { EndpointOptions, OpenAiEndpoint } from '../../fixtures/openai-endpoint.ts';
import {
  aContainer,
  aLayout,
  aLoadingPod,
  anEvent,
  anLws,
  aPod,
  aService,
  aSlice,
  createdMs,
  namespace,
  notReady,
  terminated,
  waiting,
} from '../../health/builders.ts';
import { answer, FakeClock, FakeCluster, hang, startEngine, status } from './fakes.ts';

const engines: OpenAiEndpoint[] = [];

afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
});

/** A cluster where one group of two pods serves, and its engine with the given answers. */
async function aServingCluster(
  answers: Parameters<typeof startEngine>[0] = {},
  options: EndpointOptions = {},
) {
  const engine = await startEngine(answers, options);
  engines.push(engine);
  const cluster = new FakeCluster();
  cluster.put(anLws(), aPod(), aPod({ worker: 1 }), aService(), aSlice(['deepseek-main-0']));
  cluster.engines.set('deepseek-main-0', engine.url);
  return { cluster, engine };
}

function read(
  cluster: FakeCluster,
  options: Partial<ReadHealthOptions> = {},
  layout: Layout = aLayout(),
) {
  const clock = new FakeClock(createdMs + 3_600_000);
  return readHealth(layout, { cluster, clock }, { canary: 'quick', ...options });
}

function outcomes({ groups }: Awaited<ReturnType<typeof read>>) {
  const checks = groups.flatMap((group) => group.checks);
  return Object.fromEntries(checks.map(({ id, outcome }) => [id, outcome]));
}

const secretKey = 'sk-7Hq2-very-secret';

function aSecret(value: string): LiveObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'deepseek-api-key', namespace, uid: 'uid-secret', resourceVersion: '1' },
    data: { 'api-key': Buffer.from(value).toString('base64') },
  };
}

const withKey = aLayout({
  api: { keySecret: { name: 'deepseek-api-key', key: 'api-key', generate: false } },
});

describe('readHealth()', () => {
  test('is healthy when the objects are settled and the engine answers', async () => {
    const { cluster, engine } = await aServingCluster();
    const report = await read(cluster);
    expect(report).toMatchObject({
      kind: 'HealthReport',
      deployment: { name: 'deepseek', namespace: 'deepseek' },
      verdict: 'healthy',
    });
    expect(report.cause).toBeUndefined();
    const chats = engine.requests.filter(({ path }) => path === '/v1/chat/completions');
    for (const { body } of chats) {
      expect(JSON.parse(body)).toMatchObject({
        model: 'deepseek-ai/DeepSeek-V3.2',
        temperature: 0,
      });
    }
    expect(report.checks).toMatchObject({ failed: 0, pending: 0, unknown: 0 });
    expect(report.checks.notDone.map(({ id }) => id)).toEqual(['bad-key', 'service-network']);
    expect(cluster.openForwards).toBe(0);
    const chat = report.groups[0]?.checks.find(({ id }) => id === 'chat');
    expect(chat?.durationMs).toBeTypeOf('number');
  });

  test('asks no question of the model without a canary', async () => {
    const { cluster, engine } = await aServingCluster();
    const report = await read(cluster, { canary: 'none' });
    expect(report.verdict).toBe('healthy');
    expect(outcomes(report)).not.toHaveProperty('chat');
    const paths = engine.requests.map(({ path }) => path);
    expect(paths).not.toContain('/v1/chat/completions');
  });

  test.each([
    {
      name: 'the engine is dead though the models are listed',
      answers: { '/health': status(503) },
      failed: 'http-health',
    },
    {
      name: 'no model is listed',
      answers: { '/v1/models': answer({ object: 'list', data: [] }) },
      failed: 'models',
    },
    {
      name: 'the answer is empty',
      answers: {
        '/v1/chat/completions': answer({
          choices: [{ message: { content: '' } }],
          usage: { completion_tokens: 32 },
        }),
      },
      failed: 'chat',
    },
    {
      name: 'the answer never comes and nothing is counted',
      answers: { '/v1/chat/completions': hang },
      failed: 'progress',
    },
    { name: 'the health endpoint hangs', answers: { '/health': hang }, failed: 'http-health' },
  ])('is unhealthy when $name', async ({ answers, failed }) => {
    const { cluster } = await aServingCluster(answers);
    const timeoutsMs = { 'http-health': 1_500, models: 5_000, chat: 2_000 };
    const report = await read(cluster, { timeoutsMs });
    expect(report.verdict).toBe('unhealthy');
    expect(outcomes(report)[failed]).toBe('failed');
    expect(report.cause).toMatchObject({ code: failed, subject: 'Pod/deepseek/deepseek-main-0' });
  });

  test.each([
    { name: 'port-forward is forbidden', forbidden: 'create pods/portforward', check: 'chat' },
    { name: 'pods may not be listed', forbidden: 'list Pod', check: 'pods-present' },
    { name: 'the set may not be read', forbidden: 'get LeaderWorkerSet', check: 'lws-available' },
  ])('is unknown when $name', async ({ forbidden, check }) => {
    const { cluster } = await aServingCluster();
    cluster.forbidden.add(forbidden);
    const report = await read(cluster);
    expect(report.verdict).toBe('unknown');
    expect(outcomes(report)[check]).toBe('unknown');
  });

  test('is unknown when the engine cannot be reached through the forward', async () => {
    const { cluster } = await aServingCluster();
    cluster.engines.set('deepseek-main-0', 'http://127.0.0.1:9');
    const report = await read(cluster);
    expect(report.verdict).toBe('unknown');
  });

  test('does not need events, nodes or logs to find a healthy group healthy', async () => {
    const { cluster } = await aServingCluster();
    for (const verb of ['list Event', 'get Node', 'get pods/log']) cluster.forbidden.add(verb);
    const report = await read(cluster);
    expect(report.verdict).toBe('healthy');
    // Nothing had to be explained, so that no log was asked for.
    expect(outcomes(report)).toMatchObject({ events: 'skipped', nodes: 'skipped' });
    expect(outcomes(report)).not.toHaveProperty('logs');
  });

  test.each([
    { what: 'events', verb: 'list Event', ask: 'kubectl auth can-i list events -n deepseek' },
    { what: 'nodes', verb: 'get Node', ask: 'kubectl auth can-i list nodes`' },
    { what: 'logs', verb: 'get pods/log', ask: 'kubectl auth can-i get pods/log -n deepseek' },
  ])('lists $what as skipped, and why, where they may not be read', async ({ what, verb, ask }) => {
    const { cluster } = await aServingCluster({ '/health': status(503) });
    cluster.forbidden.add(verb);
    const report = await read(cluster);
    expect(report).toMatchObject({ verdict: 'unhealthy', cause: { code: 'http-health' } });
    const left = report.checks.notDone.find(({ id }) => id === what);
    expect(left).toMatchObject({ outcome: 'skipped' });
    expect(left?.reason).toContain(`Cannot ${verb}: not allowed`);
    const check = report.groups[0]?.checks.find(({ id }) => id === what);
    expect(check?.advice).toContain(ask);
    expect(outcomes(await read((await aServingCluster()).cluster))).not.toHaveProperty(what);
  });

  test('asks only leaders that are ready', async () => {
    const { cluster, engine } = await aServingCluster();
    cluster.put(aLoadingPod(), aSlice([{ pod: 'deepseek-main-0', ready: false }]));
    const report = await read(cluster);
    expect(report.verdict).toBe('progressing');
    expect(engine.requests).toEqual([]);
    expect(outcomes(report)).toMatchObject({ 'http-health': 'pending', chat: 'pending' });
  });

  test('is unhealthy when nothing was deployed', async () => {
    const report = await read(new FakeCluster());
    expect(report).toMatchObject({ verdict: 'unhealthy', cause: { code: 'lws-available' } });
  });

  test('explains a crash with events and the log of the previous life', async () => {
    const { cluster } = await aServingCluster();
    const crashed = aPod({
      worker: 1,
      conditions: notReady,
      containers: [
        aContainer({
          restartCount: 3,
          state: waiting('CrashLoopBackOff'),
          lastState: terminated(1, 'Error'),
        }),
      ],
    });
    cluster.put(
      crashed,
      anEvent(crashed, {
        reason: 'BackOff',
        message: 'Back-off restarting failed container engine',
        count: 7,
      }),
    );
    cluster.logs.set(
      'deepseek-main-0-1 previous',
      'Traceback\nNCCL error: unhandled system error\n',
    );
    const report = await read(cluster);
    expect(report.cause).toMatchObject({
      code: 'crash-loop',
      subject: 'Pod/deepseek/deepseek-main-0-1',
      ranks: '8-15',
      events: ['BackOff x7: Back-off restarting failed container engine'],
      logLines: ['Traceback', 'NCCL error: unhandled system error'],
    });
  });

  test('throws what makes every answer worthless', async () => {
    const { cluster } = await aServingCluster();
    const error = new DsdeployError('CLUSTER_UNREACHABLE', 'Cannot list: no route');
    cluster.list = () => Promise.reject(error);
    await expect(read(cluster)).rejects.toBe(error);
  });

  test('stops at once when interrupted in the middle of an answer', async () => {
    const { cluster } = await aServingCluster({ '/v1/chat/completions': hang });
    const signal = AbortSignal.timeout(100);
    await expect(read(cluster, { signal })).rejects.toMatchObject({ code: 'INTERRUPTED' });
    await expect.poll(() => cluster.openForwards).toBe(0);
  });
});

describe('readHealth() with an API key', () => {
  test('sends the key of the Secret under /v1 only', async () => {
    const { cluster, engine } = await aServingCluster({}, { apiKey: secretKey });
    cluster.put(aSecret(secretKey));
    const report = await read(cluster, {}, withKey);
    expect(report.verdict).toBe('healthy');
    expect(outcomes(report)['bad-key']).toBe('passed');
    for (const { path, authorization } of engine.requests) {
      if (path.startsWith('/v1/')) continue;
      expect(authorization).toBe('');
    }
  });

  test('sends the key it was given and leaves the Secret alone', async () => {
    const { cluster, engine } = await aServingCluster({}, { apiKey: 'given' });
    expect((await read(cluster, { apiKey: 'given' }, withKey)).verdict).toBe('healthy');
    const models = engine.requests.find(({ path }) => path === '/v1/models');
    expect(models?.authorization).toBe('Bearer given');
    expect(cluster.calls).not.toContain('get Secret');
  });

  test.each([
    { name: 'is absent', prepare: () => undefined },
    {
      name: 'may not be read',
      prepare: (cluster: FakeCluster) => cluster.forbidden.add('get Secret'),
    },
    {
      name: 'has no such key',
      prepare: (cluster: FakeCluster) => {
        cluster.put({ ...aSecret(secretKey), data: {} });
      },
    },
    {
      name: 'ends in a line break',
      prepare: (cluster: FakeCluster) => {
        cluster.put(aSecret(`${secretKey}\n`));
      },
    },
  ])('is unknown, with advice, when the Secret $name', async ({ prepare }) => {
    const { cluster } = await aServingCluster();
    prepare(cluster);
    const report = await read(cluster, {}, withKey);
    expect(report.verdict).toBe('unknown');
    expect(outcomes(report)).toMatchObject({
      'http-health': 'passed',
      models: 'unknown',
      chat: 'unknown',
    });
    expect(report.cause?.advice).toBeDefined();
    expect(JSON.stringify(report)).not.toContain(secretKey);
  });

  test('keeps the key out of the report, even when the engine echoes and logs it', async () => {
    const { cluster } = await aServingCluster({
      '/v1/chat/completions': (request, response) => {
        const content = `headers: ${request.headers.authorization ?? ''}`;
        const body = { choices: [{ message: { content } }], usage: { completion_tokens: 1 } };
        response.end(JSON.stringify(body));
      },
      '/health': status(503),
    });
    cluster.logs.set('deepseek-main-0', `api_key=${secretKey}`);
    cluster.put(aSecret(secretKey));
    const report = await read(cluster, {}, withKey);
    expect(report.cause?.logLines).toEqual(['api_key=***']);
    expect(JSON.stringify(report)).not.toContain(secretKey);
  });
});
