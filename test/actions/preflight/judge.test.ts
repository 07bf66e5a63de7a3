import { describe, expect, test } from 'vitest';
import type { Facts, PreflightInput } from '../../../src/actions/preflight/facts.ts';
import { judgePreflight } from '../../../src/actions/preflight/judge.ts';
import type { LiveObject } from '../../../src/cluster/index.ts';
import type { Manifest } from '../../../src/manifest/index.ts';
import type { Spec } from '../../../src/spec/index.ts';
import { aLive, aNode, anInput, aPodFact, someNodes } from './facts-builder.ts';

const forbidden = { kind: 'unreadable', reason: 'it is forbidden' } as const;

function told(input: PreflightInput): string[] {
  return judgePreflight(input).map(({ code, level }) => `${level} ${code}`);
}

function inNamespace(
  kind: string,
  name: string,
  rest: Omit<Manifest, 'apiVersion' | 'kind' | 'metadata'>,
) {
  return aLive({ apiVersion: 'v1', kind, metadata: { name, namespace: 'deepseek' }, ...rest });
}

function list(...value: readonly LiveObject[]) {
  return { kind: 'read', value } as const;
}

function found(name: string, value: LiveObject | undefined) {
  return new Map([[name, { kind: 'read', value } as const]]);
}

const withClaim = (spec: Spec): Spec => ({
  ...spec,
  model: {
    ...spec.model,
    weights: { ...spec.model.weights, source: { kind: 'pvc', claimName: 'weights' } },
  },
});

const claim = (accessModes: readonly string[], phase: string, rest: object = {}) =>
  inNamespace('PersistentVolumeClaim', 'weights', {
    spec: { accessModes, ...rest },
    status: { phase },
  });

const withKey = (spec: Spec): Spec => ({
  ...spec,
  api: { ...spec.api, keySecret: { name: 'key', key: 'api-key', generate: false } },
});

const withTopology = (spec: Spec): Spec => ({
  ...spec,
  pools: spec.pools.map((pool) => ({ ...pool, topologyKey: 'rack' })),
});

const replicas =
  (count: number) =>
  (spec: Spec): Spec => ({
    ...spec,
    pools: spec.pools.map((pool) => ({ ...pool, nodes: 2 * count })),
    groups: spec.groups.map((group) => ({ ...group, replicas: count })),
  });

const racks = (...names: readonly string[]) =>
  names.map((rack, index) => {
    const node = aNode(`node-${String(index)}`);
    return { ...node, labels: { ...node.labels, rack } };
  });

const quota = (hard: object, used: object = {}, rest: object = {}) =>
  list(inNamespace('ResourceQuota', 'small', { spec: { hard, ...rest }, status: { hard, used } }));

const limits = (...entries: readonly object[]) =>
  list(inNamespace('LimitRange', 'modest', { spec: { limits: entries } }));

const labelled = (enforce?: string) =>
  ({
    kind: 'read',
    value: aLive({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name: 'deepseek',
        labels: enforce === undefined ? {} : { 'pod-security.kubernetes.io/enforce': enforce },
      },
    }),
  }) as const;

interface Case {
  readonly when: string;
  readonly facts?: Partial<Facts>;
  readonly spec?: (spec: Spec) => Spec;
  readonly tells: readonly string[];
}

const own = { ours: true, requests: { 'nvidia.com/gpu': 8, cpu: 32 } };

