import { describe, expect, test } from 'vitest';
import { echo, json, status } from './fake-api-server.ts';
import { errorOf, openFake } from './open-fake.ts';

const meta = { uid: 'u1', resourceVersion: '7' };
const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'ds' } };
const path = '/api/v1/namespaces/ds/configmaps/a';

describe('apply()', () => {
  test('sends a strict server-side apply under the name dsdeploy', async () => {
    const { server, cluster } = await openFake();
    server.on(`PATCH ${path}`, echo(meta));
    await cluster.apply(configMap, { dryRun: true, force: false });
    const [request] = server.seen(`PATCH ${path}`);
    expect(request?.headers['content-type']).toBe('application/apply-patch+yaml');
    expect(Object.fromEntries(request?.query ?? [])).toEqual({
      fieldManager: 'dsdeploy',
      fieldValidation: 'Strict',
      force: 'false',
      dryRun: 'All',
    });
  });

  test('leaves out dryRun when it writes', async () => {
    const { server, cluster } = await openFake();
    server.on(`PATCH ${path}`, echo(meta));
    await cluster.apply(configMap, { dryRun: false, force: true });
    const [request] = server.seen(`PATCH ${path}`);
    expect(request?.query.has('dryRun')).toBe(false);
    expect(request?.query.get('force')).toBe('true');
  });

  test.each([
    {
      what: 'from of a NetworkPolicy',
      route: '/apis/networking.k8s.io/v1/namespaces/ds/networkpolicies/p',
      object: {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name: 'p', namespace: 'ds' },
        spec: {
          podSelector: {},
          ingress: [{ from: [{ podSelector: { matchLabels: { a: 'b' } } }] }],
        },
      },
    },
    {
      what: 'default, enum and x-kubernetes-* of a CustomResourceDefinition',
      route: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/c',
      object: {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: 'c' },
        spec: {
          versions: [
            {
              schema: {
                openAPIV3Schema: {
                  default: { a: 1 },
                  enum: ['x'],
                  $ref: '#',
                  'x-kubernetes-list-type': 'map',
                },
              },
            },
          ],
        },
      },
    },
    {
      what: 'fields newer than any client',
      route: path,
      object: {
        ...configMap,
        data: { ünï: '漢\u2028\n' },
        fieldOfTomorrow: [null, { deep: [0.1, -0, 1e21] }],
      },
    },
  ])('sends and returns byte for byte $what', async ({ route, object }) => {
    const { server, cluster } = await openFake();
    server.on(`PATCH ${route}`, echo(meta));
    const { object: live } = await cluster.apply(object, { dryRun: false, force: false });
    expect(server.seen(`PATCH ${route}`)[0]?.body).toBe(JSON.stringify(object));
    expect(JSON.stringify(live)).toBe(
      JSON.stringify({ ...object, metadata: { ...object.metadata, ...meta } }),
    );
  });

  test('collects the warnings of the server', async () => {
    const { server, cluster } = await openFake();
    const warning = ['299 - "deprecated \\"x\\""', '299 kube "unknown, really"'];
    server.on(
      `PATCH ${path}`,
      json({ ...configMap, metadata: { ...configMap.metadata, ...meta } }, { warning }),
    );
    const { warnings } = await cluster.apply(configMap, { dryRun: false, force: false });
    expect(warnings).toEqual(['deprecated "x"', 'unknown, really']);
  });

  test('gives a dry-run of a new object an empty resourceVersion', async () => {
    const { server, cluster } = await openFake();
    server.on(`PATCH ${path}`, echo({ uid: 'u' }));
    const { object } = await cluster.apply(configMap, { dryRun: true, force: false });
    expect(object.metadata.resourceVersion).toBe('');
  });

  test('names manager and field of a conflict', async () => {
    const { server, cluster } = await openFake();
    const causes = [
      {
        reason: 'FieldManagerConflict',
        message: 'conflict with "kubectl-edit" using v1',
        field: '.data.a',
      },
    ];
    server.on(
      `PATCH ${path}`,
      status(409, 'Conflict', 'Apply failed with 1 conflict', { details: { causes } }),
    );
    expect(await errorOf(cluster.apply(configMap, { dryRun: true, force: false }))).toMatchObject({
      code: 'FIELD_CONFLICT',
      subject: 'ConfigMap/ds/a',
      details: [{ location: '.data.a', message: 'owned by "kubectl-edit" using v1' }],
    });
    expect(server.seen(`PATCH ${path}`)).toHaveLength(1);
  });

  test('refuses an object without namespace before anything is sent', async () => {
    const { server, cluster } = await openFake();
    const object = { ...configMap, metadata: { name: 'a' } };
    expect(await errorOf(cluster.apply(object, { dryRun: true, force: false }))).toMatchObject({
      code: 'OBJECT_INVALID',
      hint: 'Set metadata.namespace.',
    });
    expect(server.requests.filter(({ method }) => method === 'PATCH')).toEqual([]);
  });
});

