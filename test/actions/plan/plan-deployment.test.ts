import { describe, expect, test } from 'vitest';
import { applyPlan } from '../../../src/actions/apply/index.ts';
import { type PlanRequest, planDeployment, planOffline } from '../../../src/actions/plan/index.ts';
import { formatRef, type Manifest } from '../../../src/manifest/index.ts';
import { applySetNames, hasChanges, setIdOf } from '../../../src/plan/index.ts';
import { gateKind, gateSchemas } from '../../plan/schema/schemas.ts';
import { errorOf } from '../error-of.ts';
import { FakeCluster } from '../fake-cluster.ts';
import {
  aRequest,
  configMap,
  deployment,
  leaderWorkerSet,
  namespaceManifest,
  volumeClaim,
  without,
} from '../fixture-deployment.ts';
import { RecordingHost } from '../recording-host.ts';

const host = new RecordingHost();

async function plan(cluster: FakeCluster, request: PlanRequest = aRequest()) {
  return await planDeployment(request, { cluster, host });
}

async function apply(cluster: FakeCluster, request: PlanRequest = aRequest()) {
  return await applyPlan(await plan(cluster, request), { cluster, host });
}

function rows(made: Awaited<ReturnType<typeof plan>>): string[] {
  return made.changes.map(({ action, ref }) => `${action} ${formatRef(ref)}`);
}

