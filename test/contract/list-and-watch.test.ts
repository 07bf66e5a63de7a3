import { describe, expect, test } from 'vitest';
import type { OpenedCluster, WatchEvent } from '../../src/cluster/index.ts';
import {
  event,
  item,
  json,
  listOf,
  listOrWatch,
  type Reply,
  raw,
  reset,
  status,
  watchLines,
} from './fake-api-server.ts';
import { errorOf, openFake } from './open-fake.ts';

const kind = { apiVersion: 'v1', kind: 'ConfigMap' };
const route = 'GET /api/v1/namespaces/ds/configmaps';
const gone = status(410, 'Expired', 'The provided continue parameter is too old');
const names = (objects: readonly { readonly metadata: { readonly name: string } }[]) =>
  objects.map(({ metadata }) => metadata.name);

describe('list()', () => {
  test('reads page after page of 500 and completes the items with their kind', async () => {
    const { server, cluster } = await openFake();
    server.on(
      route,
      listOf([item('a', '1')], { resourceVersion: '9', continue: 'more' }),
      listOf([item('b', '2')], { resourceVersion: '9', continue: 'last' }),
      listOf([item('c', '3')], { resourceVersion: '9' }),
    );
    const objects = await cluster.list(kind, { namespace: 'ds', labelSelector: 'a=b' });
    expect(names(objects)).toEqual(['a', 'b', 'c']);
    expect(objects[0]).toMatchObject(kind);
    expect(
      server.seen(route).map(({ query }) => [query.get('limit'), query.get('continue')]),
    ).toEqual([
      ['500', null],
      ['500', 'more'],
      ['500', 'last'],
    ]);
    expect(server.seen(route)[2]?.query.get('labelSelector')).toBe('a=b');
  });

  test('begins anew when the continue token expires', async () => {
    const { server, cluster } = await openFake();
    server.on(
      route,
      listOf([item('stale', '1')], { resourceVersion: '1', continue: 'x' }),
      gone,
      listOf([item('fresh', '2')]),
    );
    expect(names(await cluster.list(kind, { namespace: 'ds' }))).toEqual(['fresh']);
  });

  test('reads in one piece when pages expire again and again', async () => {
    const { server, cluster } = await openFake();
    server.on(route, (response, request) => {
      const reply = request.query.has('continue')
        ? gone
        : request.query.has('limit')
          ? listOf([item('stale', '1')], { resourceVersion: '1', continue: 'x' })
          : listOf([item('whole', '2')]);
      reply(response, request);
    });
    expect(names(await cluster.list(kind, { namespace: 'ds' }))).toEqual(['whole']);
  });

  test('asks nothing at cluster scope when a namespace is given', async () => {
    const { server, cluster } = await openFake();
    server.on(route, listOf([]));
    await cluster.list(kind, { namespace: 'ds' });
    expect(server.requests.map(({ path }) => path)).toEqual([
      '/api/v1',
      '/api/v1/namespaces/ds/configmaps',
    ]);
  });

  test.each([
    ['no list', json({ kind: 'ConfigMapList' })],
    ['items that are no list', json({ metadata: {}, items: {} })],
    ['an item without name', json({ metadata: {}, items: [{ metadata: {} }] })],
    ['an item that is no object', json({ metadata: {}, items: [7] })],
    ['half a JSON', raw('{"metadata":{"resourceVersion":"1"},"items":[{"meta')],
    ['a login page', raw('<html>Log in</html>', { 'content-type': 'text/html' })],
    ['an array', raw('[]')],
    ['nothing', raw('')],
  ])('reports %s as a bad reply', async (_, reply) => {
    const { server, cluster } = await openFake();
    server.on(route, reply);
    const error = await errorOf(cluster.list(kind, { namespace: 'ds' }));
    expect(error).toMatchObject({ code: 'CLUSTER_BAD_REPLY' });
  });
});

/** Follows a watch until it has given so many events. */
async function follow(cluster: OpenedCluster, count: number): Promise<readonly string[]> {
  const stop = new AbortController();
  const events: string[] = [];
  for await (const event of cluster.watch(kind, { namespace: 'ds', signal: stop.signal })) {
    events.push(describeEvent(event));
    if (events.length === count) stop.abort();
  }
  return events;
}

function describeEvent(event: WatchEvent): string {
  if (event.type === 'synced') return 'synced';
  const { name, resourceVersion } = event.object.metadata;
  return `${event.type} ${name}@${resourceVersion}`;
}

