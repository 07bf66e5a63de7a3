import { describe, expect, test } from 'vitest';
import { applyPlan } from '../../../src/actions/apply/index.ts';
import { type PlanRequest, planDeployment } from '../../../src/actions/plan/index.ts';
import { DsdeployError } from '../../../src/errors/index.ts';
import { formatRef, type Manifest } from '../../../src/manifest/index.ts';
import { applySetNames } from '../../../src/plan/index.ts';
import { errorOf } from '../error-of.ts';
import { FakeCluster } from '../fake-cluster.ts';
import { aRequest, configMap, namespaceManifest, without } from '../fixture-deployment.ts';
import { RecordingHost } from '../recording-host.ts';

const host = new RecordingHost();

async function plan(cluster: FakeCluster, request: PlanRequest = aRequest()) {
  return await planDeployment(request, { cluster, host });
}

async function apply(cluster: FakeCluster) {
  return await applyPlan(await plan(cluster), { cluster, host });
}

const labelled: Manifest = {
  ...configMap('a'),
  metadata: { name: 'a', namespace: 'llm', labels: { [applySetNames.partOf]: 'x' } },
};

const foreign = configMap('v32-start', { b: '2' });

/** What stands against a plan. */
const refusals: readonly {
  readonly code: string;
  readonly scenario: string;
  readonly objects: readonly Manifest[];
  readonly request?: PlanRequest;
  readonly unserved?: readonly string[];
  readonly message: RegExp;
}[] = [
  {
    code: 'EMPTY_RENDER',
    scenario: 'no manifest',
    objects: [],
    request: aRequest({ manifests: [] }),
    message: /made no object/,
  },
  {
    code: 'RENDER_INVALID',
    scenario: 'an object rendered twice',
    objects: [],
    request: aRequest({ manifests: [configMap('a'), configMap('a')] }),
    message: /1 rendered objects/,
  },
  {
    code: 'RENDER_INVALID',
    scenario: 'an object that carries the set label already',
    objects: [],
    request: aRequest({ manifests: [labelled] }),
    message: /1 rendered objects/,
  },
  {
    code: 'NAMESPACE_NOT_OWNED',
    scenario: 'a namespace of somebody else',
    objects: [namespaceManifest],
    message: /belongs to kubectl/,
  },
  {
    code: 'NAMESPACE_MISSING',
    scenario: 'no namespace and none to be made',
    objects: [],
    request: { ...without(aRequest(), 'llm'), createNamespace: false },
    message: /does not exist/,
  },
  {
    code: 'OBJECT_NOT_OWNED',
    scenario: 'an object of a Helm release',
    objects: [
      namespaceManifest,
      {
        ...foreign,
        metadata: { ...foreign.metadata, annotations: { 'meta.helm.sh/release-name': 'web' } },
      },
    ],
    request: { ...without(aRequest(), 'llm'), createNamespace: false },
    message: /the Helm release web/,
  },
  {
    code: 'OBJECT_NOT_OWNED',
    scenario: 'an inventory that is not one',
    objects: [namespaceManifest, configMap('v32-inventory')],
    request: { ...without(aRequest(), 'llm'), createNamespace: false },
    message: /inventory/,
  },
  {
    code: 'LWS_MISSING',
    scenario: 'no LeaderWorkerSet',
    objects: [],
    unserved: [
      'leaderworkerset.x-k8s.io/v1/LeaderWorkerSet',
      'leaderworkerset.x-k8s.io/v1alpha1/LeaderWorkerSet',
    ],
    message: /has no LeaderWorkerSet/,
  },
  {
    code: 'LWS_TOO_OLD',
    scenario: 'a LeaderWorkerSet that serves the alpha version only',
    objects: [],
    unserved: ['leaderworkerset.x-k8s.io/v1/LeaderWorkerSet'],
    message: /does not serve leaderworkerset.x-k8s.io\/v1/,
  },
  {
    code: 'KIND_UNKNOWN',
    scenario: 'a kind the cluster does not know',
    objects: [],
    unserved: ['v1/Service'],
    message: /does not serve v1 Service/,
  },
];

