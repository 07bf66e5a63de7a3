import { describe, expect, test } from 'vitest';
import { createReader } from '../../../src/actions/inventory/index.ts';
import { DsdeployError } from '../../../src/errors/index.ts';
import { refOf } from '../../../src/manifest/index.ts';
import { withPartOf } from '../../../src/plan/index.ts';
import { FakeCluster } from '../fake-cluster.ts';
import { configMap, namespaceManifest } from '../fixture-deployment.ts';

function someMaps(count: number) {
  return Array.from({ length: count }, (_, index) => configMap(`map-${String(index)}`));
}

function verbs(cluster: FakeCluster): Record<string, number> {
  const groups = Map.groupBy(cluster.requests, ({ verb }) => verb);
  return Object.fromEntries([...groups].map(([verb, requests]) => [verb, requests.length]));
}

describe('createReader()', () => {
  test.each([
    { count: 3, requests: { get: 3 } },
    { count: 40, requests: { list: 1 } },
  ])('reads $count objects of a kind by $requests', async ({ count, requests }) => {
    const maps = someMaps(count);
    const cluster = new FakeCluster([namespaceManifest, ...maps.slice(1)]);
    const read = createReader(maps.map(refOf), { cluster });
    const found = await Promise.all(maps.map((map) => read(refOf(map))));
    expect(found.map((object) => object?.metadata.name)).toEqual([
      undefined,
      ...maps.slice(1).map(({ metadata }) => metadata.name),
    ]);
    expect(verbs(cluster)).toEqual(requests);
  });

  test('lists members by their label, and reads what the list has not', async () => {
    const [first, ...labelled] = someMaps(4).map((map) => withPartOf(map, 'ours'));
    const lost = configMap('map-0');
    const stranger = configMap('stranger');
    const refs = [first, ...labelled, stranger].flatMap((map) =>
      map === undefined ? [] : refOf(map),
    );
    const cluster = new FakeCluster([namespaceManifest, lost, ...labelled, stranger]);
    const read = createReader(refs, {
      cluster,
      members: { setId: 'ours', refs: refs.slice(0, 4) },
    });
    const found = await Promise.all(refs.map(read));
    expect(found.map((object) => object?.metadata.name)).toEqual(refs.map(({ name }) => name));
    expect(verbs(cluster)).toEqual({ list: 1, get: 2 });
  });

  test('does not list a few Secrets, because that takes the right to read all of them', async () => {
    const secrets = someMaps(3).map((map) => withPartOf({ ...map, kind: 'Secret' }, 'ours'));
    const refs = secrets.map(refOf);
    const cluster = new FakeCluster([namespaceManifest, ...secrets]);
    const read = createReader(refs, { cluster, members: { setId: 'ours', refs } });
    await Promise.all(refs.map(read));
    expect(verbs(cluster)).toEqual({ get: 3 });
  });

  test('reads one by one where it may not list', async () => {
    const maps = someMaps(20);
    const cluster = new FakeCluster([namespaceManifest, ...maps]);
    cluster.before = ({ verb }) => {
      if (verb === 'list') throw new DsdeployError('CLUSTER_FORBIDDEN', 'may not list');
    };
    const read = createReader(maps.map(refOf), { cluster });
    const found = await Promise.all(maps.map((map) => read(refOf(map))));
    expect(found.every((object) => object !== undefined)).toBe(true);
    expect(verbs(cluster)).toEqual({ list: 1, get: 20 });
  });
});
