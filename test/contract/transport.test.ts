import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCluster } from '../../src/cluster/index.ts';
import {
  json,
  listOf,
  type RecordedRequest,
  raw,
  reset,
  stall,
  status,
} from './fake-api-server.ts';
import {
  errorOf,
  fastTimings,
  openAt,
  openFake,
  tempFolder,
  writeKubeconfig,
} from './open-fake.ts';

const kind = { apiVersion: 'v1', kind: 'ConfigMap' };
const inNamespace = { namespace: 'ds' };
const route = 'GET /api/v1/namespaces/ds/configmaps';
const webhook =
  'Internal error occurred: failed calling webhook "x.kb.io": connect: connection refused';

describe('retries', () => {
  test.each([
    ['429', status(429, 'TooManyRequests', 'slow down')],
    ['502', raw('bad gateway', {}, 502)],
    ['503', status(503, 'ServiceUnavailable', 'starting')],
    ['504', status(504, 'Timeout', 'request timed out')],
    ['a new etcd leader', status(500, 'InternalError', 'etcdserver: leader changed')],
    ['a webhook that restarts', status(500, 'InternalError', webhook)],
    [
      'a race for a quota',
      status(409, 'Conflict', 'Operation cannot be fulfilled on resourcequotas "q"'),
    ],
    ['a reset connection', reset()],
    ['a reset in mid answer', reset('{"metadata":{"resour')],
  ])('bridge %s', async (_, failure) => {
    const { server, cluster } = await openFake();
    server.on(route, failure, failure, listOf([]));
    expect(await cluster.list(kind, inNamespace)).toEqual([]);
    expect(server.seen(route)).toHaveLength(3);
  });

  test('bridge a write race of a server-side apply', async () => {
    const { server, cluster } = await openFake();
    const object = { ...kind, metadata: { name: 'a', namespace: 'ds' } };
    const patch = 'PATCH /api/v1/namespaces/ds/configmaps/a';
    server.on(
      patch,
      status(
        409,
        'Conflict',
        'Operation cannot be fulfilled on configmaps "a": the object has been modified',
      ),
      json({ ...object, metadata: { ...object.metadata, uid: 'u', resourceVersion: '1' } }),
    );
    await cluster.apply(object, { dryRun: false, force: false });
    expect(server.seen(patch)).toHaveLength(2);
  });

  // What moved may be the object that was planned for; only a new plan can tell.
  test.each<[string, object, { details?: object }]>([
    ['bound to a UID', { uid: 'u' }, {}],
    ['bound to a resourceVersion', { resourceVersion: '1' }, {}],
    [
      'with a field of another manager',
      {},
      { details: { causes: [{ reason: 'FieldManagerConflict' }] } },
    ],
  ])('do not bridge a conflict of an apply %s', async (_, bound, extra) => {
    const { server, cluster } = await openFake();
    const object = { ...kind, metadata: { name: 'a', namespace: 'ds', ...bound } };
    const patch = 'PATCH /api/v1/namespaces/ds/configmaps/a';
    const message = 'Operation cannot be fulfilled on configmaps "a": the object has been modified';
    server.on(patch, status(409, 'Conflict', message, extra));
    const error = await errorOf(cluster.apply(object, { dryRun: false, force: false }));
    expect(error).toMatchObject({
      code: extra.details === undefined ? 'OBJECT_CHANGED' : 'FIELD_CONFLICT',
    });
    expect(server.seen(patch)).toHaveLength(1);
  });

  test('wait as long as Retry-After says, also for other requests', async () => {
    const { server, cluster } = await openFake();
    const other = 'GET /api/v1/namespaces/ds/pods';
    server.on(
      route,
      status(429, 'TooManyRequests', 'x', { headers: { 'retry-after': '1' } }),
      listOf([]),
    );
    server.on(other, listOf([]));
    await cluster.supports(kind);
    const first = cluster.list(kind, inNamespace);
    await expect.poll(() => server.seen(route).length).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await Promise.all([first, cluster.list({ apiVersion: 'v1', kind: 'Pod' }, inNamespace)]);
    const [refused, accepted] = server.seen(route);
    expect((accepted?.atMs ?? 0) - (refused?.atMs ?? 0)).toBeGreaterThanOrEqual(990);
    expect((server.seen(other)[0]?.atMs ?? 0) - (refused?.atMs ?? 0)).toBeGreaterThanOrEqual(990);
  });

  test.each([400, 403, 405, 409, 422, 500])('do not happen for a plain %i', async (code) => {
    const { server, cluster } = await openFake();
    server.on(route, status(code, 'Whatever', 'no'));
    await errorOf(cluster.list(kind, inNamespace));
    expect(server.seen(route)).toHaveLength(1);
  });

  test('end, and keep the last message of the server', async () => {
    const { server, cluster } = await openFake({
      open: { timings: { ...fastTimings, retries: 2 } },
    });
    server.on(route, status(503, 'ServiceUnavailable', 'still starting'));
    expect(await errorOf(cluster.list(kind, inNamespace))).toMatchObject({
      code: 'CLUSTER_ERROR',
      message: 'Cannot list ConfigMap: still starting',
    });
    expect(server.seen(route)).toHaveLength(3);
  });
});

