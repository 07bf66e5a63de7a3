import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PlanRequest } from '../../src/actions/plan/index.ts';
import { type Manifest, refOf } from '../../src/manifest/index.ts';
import { type Change, hasChanges, type Plan } from '../../src/plan/index.ts';
import { errorOf } from '../actions/error-of.ts';
import { managersOf, openTestSandbox, type TestSandbox, until } from './a-sandbox.ts';
import { startAdmissionServer, webhookConfiguration } from './admission-server.ts';
import { KillableCluster } from './killable-cluster.ts';

let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await openTestSandbox('shared');
}, 900_000);

afterAll(async () => {
  await sandbox.close();
}, 60_000);

interface Wanted {
  readonly replicas?: number;
  readonly image?: string;
  readonly metadata?: Pick<Manifest['metadata'], 'labels' | 'annotations'>;
}

/** A set of one pod per group. */
function leaderWorkerSet(
  namespace: string,
  { replicas = 1, image = 'example.com/e:1', metadata }: Wanted = {},
): Manifest {
  const spec = { containers: [{ name: 'engine', image, env: [{ name: 'A', value: '1' }] }] };
  return {
    apiVersion: 'leaderworkerset.x-k8s.io/v1',
    kind: 'LeaderWorkerSet',
    metadata: { name: 'v32', namespace, ...metadata },
    spec: { replicas, leaderWorkerTemplate: { size: 1, workerTemplate: { spec } } },
  };
}

function request(namespace: string, wanted: Wanted = {}): PlanRequest {
  return {
    deployment: { name: 'v32', namespace },
    manifests: [leaderWorkerSet(namespace, wanted)],
    createNamespace: false,
  };
}

async function appliedIn(namespace: string, wanted: Wanted = {}): Promise<string> {
  await sandbox.kubectl('create', 'namespace', namespace);
  await sandbox.apply(request(namespace, wanted));
  return namespace;
}

async function readSet(namespace: string) {
  const live = await sandbox.read(refOf(leaderWorkerSet(namespace)));
  const spec = live['spec'] as {
    readonly replicas: number;
    readonly leaderWorkerTemplate: {
      readonly workerTemplate: {
        readonly spec: {
          readonly containers: readonly {
            readonly name: string;
            readonly image: string;
            readonly env?: readonly object[];
          }[];
        };
      };
    };
  };
  return { ...spec, live, containers: spec.leaderWorkerTemplate.workerTemplate.spec.containers };
}

async function patch(namespace: string, body: unknown, manager = 'queue', type = 'merge') {
  const text = JSON.stringify(body);
  const args = ['patch', 'lws', 'v32', `--type=${type}`, '-p', text, `--field-manager=${manager}`];
  await sandbox.kubectl('-n', namespace, ...args);
}

function onlyRow({ changes }: Plan): Change {
  const [row] = changes;
  if (row === undefined) throw new Error('the plan is empty');
  return row;
}

function autoscaler(namespace: string, minReplicas: number): Manifest {
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'v32', namespace },
    spec: {
      scaleTargetRef: {
        apiVersion: 'leaderworkerset.x-k8s.io/v1',
        kind: 'LeaderWorkerSet',
        name: 'v32',
      },
      minReplicas,
      maxReplicas: 5,
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
        },
      ],
    },
  };
}

describe('replicas under an autoscaler', () => {
  test('stay as they are before it has scaled for the first time', async () => {
    const namespace = await appliedIn('hpa-new', { replicas: 2 });
    await sandbox.kubectlWith([autoscaler(namespace, 1)], 'create');
    // The spec changed meanwhile; what serves goes on serving.
    const plan = await sandbox.plan(request(namespace, { replicas: 3 }));
    expect(onlyRow(plan)).toMatchObject({
      action: 'keep',
      yields: [
        {
          field: 'spec.replicas',
          to: `HorizontalPodAutoscaler/${namespace}/v32`,
          wanted: 3,
          actual: 2,
        },
      ],
    });
    await sandbox.apply(request(namespace, { replicas: 3, image: 'example.com/e:2' }));
    expect(await readSet(namespace)).toMatchObject({
      replicas: 2,
      containers: [{ image: 'example.com/e:2' }],
    });
  });

  test('are neither compared nor written once it has', { timeout: 180_000 }, async () => {
    const namespace = await appliedIn('hpa');
    await sandbox.kubectlWith([autoscaler(namespace, 3)], 'create');
    await until(async () => (await readSet(namespace)).replicas === 3);
    const plan = await sandbox.plan(request(namespace));
    expect(hasChanges(plan)).toBe(false);
    expect(onlyRow(plan)).toMatchObject({ yields: [{ wanted: 1, actual: 3 }] });

    await sandbox.apply(request(namespace, { image: 'example.com/e:2' }));
    const { replicas, live } = await readSet(namespace);
    expect(replicas).toBe(3);
    expect(managersOf(live)).toContain('kube-controller-manager Update scale');
    const ours = live.metadata['managedFields'] as readonly {
      readonly manager: string;
      readonly fieldsV1: Readonly<Record<string, object>>;
    }[];
    const applied = ours.find(({ manager }) => manager === 'dsdeploy');
    expect(applied?.fieldsV1['f:spec']).not.toHaveProperty('f:replicas');

    // Without the autoscaler the spec decides again, once somebody says so.
    await sandbox.kubectl('-n', namespace, 'delete', 'hpa', 'v32');
    const again = await sandbox.plan(request(namespace, { image: 'example.com/e:2' }));
    expect(onlyRow(again)).toMatchObject({
      yields: [{ to: expect.stringContaining('Horizontal') }],
    });
  });
});