describe('get()', () => {
  test('returns undefined for an absent object', async () => {
    const { server, cluster } = await openFake();
    server.on(
      `GET ${path}`,
      status(404, 'NotFound', 'configmaps "a" not found', { details: { name: 'a' } }),
    );
    expect(
      await cluster.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'ds', name: 'a' }),
    ).toBeUndefined();
  });

  test('reports an unknown kind and the versions the server has of its group', async () => {
    const { server, cluster } = await openFake();
    const group = 'leaderworkerset.x-k8s.io';
    server.on(`GET /apis/${group}`, json({ versions: [{ groupVersion: `${group}/v1alpha1` }] }));
    const ref = { apiVersion: `${group}/v1`, kind: 'LeaderWorkerSet', namespace: 'ds', name: 'a' };
    expect(await errorOf(cluster.get(ref))).toMatchObject({
      code: 'KIND_UNKNOWN',
      message: expect.stringContaining(
        'the server has leaderworkerset.x-k8s.io/v1alpha1',
      ) as string,
      hint: expect.stringContaining('Install LeaderWorkerSet') as string,
    });
  });
});

describe('supports()', () => {
  test('asks once for a kind that is there and again for one that is not', async () => {
    const { server, cluster } = await openFake();
    const kind = { apiVersion: 'example.io/v1', kind: 'Late' };
    expect(await cluster.supports(kind)).toBe(false);
    const resources = [{ name: 'lates', kind: 'Late', namespaced: true }];
    server.on('GET /apis/example.io/v1', json({ resources }));
    expect(await cluster.supports(kind)).toBe(true);
    expect(await cluster.supports(kind)).toBe(true);
    expect(server.seen('GET /apis/example.io/v1')).toHaveLength(2);
  });

  test('does not take a subresource for its kind', async () => {
    const { server, cluster } = await openFake();
    const resources = [{ name: 'things/scale', kind: 'Scale', namespaced: true }];
    server.on('GET /apis/example.io/v1', json({ resources }));
    expect(await cluster.supports({ apiVersion: 'example.io/v1', kind: 'Scale' })).toBe(false);
  });
});

describe('delete()', () => {
  const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'ds', name: 'a' };
  const conflict = status(
    409,
    'Conflict',
    'Precondition failed: UID in precondition: u1, UID in object meta: u2',
  );
  const live = (extra: object) =>
    json({ ...configMap, metadata: { ...configMap.metadata, ...meta, ...extra } });

  test('deletes in the foreground with both preconditions', async () => {
    const { server, cluster } = await openFake();
    server.on(`DELETE ${path}`, live({}));
    expect(await cluster.delete(ref, meta)).toBe('deleted');
    expect(JSON.parse(server.seen(`DELETE ${path}`)[0]?.body ?? '')).toMatchObject({
      propagationPolicy: 'Foreground',
      preconditions: meta,
    });
  });

  test('reports an object that is gone already', async () => {
    const { server, cluster } = await openFake();
    server.on(`DELETE ${path}`, status(404, 'NotFound', 'configmaps "a" not found'));
    expect(await cluster.delete(ref, meta)).toBe('gone');
  });

  test('never deletes an object that was recreated', async () => {
    const { server, cluster } = await openFake();
    server.on(`DELETE ${path}`, conflict);
    server.on(`GET ${path}`, live({ uid: 'u2' }));
    expect(await errorOf(cluster.delete(ref, meta))).toMatchObject({ code: 'OBJECT_CHANGED' });
  });

  test('recognises its own first success after a lost answer', async () => {
    const { server, cluster } = await openFake();
    server.on(`DELETE ${path}`, (response) => response.socket?.resetAndDestroy(), conflict);
    server.on(
      `GET ${path}`,
      live({ resourceVersion: '8', deletionTimestamp: '2026-01-01T00:00:00Z' }),
    );
    await cluster.readTarget().catch(() => undefined);
    expect(await cluster.delete(ref, meta)).toBe('deleted');
  });
});