describe('planDeployment() refuses', () => {
  test.each(refusals)('$scenario: $code', async ({ code, objects, request, unserved, message }) => {
    const cluster = new FakeCluster(objects);
    for (const kind of unserved ?? []) cluster.unserved.add(kind);
    const error = await errorOf(plan(cluster, request ?? aRequest()));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(cluster.writes).toEqual([]);
  });

  test('all problems at once', async () => {
    const cluster = new FakeCluster([
      namespaceManifest,
      configMap('v32-start'),
      configMap('v32-other'),
    ]);
    cluster.before = ({ verb, ref }) => {
      if (verb === 'dry-run' && ref.kind === 'Service')
        throw new DsdeployError('ADMISSION_DENIED', 'policy says no', { subject: formatRef(ref) });
    };
    const request = { ...without(aRequest(), 'llm'), createNamespace: false };
    const error = await errorOf(plan(cluster, request));
    expect(error.code).toBe('PLAN_REFUSED');
    expect(error.details.map(({ location }) => location)).toEqual([
      'ConfigMap/llm/v32-other',
      'ConfigMap/llm/v32-start',
      'Service/llm/v32-api',
    ]);
  });

  test('fields of several objects, each with its object, and not again what its message says', async () => {
    const cluster = new FakeCluster();
    await apply(cluster);
    cluster.before = ({ verb, ref }) => {
      if (verb !== 'dry-run' || ref.kind !== 'ConfigMap') return;
      const details = [
        { location: 'data.a', message: 'Too long' },
        { location: 'data.b', message: 'owned by "ann"' },
      ];
      const subject = formatRef(ref);
      throw new DsdeployError('OBJECT_INVALID', 'data.a: Too long', { subject, details });
    };
    const { details } = await errorOf(plan(cluster));
    expect(details.map(({ location }) => location)).toEqual([
      'ConfigMap/llm/v32-other',
      'ConfigMap/llm/v32-other data.b',
      'ConfigMap/llm/v32-start',
      'ConfigMap/llm/v32-start data.b',
    ]);
  });

  test('a namespace that is being deleted', async () => {
    const cluster = new FakeCluster();
    const metadata = { name: 'llm', finalizers: ['kubernetes'] };
    const live = cluster.put({ ...namespaceManifest, metadata });
    await cluster.delete({ ...live, name: 'llm' }, { uid: live.metadata.uid });
    expect((await errorOf(plan(cluster))).code).toBe('NAMESPACE_TERMINATING');
  });

  test('an inventory that cannot be read', async () => {
    const cluster = new FakeCluster();
    await apply(cluster);
    const live = cluster.find('ConfigMap', 'v32-inventory');
    if (live !== undefined) cluster.put({ ...live, data: { inventory: '{"not":"a list"}' } });
    expect((await errorOf(plan(cluster))).code).toBe('INVENTORY_INVALID');
  });

  test.each([
    'strict decoding error: unknown field "spec.startupPolicy"',
    'failed to create typed patch object: .spec.startupPolicy: field not declared in schema',
  ])('a LeaderWorkerSet that does not know a field: %s', async (message) => {
    const cluster = new FakeCluster([namespaceManifest]);
    cluster.before = ({ verb, ref }) => {
      if (verb === 'dry-run' && ref.kind === 'LeaderWorkerSet')
        throw new DsdeployError('OBJECT_INVALID', message);
    };
    const request = { ...without(aRequest(), 'llm'), createNamespace: false };
    const error = await errorOf(plan(cluster, request));
    expect(error.code).toBe('LWS_TOO_OLD');
    expect(error.message).toMatch(/the field \.?spec\.startupPolicy$/);
  });

  test('a field that another manager owns', async () => {
    const cluster = new FakeCluster();
    await apply(cluster);
    cluster.before = ({ verb, ref }) => {
      if (verb !== 'dry-run' || ref.kind !== 'LeaderWorkerSet') return;
      const details = [{ location: '.spec.replicas', message: 'owned by "hpa"' }];
      throw new DsdeployError('FIELD_CONFLICT', 'conflict', { details });
    };
    expect(await errorOf(plan(cluster))).toMatchObject({
      code: 'FIELD_CONFLICT',
      details: [{ location: '.spec.replicas' }],
    });
  });

  test('a connection that breaks, as it is', async () => {
    const cluster = new FakeCluster();
    cluster.before = ({ verb }) => {
      if (verb === 'dry-run') throw new DsdeployError('CLUSTER_UNREACHABLE', 'no way');
    };
    expect((await errorOf(plan(cluster))).code).toBe('CLUSTER_UNREACHABLE');
  });
});