/** Who else sets a field of ours, and how a conflict names them. */
const owners: readonly {
  readonly owner: string;
  readonly change: (namespace: string) => Promise<void>;
  readonly named: RegExp;
}[] = [
  {
    owner: 'kubectl scale',
    change: async (namespace) => {
      await sandbox.kubectl('-n', namespace, 'scale', 'lws', 'v32', '--replicas=1');
    },
    named: /"kubectl" with subresource "scale"/,
  },
  {
    owner: 'kubectl edit',
    change: (namespace) => patch(namespace, { spec: { replicas: 1 } }, 'kubectl-edit'),
    named: /"kubectl-edit" using leaderworkerset/,
  },
  {
    owner: 'a controller',
    change: (namespace) => patch(namespace, { spec: { replicas: 1 } }),
    named: /"queue" using leaderworkerset/,
  },
];

describe('a conflict names manager, field, both values and three choices, of', () => {
  test.each(owners)('$owner', async ({ owner, change, named }) => {
    const namespace = await appliedIn(owner.replaceAll(' ', '-'), { replicas: 2 });
    await change(namespace);
    const error = await errorOf(sandbox.plan(request(namespace, { replicas: 2 })));
    expect(error).toMatchObject({
      code: 'FIELD_CONFLICT',
      subject: `LeaderWorkerSet/${namespace}/v32`,
      details: [{ location: '.spec.replicas' }],
    });
    const [detail] = error.details;
    expect(detail?.message).toMatch(named);
    expect(detail?.message).toContain('it is 1 in the cluster and 2 in the spec');
    expect(error.hint).toMatch(/--take '.spec.replicas'.*setting the spec to.*stop and ask/);

    expect(hasChanges(await sandbox.plan(request(namespace, { replicas: 1 })))).toBe(false);
    await sandbox.apply({ ...request(namespace, { replicas: 2 }), take: ['.spec.replicas'] });
    expect((await readSet(namespace)).replicas).toBe(2);
  });
});

test('sidecars, labels, annotations and finalizers of others are kept and are no drift', async () => {
  const before = {
    metadata: { labels: { ours: 'yes' }, annotations: { 'example.com/ours': 'yes' } },
  };
  const namespace = await appliedIn('guests', before);
  const containers = '/spec/leaderWorkerTemplate/workerTemplate/spec/containers';
  const operations = [
    { op: 'add', path: `${containers}/-`, value: { name: 'sidecar', image: 'example.com/s:1' } },
    { op: 'add', path: `${containers}/0/env/-`, value: { name: 'B', value: '2' } },
    { op: 'add', path: '/metadata/labels/team', value: 'ml' },
    { op: 'add', path: '/metadata/annotations/example.com~1theirs', value: 'yes' },
    { op: 'add', path: '/metadata/finalizers', value: ['example.com/hold'] },
  ];
  await patch(namespace, operations, 'injector', 'json');
  expect(hasChanges(await sandbox.plan(request(namespace, before)))).toBe(false);

  const metadata = { annotations: { 'example.com/other': 'yes' } };
  await sandbox.apply(request(namespace, { image: 'example.com/e:2', metadata }));
  const { containers: now, live } = await readSet(namespace);
  expect(now).toMatchObject([
    {
      name: 'engine',
      image: 'example.com/e:2',
      env: [
        { name: 'A', value: '1' },
        { name: 'B', value: '2' },
      ],
    },
    { name: 'sidecar', image: 'example.com/s:1' },
  ]);
  expect(live.metadata).toMatchObject({
    labels: { team: 'ml' },
    finalizers: ['example.com/hold'],
  });
  expect(live.metadata.labels).not.toHaveProperty('ours');
  expect(live.metadata.annotations).toEqual({
    'example.com/theirs': 'yes',
    'example.com/other': 'yes',
  });
  await patch(namespace, [{ op: 'remove', path: '/metadata/finalizers' }], 'injector', 'json');
});