describe('the connection', () => {
  test('is shared: 200 parallel requests open at most 32', async () => {
    const { server, cluster } = await openFake();
    server.on(route, listOf([]));
    await Promise.all(Array.from({ length: 200 }, () => cluster.list(kind, inNamespace)));
    expect(server.connections).toBeLessThanOrEqual(32);
  });

  test('keeps the path prefix of a gateway', async () => {
    const { server } = await openFake();
    const cluster = await openAt(`${server.url}/k8s/clusters/c-1/`);
    server.on('GET /k8s/clusters/c-1/version', json({ gitVersion: 'v1.30.0' }));
    expect(await cluster.readTarget()).toMatchObject({ serverVersion: 'v1.30.0' });
  });

  test('to nowhere is reported with server and context', async () => {
    const cluster = await openAt('http://127.0.0.1:9');
    expect(await errorOf(cluster.readTarget())).toMatchObject({
      code: 'CLUSTER_UNREACHABLE',
      subject: 'http://127.0.0.1:9 (context fake)',
    });
  });

  test('to a name that does not resolve is reported', async () => {
    const cluster = await openAt('https://no-such-host.invalid');
    expect(await errorOf(cluster.readTarget())).toMatchObject({ code: 'CLUSTER_UNREACHABLE' });
  });

  test.each([
    ['never answers', stall()],
    ['stops in mid answer', stall('{"metadata":')],
  ])('to a server that %s is given up', async (_, reply) => {
    const { server, cluster } = await openFake({
      open: { timings: { headersMs: 100, bodyIdleMs: 100 } },
    });
    server.on(route, reply);
    expect(await errorOf(cluster.list(kind, inNamespace))).toMatchObject({
      code: 'CLUSTER_UNREACHABLE',
      message: 'Cannot list ConfigMap: the server stopped answering',
    });
  });

  test('bridges a server that goes away after it had answered', async () => {
    const { server, cluster } = await openFake();
    await cluster.supports(kind);
    await server.stop();
    const error = await errorOf(cluster.list(kind, inNamespace));
    expect(error).toMatchObject({ code: 'CLUSTER_UNREACHABLE' });
  });

  test('does not follow redirects', async () => {
    const { server, cluster } = await openFake();
    server.on(route, raw('', { location: 'https://login.example' }, 302));
    expect(await errorOf(cluster.list(kind, inNamespace))).toMatchObject({
      code: 'CLUSTER_BAD_REPLY',
      message: expect.stringContaining('it redirects to https://login.example') as string,
    });
  });
});

