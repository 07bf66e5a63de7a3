import { describe, expect, test } from 'vitest';
import {
  readInventory,
  renderInventory,
  writeInventory,
} from '../../../src/actions/inventory/index.ts';
import { applySetNames, setIdOf } from '../../../src/plan/index.ts';
import { FakeCluster } from '../fake-cluster.ts';
import { deployment, namespaceManifest } from '../fixture-deployment.ts';

const entries = [
  {
    apiVersion: 'leaderworkerset.x-k8s.io/v1',
    kind: 'LeaderWorkerSet',
    namespace: 'llm',
    name: 'v32-main',
    uid: 'u1',
  },
  { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'other', name: 'a', uid: '' },
  { apiVersion: 'v1', kind: 'Namespace', name: 'llm', uid: 'u2' },
];

describe('renderInventory()', () => {
  test('is an ApplySet parent as kubectl reads it', () => {
    const { metadata, kind } = renderInventory(deployment, entries);
    expect(kind).toBe('ConfigMap');
    expect(metadata).toMatchObject({
      name: 'v32-inventory',
      namespace: 'llm',
      labels: { [applySetNames.id]: setIdOf(deployment) },
      annotations: {
        [applySetNames.tooling]: expect.stringMatching(/^dsdeploy\/\d+\.\d+\.\d+/),
        [applySetNames.containsGroupKinds]:
          'ConfigMap,LeaderWorkerSet.leaderworkerset.x-k8s.io,Namespace',
        [applySetNames.additionalNamespaces]: 'other',
      },
    });
  });

  test('gives equal bytes whatever the order of the entries', () => {
    expect(renderInventory(deployment, [...entries].reverse())).toEqual(
      renderInventory(deployment, entries),
    );
  });
});

describe('readInventory()', () => {
  test('reads what was written, in the order of applying', async () => {
    const cluster = new FakeCluster([namespaceManifest]);
    await writeInventory(deployment, entries, { cluster });
    const read = await readInventory(deployment, { cluster });
    expect(read.entries).toEqual([entries[2], entries[1], entries[0]]);
  });

  test('reads nothing where nothing was applied', async () => {
    expect(await readInventory(deployment, { cluster: new FakeCluster() })).toEqual({
      entries: [],
    });
  });
});
