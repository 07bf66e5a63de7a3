import { describe, expect, test } from 'vitest';
import { status } from './fake-api-server.ts';
import { errorOf, openFake } from './open-fake.ts';

const pod = { apiVersion: 'v1', kind: 'Pod', namespace: 'ds', name: 'p' };
const route = 'GET /api/v1/namespaces/ds/pods/p/portforward';
const ready = status(400, 'BadRequest', 'Upgrade request required');

describe('openPortForward()', () => {
  test.each([
    [404, 'NotFound', 'pods "p" not found', { name: 'p', kind: 'pods' }, 'OBJECT_NOT_FOUND'],
    [400, 'BadRequest', 'pod p does not have a host assigned', undefined, 'CLUSTER_ERROR'],
  ])(
    'fails at once with the reason of a %i %s',
    async (code, reason, message, details, expected) => {
      const { server, cluster } = await openFake();
      server.on(route, status(code, reason, message, details === undefined ? {} : { details }));
      expect(await errorOf(cluster.openPortForward(pod, 8000))).toMatchObject({
        code: expected,
        message: `Cannot forward port 8000 of Pod/ds/p: ${message}`,
      });
    },
  );

  test('names both verbs it needs when it is forbidden', async () => {
    const { server, cluster } = await openFake();
    server.on(route, status(403, 'Forbidden', 'pods "p" is forbidden: '));
    expect(await errorOf(cluster.openPortForward(pod, 8000))).toMatchObject({
      code: 'CLUSTER_FORBIDDEN',
      hint: expect.stringContaining('the verbs get and create on pods/portforward') as string,
    });
  });

  test('breaks a connection the server does not carry, and remembers why', async () => {
    const { server, cluster } = await openFake();
    server.on(route, ready);
    const forward = await cluster.openPortForward(pod, 8000);
    expect(forward.baseUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    await expect(fetch(forward.baseUrl)).rejects.toThrow();
    expect(forward.lastProblem?.()).toBe('the server refused the connection');
    expect(server.seen(route)[0]?.query.get('ports')).toBe('8000');
    await forward.close();
    await forward.close();
  });

  test('stops listening when the cluster is closed', async () => {
    const { server, cluster } = await openFake();
    server.on(route, ready);
    const forward = await cluster.openPortForward(pod, 8000);
    await cluster.close();
    await expect(fetch(forward.baseUrl)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  });
});