describe('readLogs()', () => {
  const pod = { apiVersion: 'v1', kind: 'Pod', namespace: 'ds', name: 'p' };
  const log = 'GET /api/v1/namespaces/ds/pods/p/log';

  test('asks for the last lines of the earlier container', async () => {
    const { server, cluster } = await openFake();
    server.on(log, (response) => response.end('last words\n'));
    expect(
      await cluster.readLogs(pod, { container: 'engine', tailLines: 50, previous: true }),
    ).toBe('last words\n');
    expect(Object.fromEntries(server.seen(log)[0]?.query ?? [])).toEqual({
      container: 'engine',
      tailLines: '50',
      previous: 'true',
    });
  });

  test.each([
    [400, 'container "engine" in pod "p" is waiting to start: ContainerCreating'],
    [400, 'previous terminated container "engine" in pod "p" not found'],
    [404, 'pods "p" not found'],
  ])('is empty when the server says %i %s', async (code, message) => {
    const { server, cluster } = await openFake();
    server.on(log, status(code, 'BadRequest', message));
    expect(await cluster.readLogs(pod, { tailLines: 50 })).toBe('');
  });
});

describe('findDenied()', () => {
  test('returns the lacking rights in the order asked', async () => {
    const { server, cluster } = await openFake();
    server.on(
      'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      (response, request) => {
        const { spec } = JSON.parse(request.body) as {
          spec: { resourceAttributes: { verb: string } };
        };
        json({ status: { allowed: spec.resourceAttributes.verb === 'get' } })(response, request);
      },
    );
    const ask = (verb: 'get' | 'patch' | 'delete', resource: string) => ({
      verb,
      group: '',
      resource,
      namespace: 'ds',
    });
    const requests = [ask('patch', 'pods'), ask('get', 'pods/log'), ask('delete', 'pods')];
    expect(await cluster.findDenied(requests)).toEqual([requests[0], requests[2]]);
    const sent = server.requests.map(({ body }) => body).filter((body) => body.includes('"log"'));
    expect(JSON.parse(sent[0] ?? '')).toMatchObject({
      spec: { resourceAttributes: { resource: 'pods', subresource: 'log' } },
    });
  });

  interface Attributes {
    readonly verb: string;
    readonly resource: string;
    readonly namespace?: string;
  }

  const inDs = (['get', 'list', 'patch', 'delete'] as const).map((verb) => ({
    verb,
    group: '',
    resource: 'pods',
    namespace: 'ds',
  }));
  const nodes = { verb: 'list', group: '', resource: 'nodes' } as const;
  const elsewhere = { verb: 'get', group: '', resource: 'pods', namespace: 'other' } as const;

  test.each([
    {
      who: 'may do everything',
      may: ({ verb }: Attributes) => verb === '*',
      denied: [],
      asked: 3,
    },
    {
      who: 'may do everything in one namespace',
      may: ({ verb, namespace }: Attributes) => verb === '*' && namespace === 'ds',
      denied: [nodes, elsewhere],
      asked: 5,
    },
    {
      who: 'has single rights',
      may: ({ verb }: Attributes) => verb === 'get',
      denied: [...inDs.slice(1), nodes],
      asked: 9,
    },
  ])('asks $asked questions of a user who $who', async ({ may, denied, asked }) => {
    const { server, cluster } = await openFake();
    const path = 'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
    server.on(path, (response, request) => {
      const { spec } = JSON.parse(request.body) as { spec: { resourceAttributes: Attributes } };
      json({ status: { allowed: may(spec.resourceAttributes) } })(response, request);
    });
    expect(await cluster.findDenied([...inDs, nodes, elsewhere])).toEqual(denied);
    const reviews = server.requests.filter(({ body }) => body.includes('SelfSubjectAccessReview'));
    expect(reviews).toHaveLength(asked);
  });
});

describe('readTarget()', () => {
  const kubeSystem = 'GET /api/v1/namespaces/kube-system';

  test('is one question of those who ask at the same time', async () => {
    const { server, cluster } = await openFake();
    server.on(
      kubeSystem,
      json({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-system', uid: 'k' } }),
    );
    await Promise.all([cluster.readTarget(), cluster.readTarget()]);
    expect(server.requests).toHaveLength(2);
    await cluster.readTarget();
    expect(server.requests).toHaveLength(4);
  });

  test('identifies the cluster by the uid of kube-system', async () => {
    const { server, cluster } = await openFake();
    server.on(
      kubeSystem,
      json({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-system', uid: 'k' } }),
    );
    expect(await cluster.readTarget()).toEqual({
      context: 'fake',
      server: server.url,
      user: 'me',
      clusterUid: 'k',
      serverVersion: 'v1.36.3',
    });
  });

  test('works for a user who may not read namespaces', async () => {
    const { server, cluster } = await openFake();
    server.on(
      kubeSystem,
      status(403, 'Forbidden', 'namespaces "kube-system" is forbidden: User "me" cannot get'),
    );
    expect(await cluster.readTarget()).not.toHaveProperty('clusterUid');
  });
});