describe('planDeployment()', () => {
  test('creates everything on an empty cluster, the workload last', async () => {
    const cluster = new FakeCluster();
    const made = await plan(cluster);
    expect(rows(made)).toEqual([
      'create Namespace/llm',
      'create ConfigMap/llm/v32-other',
      'create ConfigMap/llm/v32-start',
      'create Service/llm/v32-api',
      'create LeaderWorkerSet/llm/v32-main',
    ]);
    expect(made.inventory?.action).toBe('create');
  });

  test('says how sure it is: what lies in a namespace to come is simulated', async () => {
    const { changes } = await plan(new FakeCluster());
    const certainty = changes.map((change) => ('certainty' in change ? change.certainty : ''));
    expect(certainty).toEqual(['server', 'simulated', 'simulated', 'simulated', 'simulated']);
  });

  test('checks what lies in a namespace to come against the schemas of the server', async () => {
    const cluster = new FakeCluster();
    cluster.schemas.set('example.com/v1', gateSchemas);
    const gate = { ...gateKind, metadata: { name: 'gate', namespace: 'llm' }, spec: { size: 1 } };
    const manifests = [...aRequest().manifests, gate];
    const { changes } = await plan(cluster, aRequest({ manifests }));
    expect(changes.find(({ ref }) => ref.kind === 'Gate')).toMatchObject({ certainty: 'schema' });

    const mistyped = { ...gate, spec: { size: 1, hsots: [] } };
    const request = aRequest({ manifests: [...aRequest().manifests, mistyped] });
    expect(await errorOf(plan(cluster, request))).toMatchObject({
      code: 'OBJECT_INVALID',
      subject: 'Gate/llm/gate',
      message: expect.stringContaining('did you mean "hosts"') as string,
    });
  });

  test('warns of what the server drops', async () => {
    const cluster = new FakeCluster([namespaceManifest]);
    cluster.mutate = ({ spec: _spec, ...object }) => object;
    const { warnings } = await plan(
      cluster,
      aRequest({ createNamespace: false, manifests: [leaderWorkerSet()] }),
    );
    expect(warnings).toEqual([
      expect.stringContaining('LeaderWorkerSet/llm/v32-main: the server drops spec;'),
    ]);
  });

  test('writes nothing', async () => {
    const cluster = new FakeCluster();
    await plan(cluster);
    expect(cluster.writes).toEqual([]);
  });

  test('puts the ApplySet label on every object', async () => {
    const { changes } = await plan(new FakeCluster());
    const labels = changes.map((change) =>
      'desired' in change ? change.desired.metadata.labels?.[applySetNames.partOf] : undefined,
    );
    expect(new Set(labels)).toEqual(new Set([setIdOf(deployment)]));
  });

  test('finds nothing to do after an apply', async () => {
    const cluster = new FakeCluster();
    await apply(cluster);
    expect(hasChanges(await plan(cluster))).toBe(false);
  });

  test('shows the fields of an update and what it disturbs', async () => {
    const cluster = new FakeCluster();
    await apply(cluster);
    const manifests = [...without(aRequest(), 'v32-main').manifests];
    const request = aRequest({
      manifests: [...manifests, leaderWorkerSet({ image: 'vllm:2' })],
      loadSeconds: { 'v32-main': 750 },
    });
    const made = await plan(cluster, request);
    const update = made.changes.find((change) => change.action === 'update');
    expect(update?.fields).toEqual([
      {
        path: 'spec.leaderWorkerTemplate.workerTemplate.spec.containers[name=engine].image',
        before: 'vllm:1',
        after: 'vllm:2',
      },
    ]);
    expect(update?.disruption).toMatchObject({
      effect: 'restarts-groups',
      groups: [0, 1],
      pods: 4,
      durationSeconds: 1500,
    });
  });

  test('shows what a webhook changes once, and nothing afterwards', async () => {
    const cluster = new FakeCluster();
    await apply(cluster);
    cluster.mutate = (object) => ({ ...object, webhook: 'was here' });
    expect(rows(await plan(cluster))).toContain('update Service/llm/v32-api');
    await apply(cluster);
    expect(hasChanges(await plan(cluster))).toBe(false);
  });

  test('deletes what is not wanted any more, last and backwards', async () => {
    const cluster = new FakeCluster();
    await apply(cluster);
    const made = await plan(cluster, without(aRequest(), 'v32-other', 'v32-main', 'v32-api'));
    expect(rows(made)).toEqual([
      'keep Namespace/llm',
      'keep ConfigMap/llm/v32-start',
      'delete LeaderWorkerSet/llm/v32-main',
      'delete Service/llm/v32-api',
      'delete ConfigMap/llm/v32-other',
    ]);
  });

  test('keeps an object whose API version moved', async () => {
    const cluster = new FakeCluster();
    const old = { ...leaderWorkerSet(), apiVersion: 'leaderworkerset.x-k8s.io/v1beta1' };
    const manifests = without(aRequest(), 'v32-main').manifests;
    await apply(cluster, aRequest({ manifests: [...manifests, old] }));
    expect(rows(await plan(cluster)).filter((row) => row.startsWith('delete'))).toEqual([]);
  });

  test('never deletes a namespace', async () => {
    const cluster = new FakeCluster();
    await apply(cluster);
    const request = { ...without(aRequest(), 'llm'), createNamespace: false };
    const made = await plan(cluster, request);
    expect(made.changes.filter(({ action }) => action === 'delete')).toEqual([]);
    expect(made.retained.map(({ ref }) => formatRef(ref))).toEqual(['Namespace/llm']);
  });
});

/** What happens to an object between its apply and the plan that does not want it any more. */
const retainedCases: readonly {
  readonly scenario: string;
  readonly change: (cluster: FakeCluster) => void;
  readonly reason: RegExp;
  readonly forgotten: boolean;
}[] = [
  {
    scenario: 'it was made again by somebody',
    change: (cluster) => {
      const live = cluster.find('ConfigMap', 'v32-other');
      if (live === undefined) return;
      cluster.drop({ ...live, name: 'v32-other', namespace: 'llm' });
      cluster.put(configMapWithLabels({ [applySetNames.partOf]: setIdOf(deployment) }));
    },
    reason: /made it again/,
    forgotten: false,
  },
  {
    scenario: 'it lost our label',
    change: (cluster) => cluster.put(configMapWithLabels({})),
    reason: /lost our label/,
    forgotten: true,
  },
  {
    scenario: 'it got an owner',
    change: (cluster) =>
      cluster.put(
        configMapWithLabels(
          { [applySetNames.partOf]: setIdOf(deployment) },
          { ownerReferences: [{ kind: 'Deployment', name: 'web', uid: 'x' }] },
        ),
      ),
    reason: /owned by Deployment\/web/,
    forgotten: false,
  },
];

