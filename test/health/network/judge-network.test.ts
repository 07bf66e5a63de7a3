import { describe, expect, test } from 'vitest';
import type { LiveObject } from '../../../src/cluster/index.ts';
import { judgeNetworkPolicy } from '../../../src/health/index.ts';
import type { Manifest } from '../../../src/manifest/index.ts';
import { renderManifests } from '../../../src/render/index.ts';
import { aLayout, aPlacedGroup, aPod, namespace } from '../builders.ts';

const layout = aLayout({ replicas: 2 });
const group = aPlacedGroup(layout);
const rendered = renderManifests(layout).filter(({ kind }) => kind === 'NetworkPolicy');
const pods = [aPod(), aPod({ worker: 1 }), aPod({ group: 1 }), aPod({ group: 1, worker: 1 })];
const workers = { matchLabels: { 'leaderworkerset.sigs.k8s.io/worker-index': '1' } };

function judge(policies: readonly Manifest[], live: readonly LiveObject[] = pods) {
  return judgeNetworkPolicy(group, {
    namespace,
    policies: { kind: 'read', value: policies },
    pods: live,
  });
}

function without(name: string): readonly Manifest[] {
  return rendered.filter(({ metadata }) => metadata.name !== name);
}

function aPolicy(name: string, spec: object): Manifest {
  return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name }, spec };
}

/** The rendered policies with one replaced. */
function changed(name: string, spec: object): readonly Manifest[] {
  return [...without(name), aPolicy(name, spec)];
}

const inGroup = 'deepseek-main-in-group';
const everyPort = { from: [{ podSelector: {} }] };