describe('watch()', () => {
  const list = listOf([item('a', '1'), item('b', '2')]);
  const bookmark = event('BOOKMARK', { metadata: { resourceVersion: '150' } });

  async function watching(lists: Reply[], watches: Reply[]) {
    const { server, cluster } = await openFake();
    server.on(route, listOrWatch(lists, watches));
    const versions = () =>
      server
        .seen(route)
        .filter(({ query }) => query.has('watch'))
        .map(({ query }) => query.get('resourceVersion'));
    return { server, cluster, versions };
  }

  test('lists, says synced, then follows from the version of the list', async () => {
    const changes = [
      event('MODIFIED', item('a', '101')),
      event('DELETED', item('b', '102')),
      event('ADDED', item('c', '103')),
    ];
    const { cluster, server, versions } = await watching([list], [watchLines(changes, 'stay')]);
    expect(await follow(cluster, 6)).toEqual([
      'added a@1',
      'added b@2',
      'synced',
      'modified a@101',
      'deleted b@102',
      'added c@103',
    ]);
    expect(versions()).toEqual(['100']);
    const [, , watch] = server.requests;
    expect(watch?.query.get('allowWatchBookmarks')).toBe('true');
    expect(Number(watch?.query.get('timeoutSeconds'))).toBeGreaterThanOrEqual(240);
  });

  test('resumes after a reset from the last bookmark', async () => {
    const { cluster, versions } = await watching(
      [list],
      [watchLines([bookmark], 'reset'), watchLines([event('ADDED', item('c', '151'))], 'stay')],
    );
    expect(await follow(cluster, 4)).toEqual(['added a@1', 'added b@2', 'synced', 'added c@151']);
    expect(versions()).toEqual(['100', '150']);
  });

  test.each([
    ['an ended connection', watchLines([bookmark], 'end')],
    ['a 503', status(503, 'ServiceUnavailable', 'apiserver is shutting down')],
    ['a 500', status(500, 'InternalError', 'etcdserver: no leader')],
    ['a 429', status(429, 'TooManyRequests', 'slow down', { headers: { 'retry-after': '0' } })],
    ['a reset before the answer', reset()],
    ['half a line', reset('{"type":"ADDED","object":{"met')],
    ['a line that is not JSON', raw('{"type":\n')],
    ['an event of an unknown type', watchLines([{ type: 'NEW', object: {} }], 'stay')],
    ['an empty watch', watchLines([], 'end')],
  ])('goes on after %s', async (_, broken) => {
    const { cluster } = await watching(
      [list],
      [broken, watchLines([event('ADDED', item('c', '151'))], 'stay')],
    );
    expect(await follow(cluster, 4)).toEqual(['added a@1', 'added b@2', 'synced', 'added c@151']);
  });

  const expired = {
    kind: 'Status',
    code: 410,
    reason: 'Expired',
    message: 'too old resource version',
  };
  test.each([
    ['as an event', watchLines([{ type: 'ERROR', object: expired }], 'end')],
    ['as the answer', gone],
  ])('lists again after 410 %s and reports what it missed', async (_, expiry) => {
    const recreated = item('b', '210', 'another-uid');
    const second = listOf([recreated, item('c', '205'), item('d', '1')], {
      resourceVersion: '220',
    });
    const first = listOf([item('a', '1'), item('b', '2'), item('d', '1')]);
    const { cluster, versions } = await watching(
      [first, second],
      [expiry, watchLines([event('MODIFIED', item('c', '221'))], 'stay')],
    );
    expect((await follow(cluster, 10)).slice(4)).toEqual([
      'deleted a@1',
      'deleted b@2',
      'added b@210',
      'added c@205',
      'synced',
      'modified c@221',
    ]);
    expect(versions()).toEqual(['100', '220']);
  });

  test('reconnects a watch that falls silent', async () => {
    const { server, cluster } = await openFake({
      open: { timings: { watchStallMs: 50, retryMinMs: 1 } },
    });
    const late = watchLines([event('ADDED', item('c', '151'))], 'stay');
    server.on(route, listOrWatch([list], [watchLines([], 'stay'), late]));
    expect((await follow(cluster, 4)).at(-1)).toBe('added c@151');
  });

  test('fails when the first list is refused', async () => {
    const { cluster } = await watching(
      [
        status(
          403,
          'Forbidden',
          'configmaps is forbidden: User "me" cannot list resource "configmaps" in API group "" in the namespace "ds"',
        ),
      ],
      [],
    );
    expect(await errorOf(follow(cluster, 1))).toMatchObject({ code: 'CLUSTER_FORBIDDEN' });
  });

  test('fails when the right to watch is lacking', async () => {
    const { cluster } = await watching([list], [status(403, 'Forbidden', 'no')]);
    expect(await errorOf(follow(cluster, 9))).toMatchObject({ code: 'ADMISSION_DENIED' });
  });

  test('gives up on a server that stays away', async () => {
    const { server, cluster } = await openFake({
      open: { timings: { watchGiveUpMs: 60, retryMinMs: 5, retryMaxMs: 10 } },
    });
    server.on(route, listOrWatch([list], [reset()]));
    expect(await errorOf(follow(cluster, 9))).toMatchObject({ code: 'CLUSTER_UNREACHABLE' });
  });

  test.each(['signal', 'break', 'close'] as const)(
    'ends a stream that stays open, without error, by %s',
    async (by) => {
      const { cluster } = await watching([list], [watchLines([], 'stay')]);
      const stop = new AbortController();
      let events = 0;
      for await (const _ of cluster.watch(kind, { namespace: 'ds', signal: stop.signal })) {
        events += 1;
        if (events < 3) continue;
        if (by === 'break') break;
        setTimeout(() => {
          if (by === 'signal') stop.abort();
          else void cluster.close();
        }, 30);
      }
      expect(events).toBe(3);
    },
  );

  test('gives nothing when its signal is aborted beforehand', async () => {
    const { cluster, server } = await watching([list], []);
    const watch = cluster.watch(kind, { namespace: 'ds', signal: AbortSignal.abort() });
    for await (const _ of watch) expect.unreachable();
    expect(server.requests).toEqual([]);
  });
});