function configMapWithLabels(
  labels: Readonly<Record<string, string>>,
  metadata: Readonly<Record<string, unknown>> = {},
): Manifest {
  const base = configMap('v32-other');
  return { ...base, metadata: { ...base.metadata, labels, ...metadata } };
}

describe('an object that is not wanted any more is left alone when', () => {
  test.each(retainedCases)('$scenario', async ({ change, reason, forgotten }) => {
    const cluster = new FakeCluster();
    await apply(cluster);
    change(cluster);
    const made = await plan(cluster, without(aRequest(), 'v32-other'));
    expect(made.changes.filter(({ action }) => action === 'delete')).toEqual([]);
    expect(made.retained).toHaveLength(1);
    expect(made.retained[0]?.reason).toMatch(reason);
    const names = made.inventory?.planned.map(({ name }) => name) ?? [];
    expect(names.includes('v32-other')).toBe(!forgotten);
  });

  test('it holds data', async () => {
    const cluster = new FakeCluster();
    const { manifests } = aRequest();
    await apply(cluster, aRequest({ manifests: [...manifests, volumeClaim('weights')] }));
    const made = await plan(cluster);
    expect(made.retained[0]?.reason).toMatch(/holds data/);
    expect(hasChanges(made)).toBe(false);
  });

  test('its kind is not served now', async () => {
    const cluster = new FakeCluster();
    await apply(cluster);
    cluster.unserved.add('leaderworkerset.x-k8s.io/v1/LeaderWorkerSet');
    const made = await plan(cluster, without(aRequest(), 'v32-main'));
    expect(made.retained[0]?.reason).toMatch(/does not serve/);
  });
});

describe('planOffline()', () => {
  test('creates everything and knows no cluster', () => {
    const made = planOffline(aRequest());
    expect(made.target).toBeUndefined();
    expect(made.changes.map(({ action }) => action)).toEqual(Array(5).fill('create'));
    expect(made.changes.every((row) => 'certainty' in row && row.certainty === 'offline')).toBe(
      true,
    );
  });
});

describe('planDeployment() of objects that only watch', () => {
  const rule = {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'v32', namespace: 'llm' },
    spec: { groups: [] },
  };
  const watched = aRequest({ manifests: [...aRequest().manifests, rule] });
  const unserved = 'monitoring.coreos.com/v1/PrometheusRule';

  test('leaves them out where the cluster does not know their kind, and says so', async () => {
    const cluster = new FakeCluster();
    cluster.unserved.add(unserved);
    const made = await plan(cluster, watched);
    expect(rows(made)).toEqual(rows(await plan(new FakeCluster())));
    expect(made.warnings).toEqual([
      'PrometheusRule/llm/v32 is left out: the cluster does not serve monitoring.coreos.com/v1 PrometheusRule; install the Prometheus Operator (its CRDs) and run `dsdeploy apply` again',
    ]);
  });

  test('makes them once the kind is there, and keeps them in mind while it is gone', async () => {
    const cluster = new FakeCluster();
    cluster.unserved.add(unserved);
    await apply(cluster, watched);
    cluster.unserved.delete(unserved);
    expect(rows(await plan(cluster, watched))).toContain('create PrometheusRule/llm/v32');
    await apply(cluster, watched);
    cluster.unserved.add(unserved);
    const gone = await apply(cluster, watched);
    expect(JSON.stringify(gone)).not.toContain('delete PrometheusRule');
    cluster.unserved.delete(unserved);
    expect(hasChanges(await plan(cluster, watched))).toBe(false);
  });
});
