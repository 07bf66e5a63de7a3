import { describe, expect, test } from 'vitest';
import { fillGeneratedKey } from '../../../src/actions/apply/generated-key.ts';
import type { ApplyOptions, LiveObject } from '../../../src/cluster/cluster.ts';
import type { Manifest } from '../../../src/manifest/index.ts';

const secret: Manifest = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: {
    name: 'own',
    namespace: 'deepseek',
    labels: { 'applyset.kubernetes.io/part-of': 'applyset-x-v1', other: 'label' },
    annotations: { 'dsdeploy/generated-key': 'token' },
  },
};

/** Holds one object and records what is applied. */
function aCluster(live?: Manifest) {
  const writes: { readonly manifest: Manifest; readonly options: ApplyOptions }[] = [];
  const toLive = (manifest: Manifest): LiveObject => ({
    ...manifest,
    metadata: { ...manifest.metadata, uid: 'u', resourceVersion: '1' },
  });
  return {
    writes,
    get: () => Promise.resolve(live === undefined ? undefined : toLive(live)),
    apply: (manifest: Manifest, options: ApplyOptions) => {
      writes.push({ manifest, options });
      return Promise.resolve({ object: toLive(manifest), warnings: [] });
    },
  };
}

describe('fillGeneratedKey()', () => {
  test('writes 256 random bits as another field manager, with the label of ownership', async () => {
    const cluster = aCluster();
    await fillGeneratedKey(secret, cluster);
    const [write] = cluster.writes;
    expect(write?.options.fieldManager).toBe('dsdeploy-generated');
    expect(write?.manifest.metadata.labels).toEqual({
      'applyset.kubernetes.io/part-of': 'applyset-x-v1',
    });
    const encoded = (write?.manifest['data'] as Record<string, string>)['token'] ?? '';
    expect(Buffer.from(Buffer.from(encoded, 'base64').toString(), 'base64url')).toHaveLength(32);
  });

  test('makes another key each time', async () => {
    const [first, second] = [aCluster(), aCluster()];
    await fillGeneratedKey(secret, first);
    await fillGeneratedKey(secret, second);
    expect(first.writes[0]?.manifest['data']).not.toEqual(second.writes[0]?.manifest['data']);
  });

  test('leaves a Secret that has its key alone', async () => {
    const cluster = aCluster({ ...secret, data: { token: 'a2V5' } });
    await fillGeneratedKey(secret, cluster);
    expect(cluster.writes).toEqual([]);
  });

  test('does nothing for an object that asks for no key', async () => {
    const cluster = aCluster();
    await fillGeneratedKey({ ...secret, metadata: { name: 'own' } }, cluster);
    expect(cluster.writes).toEqual([]);
  });
});