describe('an interrupt', () => {
  test.each(['signal', 'close'] as const)('by %s ends a request under way', async (by) => {
    const stop = new AbortController();
    const { server, cluster } = await openFake({ open: { signal: stop.signal } });
    server.on(route, stall());
    const request = errorOf(cluster.list(kind, inNamespace));
    await expect.poll(() => server.seen(route).length).toBe(1);
    if (by === 'signal') stop.abort();
    else await cluster.close();
    expect(await request).toMatchObject({ code: 'INTERRUPTED', exitCode: 130 });
  });

  test('ends the wait before a retry', async () => {
    const stop = new AbortController();
    const { server, cluster } = await openFake({ open: { signal: stop.signal } });
    server.on(route, status(429, 'TooManyRequests', 'x', { headers: { 'retry-after': '30' } }));
    const request = errorOf(cluster.list(kind, inNamespace));
    await expect.poll(() => server.seen(route).length).toBe(1);
    stop.abort();
    expect(await request).toMatchObject({ code: 'INTERRUPTED' });
  });
});

describe('credentials', () => {
  /** A plug-in that counts its runs in a file and prints the count as token. */
  async function plugin(printed = '{"kind":"ExecCredential","status":{"token":"t$n"}}') {
    const folder = await tempFolder();
    const script = join(folder, 'plugin.sh');
    const text = `echo "$KUBERNETES_EXEC_INFO" > ${folder}/info; echo x >> ${folder}/runs; n=$(wc -l < ${folder}/runs | tr -d ' '); printf '%s' "${printed.replaceAll('"', '\\"')}"`;
    await writeFile(script, text);
    return {
      folder,
      exec: {
        apiVersion: 'client.authentication.k8s.io/v1',
        command: 'sh',
        args: [script],
        interactiveMode: 'Never',
        provideClusterInfo: true,
      },
    };
  }

  const sent = (requests: readonly RecordedRequest[]) =>
    requests.map(({ headers }) => headers.authorization);

  test('from a plug-in are made once for 20 parallel requests', async () => {
    const { exec } = await plugin();
    const { server, cluster } = await openFake({ user: { token: null, exec } });
    server.on(route, listOf([]));
    await Promise.all(Array.from({ length: 20 }, () => cluster.list(kind, inNamespace)));
    expect(new Set(sent(server.requests))).toEqual(new Set(['Bearer t1']));
  });

  test('are renewed once when 20 parallel requests are refused', async () => {
    const { exec } = await plugin();
    const { server, cluster } = await openFake({ user: { token: null, exec } });
    await cluster.supports(kind);
    server.on(route, (response, request) => {
      const reply =
        request.headers.authorization === 'Bearer t2'
          ? listOf([])
          : status(401, 'Unauthorized', 'Unauthorized');
      reply(response, request);
    });
    await Promise.all(Array.from({ length: 20 }, () => cluster.list(kind, inNamespace)));
    expect(new Set(sent(server.requests))).toEqual(new Set(['Bearer t1', 'Bearer t2']));
  });

  test('of a plug-in are told about the cluster', async () => {
    const { exec, folder } = await plugin();
    const { server, cluster } = await openFake({ user: { token: null, exec } });
    await cluster.supports(kind);
    expect(JSON.parse(await readFile(join(folder, 'info'), 'utf8'))).toMatchObject({
      kind: 'ExecCredential',
      spec: { interactive: false, cluster: { server: server.url } },
    });
  });

  test.each([
    ['prints something else', 'TOPSECRET', 'it did not print an ExecCredential'],
    [
      'prints no token',
      '{"kind":"ExecCredential","status":{"x":"TOPSECRET"}}',
      'it printed neither',
    ],
  ])('of a plug-in that %s are an error without its output', async (_, printed, reason) => {
    const { exec } = await plugin(printed);
    const { cluster } = await openFake({ user: { token: null, exec } });
    const error = await errorOf(cluster.supports(kind));
    expect(error).toMatchObject({
      code: 'CREDENTIAL_PLUGIN_FAILED',
      message: expect.stringContaining(reason) as string,
    });
    expect(JSON.stringify(error) + String((error as Error).stack)).not.toContain('TOPSECRET');
  });

  test.each([
    [
      { command: 'no-such-plugin', installHint: 'Install it.' },
      'the program is missing',
      'Install it.',
    ],
    [
      { command: 'sh', args: ['-c', 'echo session expired >&2; exit 1'] },
      'session expired',
      'by hand',
    ],
    [{ command: 'sh', args: ['-c', 'sleep 5'] }, 'no answer in 0.2 s', 'by hand'],
    [{ command: 'sh', interactiveMode: 'Always' }, 'it needs a terminal', 'by hand'],
  ])('of the plug-in %j say "%s"', async (exec, reason, hint) => {
    const apiVersion = 'client.authentication.k8s.io/v1';
    const { cluster } = await openFake({
      user: { token: null, exec: { apiVersion, interactiveMode: 'Never', ...exec } },
      open: { env: { PATH: process.env['PATH'] }, timings: { execPluginMs: 200 } },
    });
    expect(await errorOf(cluster.supports(kind))).toMatchObject({
      code: 'CREDENTIAL_PLUGIN_FAILED',
      message: expect.stringContaining(reason) as string,
      hint: expect.stringContaining(hint) as string,
    });
  });

  test('from a token file are read again when refused', async () => {
    const folder = await tempFolder();
    const tokenFile = join(folder, 'token');
    await writeFile(tokenFile, 'old\n');
    const { server, cluster } = await openFake({ user: { token: 'ignored', tokenFile } });
    await cluster.supports(kind);
    await writeFile(tokenFile, 'new\n');
    server.on(route, status(401, 'Unauthorized', 'Unauthorized'), listOf([]));
    await cluster.list(kind, inNamespace);
    expect(sent(server.requests)).toEqual(['Bearer old', 'Bearer old', 'Bearer new']);
  });

  test('that stay refused are reported with the user', async () => {
    const expired = Buffer.from(JSON.stringify({ exp: 1_700_000_000 })).toString('base64url');
    const { server, cluster } = await openFake({ user: { token: `h.${expired}.s` } });
    server.on('GET /version', status(401, 'Unauthorized', 'Unauthorized'));
    expect(await errorOf(cluster.readTarget())).toMatchObject({
      code: 'CLUSTER_UNAUTHORIZED',
      hint: expect.stringContaining('user "me": the token expired on 2023-11-14') as string,
    });
    expect(server.seen('GET /version')).toHaveLength(2);
  });

  test('carry a basic password, and whom to impersonate', async () => {
    const { server, cluster } = await openFake({
      user: {
        token: null,
        username: 'u',
        password: 'p',
        as: 'jane',
        'as-groups': ['ops', 'dev'],
        'as-user-extra': { 'acme.io/team': ['infra'] },
      },
    });
    await cluster.supports(kind);
    const { rawHeaders = [] } = server.requests[0] ?? {};
    const pairs = rawHeaders.flatMap((name, index) =>
      index % 2 === 0 ? [`${name.toLowerCase()}: ${rawHeaders[index + 1] ?? ''}`] : [],
    );
    expect(pairs).toEqual(
      expect.arrayContaining([
        'authorization: Basic dTpw',
        'impersonate-user: jane',
        'impersonate-group: ops',
        'impersonate-group: dev',
        'impersonate-extra-acme.io%2fteam: infra',
      ]),
    );
  });

  test('in broken PEM are reported before any connection', async () => {
    const { server, cluster } = await openFake({
      user: { 'client-certificate-data': 'bm90IHBlbQ==', 'client-key-data': 'bm90IHBlbQ==' },
    });
    expect(await errorOf(cluster.readTarget())).toMatchObject({ code: 'KUBECONFIG_INVALID' });
    expect(server.requests).toEqual([]);
  });

  test('may be absent: the request is anonymous then', async () => {
    const { server } = await openFake();
    const kubeconfig = await writeKubeconfig({
      'current-context': 'c',
      clusters: [{ name: 'c', cluster: { server: server.url } }],
      contexts: [{ name: 'c', context: { cluster: 'c' } }],
    });
    const cluster = await openCluster({ kubeconfig, env: {} });
    await cluster.supports(kind);
    await cluster.close();
    expect(server.requests[0]?.headers.authorization).toBeUndefined();
  });
});