const nodeCases: readonly Case[] = [
  { when: 'everything is in order', tells: [] },
  {
    when: 'one node is missing',
    facts: { nodes: { kind: 'read', value: someNodes(1) } },
    tells: ['error NODES_MISSING'],
  },
  {
    when: 'a node is not ready',
    facts: { nodes: { kind: 'read', value: [aNode('a'), aNode('b', { ready: false })] } },
    tells: ['error NODES_UNUSABLE'],
  },
  {
    when: 'a node is cordoned',
    facts: { nodes: { kind: 'read', value: [aNode('a'), aNode('b', { cordoned: true })] } },
    tells: ['error NODES_UNUSABLE'],
  },
  {
    when: 'a node is tainted',
    facts: {
      nodes: {
        kind: 'read',
        value: [
          aNode('a'),
          aNode('b', { taints: [{ key: 'x', value: '', effect: 'NoSchedule' }] }),
        ],
      },
    },
    tells: ['error NODES_UNUSABLE'],
  },
  {
    when: 'a taint only prefers',
    facts: {
      nodes: {
        kind: 'read',
        value: [
          aNode('a'),
          aNode('b', { taints: [{ key: 'x', value: '', effect: 'PreferNoSchedule' }] }),
        ],
      },
    },
    tells: [],
  },
  {
    when: 'a node has no RDMA',
    facts: {
      nodes: {
        kind: 'read',
        value: [
          aNode('a'),
          aNode('b', {
            allocatable: { ...aNode('b').allocatable, 'rdma/rdma_shared_device_a': 0 },
          }),
        ],
      },
    },
    tells: ['error NODES_UNUSABLE'],
  },
  {
    when: 'a pod of others holds one device',
    facts: {
      pods: { kind: 'read', value: [aPodFact('node-0', { requests: { 'nvidia.com/gpu': 1 } })] },
    },
    tells: ['error NODES_BUSY'],
  },
  {
    when: 'the deployment itself holds the devices',
    facts: { pods: { kind: 'read', value: [aPodFact('node-0', own), aPodFact('node-1', own)] } },
    tells: [],
  },
  {
    when: 'a busy node has a free one beside it',
    facts: {
      nodes: { kind: 'read', value: someNodes(3) },
      pods: { kind: 'read', value: [aPodFact('node-0', { requests: { cpu: 180 } })] },
    },
    tells: [],
  },
  {
    when: 'nodes are enough but racks are mixed',
    facts: { nodes: { kind: 'read', value: racks('a', 'b') } },
    spec: withTopology,
    tells: ['error TOPOLOGY_DOMAINS_MISSING'],
  },
  {
    when: 'a rack holds the group',
    facts: { nodes: { kind: 'read', value: racks('a', 'b', 'b') } },
    spec: withTopology,
    tells: [],
  },
  {
    when: 'two groups want one rack',
    facts: { nodes: { kind: 'read', value: racks('a', 'a', 'a', 'a') } },
    spec: (spec) => withTopology(replicas(2)(spec)),
    tells: ['error TOPOLOGY_DOMAINS_MISSING'],
  },
  {
    when: 'two groups have four nodes',
    facts: { nodes: { kind: 'read', value: someNodes(4) } },
    spec: replicas(2),
    tells: [],
  },
  {
    when: 'nodes may not be listed',
    facts: { nodes: forbidden, pods: forbidden },
    tells: ['unknown CHECK_IMPOSSIBLE'],
  },
  {
    when: 'pods of others may not be listed',
    facts: { pods: forbidden },
    tells: ['unknown CHECK_IMPOSSIBLE'],
  },
  {
    when: 'nodes are arm64',
    facts: {
      nodes: {
        kind: 'read',
        value: someNodes(2, {
          labels: { 'nvidia.com/gpu.product': 'NVIDIA-H200', 'kubernetes.io/arch': 'arm64' },
        }),
      },
    },
    tells: ['info IMAGE_ARCHITECTURE'],
  },
];