const lwsResource = {
  group: 'leaderworkerset.x-k8s.io',
  version: 'v1',
  name: 'leaderworkersets',
} as const;

describe('a webhook', () => {
  test('that changes an object changes it once: the second plan is empty', {
    timeout: 120_000,
  }, async () => {
    const containers = '/spec/leaderWorkerTemplate/workerTemplate/spec/containers';
    const server = await startAdmissionServer((object) => {
      const image = JSON.stringify(object).match(/"image":"example\.com\/(e:\d)"/)?.[1];
      const hasSidecar = JSON.stringify(object).includes('"sidecar"');
      return {
        patch: [
          ...(image === undefined
            ? []
            : [{ op: 'replace', path: `${containers}/0/image`, value: `mirror.local/${image}` }]),
          ...(hasSidecar
            ? []
            : [{ op: 'add', path: `${containers}/-`, value: { name: 'sidecar', image: 's' } }]),
          { op: 'add', path: '/metadata/annotations', value: { 'example.com/seen': 'yes' } },
        ],
      };
    });
    const namespace = 'mutated';
    try {
      await sandbox.kubectl('create', 'namespace', namespace);
      await sandbox.kubectl('label', 'namespace', namespace, 'webhook=mutate');
      const hook = webhookConfiguration('MutatingWebhookConfiguration', 'mutate', {
        server,
        resource: lwsResource,
      });
      await sandbox.kubectlWith([hook], 'create');
      await until(async () => {
        const { object } = await sandbox.cluster.apply(leaderWorkerSet(namespace), {
          dryRun: true,
          force: false,
        });
        return JSON.stringify(object).includes('mirror.local');
      });
      const image = 'spec.leaderWorkerTemplate.workerTemplate.spec.containers[name=engine].image';
      expect(onlyRow(await sandbox.plan(request(namespace)))).toMatchObject({
        action: 'create',
        replaced: [
          { path: image, before: 'example.com/e:1', after: 'mirror.local/e:1', by: 'server' },
        ],
      });
      await sandbox.apply(request(namespace));
      expect((await readSet(namespace)).containers).toMatchObject([
        { image: 'mirror.local/e:1' },
        { name: 'sidecar' },
      ]);
      expect(hasChanges(await sandbox.plan(request(namespace)))).toBe(false);
      const changed = request(namespace, { image: 'example.com/e:2' });
      expect(onlyRow(await sandbox.plan(changed))).toMatchObject({
        fields: [{ path: image, after: 'mirror.local/e:2', by: 'server' }],
      });
      await sandbox.apply(changed);
      expect((await readSet(namespace)).containers[0]).toMatchObject({ image: 'mirror.local/e:2' });
      expect(hasChanges(await sandbox.plan(request(namespace, { image: 'example.com/e:2' })))).toBe(
        false,
      );
    } finally {
      await sandbox.kubectl(
        'delete',
        'mutatingwebhookconfiguration',
        'mutate',
        '--ignore-not-found',
      );
      await server.close();
    }
  });

  test('that refuses one object: its message, beside that object, and no write at all', async () => {
    const server = await startAdmissionServer(() => ({ denied: 'images come from our mirror' }));
    const namespace = 'refused';
    try {
      await sandbox.kubectl('create', 'namespace', namespace);
      await sandbox.kubectl('label', 'namespace', namespace, 'webhook=refuse');
      const hook = webhookConfiguration('ValidatingWebhookConfiguration', 'refuse', {
        server,
        resource: lwsResource,
      });
      await sandbox.kubectlWith([hook], 'create');
      const watched = new KillableCluster(sandbox.cluster);
      const other = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'v32', namespace } };
      const manifests = [...request(namespace).manifests, other];
      await until(async () =>
        sandbox.plan({ ...request(namespace), manifests }).then(
          () => false,
          () => true,
        ),
      );
      const error = await errorOf(sandbox.apply({ ...request(namespace), manifests }, watched));
      expect(error).toMatchObject({
        code: 'ADMISSION_DENIED',
        subject: `LeaderWorkerSet/${namespace}/v32`,
        message: expect.stringContaining('images come from our mirror'),
      });
      expect(watched.writes).toEqual([]);
    } finally {
      await sandbox.kubectl(
        'delete',
        'validatingwebhookconfiguration',
        'refuse',
        '--ignore-not-found',
      );
      await server.close();
    }
  });
});
