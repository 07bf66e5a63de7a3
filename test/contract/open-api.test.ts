import { describe, expect, test } from 'vitest';
import { json, status } from './fake-api-server.ts';
import { errorOf, openFake } from './open-fake.ts';

const route = 'GET /openapi/v3/apis/apps/v1';
const schemas = { Deployment: { type: 'object' } };

describe('readSchemas()', () => {
  test('asks once for an API version, however many want it, and keeps the schemas only', async () => {
    const { server, cluster } = await openFake();
    server.on(route, json({ paths: { '/apis/apps/v1/': {} }, components: { schemas } }));
    const readings = [1, 2, 3].map(() => cluster.readSchemas('apps/v1'));
    expect(await Promise.all(readings)).toEqual([schemas, schemas, schemas]);
    await cluster.readSchemas('apps/v1');
    expect(server.seen(route)).toHaveLength(1);
    expect(server.requests).toHaveLength(1);
  });

  test('reads the core group from its own root', async () => {
    const { server, cluster } = await openFake();
    server.on('GET /openapi/v3/api/v1', json({ components: { schemas } }));
    expect(await cluster.readSchemas('v1')).toEqual(schemas);
  });

  test.each([
    ['not published', 404],
    ['not for this user', 403],
  ])('gives nothing where it is %s', async (_what, code) => {
    const { server, cluster } = await openFake();
    server.on(route, status(code, 'Nothing', 'nothing here'));
    expect(await cluster.readSchemas('apps/v1')).toBeUndefined();
  });

  test('does not take something else for schemas, and asks again after a failure', async () => {
    const { server, cluster } = await openFake();
    server.on(route, json({ components: [] }), json({ components: { schemas } }));
    expect(await errorOf(cluster.readSchemas('apps/v1'))).toMatchObject({
      code: 'CLUSTER_BAD_REPLY',
    });
    expect(await cluster.readSchemas('apps/v1')).toEqual(schemas);
  });
});