const namespaceCases: readonly Case[] = [
  {
    when: 'it enforces restricted',
    facts: { namespace: labelled('restricted') },
    tells: ['error POD_SECURITY_REFUSES'],
  },
  {
    when: 'it enforces baseline',
    facts: { namespace: labelled('baseline') },
    tells: ['error POD_SECURITY_REFUSES'],
  },
  {
    when: 'it has no level of its own',
    facts: { namespace: labelled() },
    tells: ['unknown CHECK_IMPOSSIBLE'],
  },
  {
    when: 'it may not be read',
    facts: { namespace: forbidden },
    tells: ['unknown CHECK_IMPOSSIBLE'],
  },
  {
    when: 'a quota has room',
    facts: { quotas: quota({ 'requests.nvidia.com/gpu': '16', pods: '2' }) },
    tells: [],
  },
  {
    when: 'a quota is used by others',
    facts: {
      quotas: quota({ 'requests.nvidia.com/gpu': '16' }, { 'requests.nvidia.com/gpu': '8' }),
    },
    tells: ['error QUOTA_EXCEEDED'],
  },
  {
    when: 'a quota is used by ourselves',
    facts: {
      quotas: quota({ 'requests.nvidia.com/gpu': '16' }, { 'requests.nvidia.com/gpu': '16' }),
      pods: { kind: 'read', value: [aPodFact('node-0', own), aPodFact('node-1', own)] },
    },
    tells: [],
  },
  {
    when: 'limits of memory are too small',
    facts: { quotas: quota({ 'limits.memory': '1000Gi' }) },
    tells: ['error QUOTA_EXCEEDED'],
  },
  {
    when: 'the quota is for best effort',
    facts: { quotas: quota({ pods: '0' }, {}, { scopes: ['BestEffort'] }) },
    tells: [],
  },
  {
    when: 'the quota is for another priority',
    facts: {
      quotas: quota(
        { pods: '0' },
        {},
        {
          scopeSelector: {
            matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['high'] }],
          },
        },
      ),
    },
    tells: [],
  },
  {
    when: 'quotas may not be listed',
    facts: { quotas: forbidden },
    tells: ['unknown CHECK_IMPOSSIBLE'],
  },
  {
    when: 'containers may be small only',
    facts: { limitRanges: limits({ type: 'Container', max: { cpu: '4' } }) },
    tells: ['error LIMIT_RANGE_REFUSES', 'error LIMIT_RANGE_REFUSES'],
  },
  {
    when: 'pods have to be large',
    facts: { limitRanges: limits({ type: 'Pod', min: { cpu: '100' } }) },
    tells: ['error LIMIT_RANGE_REFUSES', 'error LIMIT_RANGE_REFUSES'],
  },
  {
    when: 'limits may be twice the requests',
    facts: { limitRanges: limits({ type: 'Container', maxLimitRequestRatio: { cpu: '2' } }) },
    tells: [],
  },
  {
    when: "the name of the controller's Service is taken",
    facts: { names: found('Service/deepseek-main', inNamespace('Service', 'deepseek-main', {})) },
    tells: ['error NAME_TAKEN'],
  },
];

const referenceCases: readonly Case[] = [
  { when: 'the key Secret is absent', spec: withKey, tells: ['error KEY_SECRET_MISSING'] },
  {
    when: 'the Secret has another key',
    spec: withKey,
    facts: {
      secrets: new Map([['key', { kind: 'read', value: { type: 'Opaque', keys: ['token'] } }]]),
    },
    tells: ['error KEY_SECRET_MISSING'],
  },
  {
    when: 'the key is there',
    spec: withKey,
    facts: {
      secrets: new Map([['key', { kind: 'read', value: { type: 'Opaque', keys: ['api-key'] } }]]),
    },
    tells: [],
  },
  {
    when: 'the Secret may not be read',
    spec: withKey,
    facts: { secrets: new Map([['key', forbidden]]) },
    tells: ['unknown CHECK_IMPOSSIBLE'],
  },
  { when: 'the claim is absent', spec: withClaim, tells: ['error VOLUME_CLAIM_MISSING'] },
  {
    when: 'the claim serves many',
    spec: withClaim,
    facts: { claims: found('weights', claim(['ReadOnlyMany'], 'Bound')) },
    tells: [],
  },
  {
    when: 'the claim serves one node',
    spec: withClaim,
    facts: { claims: found('weights', claim(['ReadWriteOnce'], 'Bound')) },
    tells: ['error VOLUME_CLAIM_ACCESS'],
  },
  {
    when: 'the claim is not bound',
    spec: withClaim,
    facts: { claims: found('weights', claim(['ReadWriteMany'], 'Pending')) },
    tells: ['error VOLUME_CLAIM_UNBOUND'],
  },
  {
    when: 'the claim waits for its first pod',
    spec: withClaim,
    facts: {
      claims: found('weights', claim(['ReadWriteMany'], 'Pending', { storageClassName: 'late' })),
      storageClasses: found(
        'late',
        aLive({
          apiVersion: 'storage.k8s.io/v1',
          kind: 'StorageClass',
          metadata: { name: 'late' },
          volumeBindingMode: 'WaitForFirstConsumer',
        }),
      ),
    },
    tells: ['warning VOLUME_CLAIM_UNBOUND'],
  },
];

