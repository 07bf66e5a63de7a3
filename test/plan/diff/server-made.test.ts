import { expect, test } from 'vitest';
import type { Manifest } from '../../../src/manifest/index.ts';
import { buildPlan, type FieldChange } from '../../../src/plan/index.ts';

function aService(metadata: object, spec: object): Manifest {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name: 'api', ...metadata }, spec };
}

const deployment = { name: 'v32', namespace: 'llm' };
const target = { context: 'lab', server: 'https://x', user: 'ann', serverVersion: 'v1.36.3' };

function fieldsOf(desired: Manifest, live: Manifest, dryRun: Manifest): readonly FieldChange[] {
  const seen = { ...live, metadata: { ...live.metadata, uid: 'u', resourceVersion: '1' } };
  const { changes } = buildPlan({
    deployment,
    target,
    objects: [{ desired, live: seen, dryRun }],
    orphans: [],
    inventory: { entries: [] },
    warnings: [],
  });
  return changes.flatMap((change) => (change.action === 'update' ? change.fields : []));
}

test('an update tells what the server makes of it from what the manifest says', () => {
  const fields = fieldsOf(
    aService({ labels: { tier: 'new' } }, { image: 'a:2' }),
    aService({ labels: { tier: 'old', gone: 'x' } }, { image: 'mirror/a:1' }),
    aService({ labels: { tier: 'new' }, annotations: { seen: 'yes' } }, { image: 'mirror/a:2' }),
  );
  expect(fields).toEqual([
    { path: 'metadata.annotations', after: { seen: 'yes' }, by: 'server' },
    { path: 'metadata.labels.gone', before: 'x' },
    { path: 'metadata.labels.tier', before: 'old', after: 'new' },
    { path: 'spec.image', before: 'mirror/a:1', after: 'mirror/a:2', by: 'server' },
  ]);
});

test('a port whose protocol is left to the server is compared with its own, and not called new', () => {
  const desired = aService(
    {},
    {
      ports: [
        { port: 80, targetPort: 9 },
        { port: 53, protocol: 'UDP' },
      ],
    },
  );
  const filled = (targetPort: number) =>
    aService(
      {},
      {
        ports: [
          { port: 80, protocol: 'TCP', targetPort },
          { port: 53, protocol: 'UDP', targetPort: 53 },
        ],
      },
    );
  expect(fieldsOf(desired, filled(8), filled(9))).toEqual([
    { path: 'spec.ports[port=80,protocol=TCP].targetPort', before: 8, after: 9 },
  ]);
});