describe('judgeNetworkPolicy()', () => {
  test('has a policy of each kind to judge', () => {
    expect(rendered.map(({ metadata }) => metadata.name).toSorted()).toEqual([
      'deepseek-api',
      'deepseek-default-deny',
      'deepseek-dns',
      inGroup,
    ]);
  });

  test.each<{ name: string; policies: readonly Manifest[] }>([
    { name: 'no policy at all', policies: [] },
    { name: 'what dsdeploy renders', policies: rendered },
    {
      name: 'a policy about other pods',
      policies: [
        ...rendered,
        aPolicy('others', { podSelector: { matchLabels: { app: 'x' } }, policyTypes: ['Ingress'] }),
      ],
    },
    {
      name: 'ranks that are let in by the addresses of pods',
      policies: changed(inGroup, {
        podSelector: {},
        policyTypes: ['Ingress', 'Egress'],
        ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.9.0.0/16'] } }] }],
        egress: [{}],
      }),
    },
    {
      name: 'ranks that are let in by the name of the namespace',
      policies: changed(inGroup, {
        podSelector: {},
        policyTypes: ['Ingress', 'Egress'],
        ingress: [
          {
            from: [
              {
                namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
              },
            ],
          },
        ],
        egress: [{}],
      }),
    },
    {
      name: 'a range of ports that holds the one of the API',
      policies: changed('deepseek-api', {
        podSelector: {},
        ingress: [{ ports: [{ port: 7000, endPort: 9000 }] }],
      }),
    },
  ])('passes with $name', ({ policies }) => {
    const live = pods.map((pod, index) => ({
      ...pod,
      status: { ...(pod.status as object), podIP: `10.0.0.${index + 1}` },
    }));
    expect(judge(policies, live)).toMatchObject({ outcome: 'passed' });
  });

  test.each<{ name: string; policies: readonly Manifest[]; says: string; pod: string }>([
    {
      name: 'the in-group policy is gone',
      policies: without(inGroup),
      says: 'cut deepseek-main-0 from deepseek-main-0-1 (egress)',
      pod: 'deepseek-main-0',
    },
    {
      name: 'the workers let nobody in',
      policies: changed(inGroup, {
        podSelector: {},
        policyTypes: ['Ingress', 'Egress'],
        ingress: [
          {
            from: [
              {
                podSelector: {
                  matchExpressions: [{ key: 'nobody', operator: 'Exists' }],
                },
              },
            ],
          },
        ],
        egress: [{}],
      }),
      says: 'cut deepseek-main-0 from deepseek-main-0-1 (ingress)',
      pod: 'deepseek-main-0-1',
    },
    {
      name: 'only some ports are open between ranks',
      policies: changed(inGroup, {
        podSelector: workers,
        policyTypes: ['Ingress', 'Egress'],
        ingress: [{ ...everyPort, ports: [{ port: 29_500 }] }],
        egress: [{}],
      }),
      says: 'ranks need every TCP port of each other',
      pod: 'deepseek-main-0',
    },
    {
      name: 'the DNS policy is gone',
      policies: without('deepseek-dns'),
      says: 'keep deepseek-main-0 from DNS',
      pod: 'deepseek-main-0',
    },
    {
      name: 'the API policy is gone, while its ranks may talk',
      policies: [
        ...without('deepseek-api').filter(({ metadata }) => metadata.name !== inGroup),
        aPolicy(inGroup, {
          podSelector: workers,
          policyTypes: ['Ingress', 'Egress'],
          ingress: [everyPort],
          egress: [{}],
        }),
      ],
      says: 'cut deepseek-main-0 from deepseek-main-0-1 (egress)',
      pod: 'deepseek-main-0',
    },
    {
      name: 'the API port is another than the policy has',
      policies: [
        aPolicy('api', {
          podSelector: { matchLabels: { 'dsdeploy/serves': 'api' } },
          ingress: [
            { ports: [{ port: 9000 }] },
            { from: [{ podSelector: { matchLabels: { 'app.kubernetes.io/component': 'x' } } }] },
          ],
        }),
      ],
      says: 'cut deepseek-main-0-1 from deepseek-main-0 (ingress)',
      pod: 'deepseek-main-0',
    },
  ])('fails when $name', ({ policies, says, pod }) => {
    const check = judge(policies);
    expect(check).toMatchObject({ outcome: 'failed', subject: `Pod/${namespace}/${pod}` });
    expect(check.detail).toContain(says);
    expect(check.impact).toBeDefined();
    expect(check.advice).toContain('kubectl get networkpolicy');
  });

  test('fails when the port of the API is open for another protocol only', () => {
    const policies = [
      ...without(inGroup).filter(({ metadata }) => metadata.name !== 'deepseek-api'),
      aPolicy(inGroup, {
        podSelector: {},
        policyTypes: ['Ingress', 'Egress'],
        ingress: [{ ...everyPort, ports: [{ protocol: 'UDP' }] }],
        egress: [{}],
      }),
    ];
    expect(judge(policies)).toMatchObject({ outcome: 'failed' });
  });

  test('fails when no client gets in, though the ranks of the group do', () => {
    const [leader] = pods;
    const alone = leader === undefined ? [] : [leader];
    const check = judge(without('deepseek-api'), alone);
    // Ranks reach every port, so clients among the pods of the group would be let in.
    expect(check.outcome).toBe('passed');
    const closed = [aPolicy('closed', { podSelector: {}, policyTypes: ['Ingress'], ingress: [] })];
    expect(judge(closed, alone)).toMatchObject({
      outcome: 'failed',
      impact: 'No request reaches the API.',
    });
  });

  test.each<{ name: string; policies: readonly Manifest[] }>([
    {
      name: 'labels of namespaces',
      policies: changed(inGroup, {
        podSelector: {},
        ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: 'llm' } } }] }],
        egress: [{}],
        policyTypes: ['Ingress', 'Egress'],
      }),
    },
    {
      name: 'addresses of pods that have none yet',
      policies: changed(inGroup, {
        podSelector: {},
        ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/8' } }] }],
        egress: [{}],
        policyTypes: ['Ingress', 'Egress'],
      }),
    },
  ])('is unknown where it hangs on $name', ({ policies }) => {
    expect(judge(policies)).toMatchObject({ outcome: 'unknown' });
  });

  test('is skipped on the network of the hosts, where policies do not hold', () => {
    const check = judge(without(inGroup), [aPod({ hostNetwork: true })]);
    expect(check.outcome).toBe('skipped');
  });

  test('is unknown when the policies may not be read, and waits before they were', () => {
    const policies = { kind: 'unreadable', reason: 'forbidden' } as const;
    expect(judgeNetworkPolicy(group, { namespace, policies, pods })).toMatchObject({
      outcome: 'unknown',
      detail: 'forbidden',
    });
    const unread = judgeNetworkPolicy(group, { namespace, policies: undefined, pods });
    expect(unread.outcome).toBe('pending');
  });
});