const versionCases: readonly Case[] = [
  {
    when: 'the server is old',
    facts: { serverVersion: 'v1.29.4' },
    tells: ['error SERVER_TOO_OLD'],
  },
  {
    when: 'LeaderWorkerSet is not served',
    facts: { lws: { served: false, controller: { kind: 'read', value: undefined } } },
    tells: ['error LWS_NOT_SERVED'],
  },
  {
    when: 'its controller is not at its usual place',
    facts: { lws: { served: true, controller: { kind: 'read', value: undefined } } },
    tells: ['unknown CHECK_IMPOSSIBLE'],
  },
  {
    when: 'its controller is old and down',
    facts: {
      lws: {
        served: true,
        controller: {
          kind: 'read',
          value: aLive({
            apiVersion: 'apps/v1',
            kind: 'Deployment',
            metadata: { name: 'lws-controller-manager', namespace: 'lws-system' },
            spec: {
              template: { spec: { containers: [{ name: 'manager', image: 'lws:v0.6.1' }] } },
            },
          }),
        },
      },
    },
    tells: ['error LWS_CONTROLLER_DOWN', 'info LWS_UNTESTED'],
  },
  {
    when: 'rights may not be asked for',
    facts: { denied: forbidden },
    tells: ['unknown CHECK_IMPOSSIBLE'],
  },
];

describe.each([
  { about: 'nodes', cases: nodeCases },
  { about: 'the namespace', cases: namespaceCases },
  { about: 'what pods refer to', cases: referenceCases },
  { about: 'versions and rights', cases: versionCases },
])('judgePreflight() on $about', ({ cases }) => {
  test.each(cases)('tells $tells when $when', ({ facts, spec, tells }) => {
    expect(told(anInput(facts, spec))).toEqual(tells);
  });
});

describe('judgePreflight()', () => {
  test('names node, resource and amounts, and the command that shows them', () => {
    const busy = aPodFact('node-0', { requests: { 'nvidia.com/gpu': 3 } });
    const [finding] = judgePreflight(anInput({ pods: { kind: 'read', value: [busy] } }));
    expect(finding?.what).toContain('node-0 has nvidia.com/gpu 5 of 8 free');
    expect(finding?.command).toBe('kubectl describe nodes -l nvidia.com/gpu.product=NVIDIA-H200');
  });

  test('lets pods of a priority class on busy nodes, which they may empty, and on no other', () => {
    const toldWithPriority = (facts: Partial<Facts>) => {
      const input = anInput(facts);
      const workloads = input.workloads.map((workload) => ({
        ...workload,
        pods: workload.pods.map((pod) => ({
          ...pod,
          spec: { ...pod.spec, priorityClassName: 'high' },
        })),
      }));
      return told({ ...input, workloads });
    };
    const busy = aPodFact('node-0', { requests: { 'nvidia.com/gpu': 3 } });
    expect(toldWithPriority({ pods: { kind: 'read', value: [busy] } })).toEqual([
      'warning NODES_BUSY',
    ]);
    const cordoned = someNodes(2, { cordoned: true });
    expect(toldWithPriority({ nodes: { kind: 'read', value: cordoned } })).toEqual([
      'error NODES_UNUSABLE',
    ]);
  });

  test('tells how to be sure of the Pod Security level that no label names', () => {
    const [finding] = judgePreflight(anInput({ namespace: labelled() }));
    expect(finding?.fix).toContain('pod-security.kubernetes.io/enforce=privileged');
  });

  test('lists missing rights per resource, with a line for each', () => {
    const rule = {
      group: 'leaderworkerset.x-k8s.io',
      resource: 'leaderworkersets',
      namespace: 'deepseek',
      verbs: [],
      purpose: 'plan',
    } as const;
    const forward = {
      ...rule,
      group: '',
      resource: 'pods/portforward',
      purpose: 'health',
    } as const;
    const denied = [
      { verb: 'create', rule },
      { verb: 'patch', rule },
      { verb: 'create', rule: forward },
    ] as const;
    const findings = judgePreflight(anInput({ denied: { kind: 'read', value: denied } }));
    expect(findings.map(({ level, what, command }) => ({ level, what, command }))).toEqual([
      {
        level: 'error',
        what: 'You may not create, patch leaderworkersets.leaderworkerset.x-k8s.io: plan and apply cannot work without',
        command: 'kubectl auth can-i create leaderworkersets.leaderworkerset.x-k8s.io -n deepseek',
      },
      {
        level: 'warning',
        what: 'You may not create pods/portforward: health would be unknown in part',
        command: 'kubectl auth can-i create pods --subresource=portforward -n deepseek',
      },
    ]);
  });
});
