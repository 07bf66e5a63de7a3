import { describe, expect, test } from 'vitest';
import { describeConflict, isTaken } from '../../../src/plan/index.ts';

const container = (image: string, key = 'k') => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', labels: { 'app.kubernetes.io/name': image, app: 'x' } },
  spec: {
    replicas: image === 'a' ? 3 : 2,
    containers: [
      { name: 'side', image: 'side' },
      { name: 'engine', image, env: [{ name: 'API_KEY', value: key }] },
    ],
    ports: [{ port: 80, protocol: 'TCP', name: image }],
  },
});
const objects = { live: container('a', 'canary-1'), desired: container('b', 'canary-2') };

test.each([
  ['.spec.replicas', 'it is 3 in the cluster and 2 in the spec'],
  ['.spec.containers[name="engine"].image', 'it is "a" in the cluster and "b" in the spec'],
  ['.spec.ports[port=80,protocol="TCP"].name', 'it is "a" in the cluster and "b" in the spec'],
  ['.metadata.labels.app.kubernetes.io/name', 'it is "a" in the cluster and "b" in the spec'],
  [
    '.spec.containers[name="engine"].env[name="API_KEY"].value',
    'it is "(secret)" in the cluster and "(secret)" in the spec',
  ],
  ['.spec.containers[name="none"].image', undefined],
  ['.spec.finalizers[="a"]', undefined],
  ['nonsense', undefined],
])('%s is told with both values', (field, text) => {
  expect(describeConflict(field, objects)).toBe(text);
});

describe('a field', () => {
  test.each([
    ['.spec.replicas', '.spec.replicas', true],
    ['.spec.replicas', 'spec.replicas', true],
    ['.spec.c[name="engine"].image', '.spec.c[name=engine].image', true],
    ['.spec.replicas', 'spec', false],
    ['.spec.replicas', 'replicas', false],
  ])('%s is taken by --take %s: %s', (field, named, taken) => {
    expect(isTaken(field, [named])).toBe(taken);
  });
});
