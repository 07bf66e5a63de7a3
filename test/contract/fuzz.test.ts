import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DsdeployError } from '../../src/errors/index.ts';
import { type Reply, raw } from './fake-api-server.ts';
import { openFake } from './open-fake.ts';

const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'ds', name: 'a' };
const base = '/api/v1/namespaces/ds/configmaps';

/** Texts between noise and nearly right: arbitrary bytes, JSON, and Kubernetes JSON cut off. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.json(),
  fc
    .record(
      {
        apiVersion: fc.oneof(fc.constant('v1'), fc.jsonValue()),
        kind: fc.oneof(fc.constantFrom('ConfigMap', 'Status', 'List'), fc.jsonValue()),
        metadata: fc.oneof(
          fc.jsonValue(),
          fc.record({ name: fc.jsonValue(), uid: fc.jsonValue(), continue: fc.jsonValue() }),
        ),
        items: fc.jsonValue(),
        resources: fc.jsonValue(),
        details: fc.jsonValue(),
        message: fc.jsonValue(),
        type: fc.constantFrom('ADDED', 'ERROR', 'BOOKMARK'),
        object: fc.jsonValue(),
      },
      { requiredKeys: [] },
    )
    .chain((value) => {
      const text = JSON.stringify(value);
      return fc.nat(text.length).map((length) => text.slice(0, length || undefined));
    }),
);

const anyReply = fc
  .tuple(fc.constantFrom(200, 200, 200, 400, 403, 404, 409, 410, 422, 500), anyText)
  .map(([code, text]): Reply => raw(text, {}, code));

test('whatever a server answers, every call ends in a value or a coded error', async () => {
  const { server, cluster } = await openFake({
    open: {
      timings: { retries: 1, retryMinMs: 1, retryMaxMs: 1, watchGiveUpMs: 5, watchStallMs: 50 },
    },
  });
  const calls = [
    () => cluster.get(ref),
    () => cluster.list(ref, { namespace: 'ds' }),
    () =>
      cluster.apply(
        { ...ref, metadata: { name: 'a', namespace: 'ds' } },
        { dryRun: true, force: false },
      ),
    () => cluster.delete(ref, { uid: 'u' }),
    () => cluster.readTarget(),
    () => cluster.supports({ apiVersion: 'x/v1', kind: 'X' }),
    () => cluster.findDenied([{ verb: 'get', group: '', resource: 'pods' }]),
    () => cluster.readLogs({ ...ref, kind: 'Pod' }, { tailLines: 1 }),
    async () => {
      const signal = AbortSignal.timeout(20);
      for await (const _ of cluster.watch(ref, { namespace: 'ds', signal })) continue;
    },
  ];
  const routes = [
    ...['GET', 'PATCH', 'DELETE'].map((method) => `${method} ${base}/a`),
    ...[`GET ${base}`, 'GET /version', 'GET /api/v1/namespaces/kube-system', 'GET /apis/x/v1'],
    'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    'GET /api/v1/namespaces/ds/pods/a/log',
  ];
  await fc.assert(
    fc.asyncProperty(anyReply, async (reply) => {
      for (const route of routes) server.on(route, reply);
      for (const call of calls) {
        const error: unknown = await call().then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        if (error !== undefined) expect(error).toBeInstanceOf(DsdeployError);
      }
    }),
    { numRuns: 100, interruptAfterTimeLimit: 12_000 },
  );
}, 30_000);
