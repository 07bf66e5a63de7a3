import { describe, expect, test } from 'vitest';
import type { Facts } from '../../../src/actions/preflight/facts.ts';
import { toAmounts } from '../../../src/actions/preflight/pod-spec.ts';
import { checkSurge, withSurgeRoom } from '../../../src/actions/preflight/surge-room.ts';
import type { Plan, Surge, UpdateChange } from '../../../src/plan/index.ts';
import { anInput, aPodFact, someNodes } from './facts-builder.ts';

const lws = {
  apiVersion: 'leaderworkerset.x-k8s.io/v1',
  kind: 'LeaderWorkerSet',
  namespace: 'deepseek',
  name: 'deepseek-main',
} as const;

/** A plan that updates the template's group of two pods with one more group for the time being. */
function aPlan(mustFit: boolean, more: Partial<Surge> = {}): Plan {
  const update: UpdateChange = {
    action: 'update',
    ref: lws,
    desired: { ...lws, metadata: { name: lws.name } },
    certainty: 'server',
    uid: 'u',
    resourceVersion: '1',
    fields: [],
    disruption: {
      effect: 'restarts-groups',
      mode: 'rolling',
      message: '',
      groups: [0],
      pods: 2,
      losesPrefixCache: true,
      coexists: true,
      differences: [],
      surge: { groups: 1, pods: 2, devices: { 'nvidia.com/gpu': 16 }, mustFit, ...more },
    },
  };
  return {
    apiVersion: 'dsdeploy/v1',
    kind: 'Plan',
    deployment: { name: 'deepseek', namespace: 'deepseek' },
    changes: [update],
    retained: [],
    warnings: [],
  };
}

/** Nodes of which the first two hold the running group. */
function running(nodes: number, others: readonly string[] = []): Partial<Facts> {
  const requests = toAmounts({ 'nvidia.com/gpu': '8' });
  const ours = ['node-0', 'node-1'].map((node) => aPodFact(node, { requests, ours: true }));
  const theirs = others.map((node) => aPodFact(node, { requests }));
  return {
    nodes: { kind: 'read', value: someNodes(nodes) },
    pods: { kind: 'read', value: [...ours, ...theirs] },
  };
}

const unreadable: Partial<Facts> = { nodes: { kind: 'unreadable', reason: 'it is forbidden' } };

describe('the room for a surge', () => {
  test.each<{
    scenario: string;
    facts: Partial<Facts>;
    mustFit?: boolean;
    room: number | undefined;
    tells: readonly string[];
  }>([
    { scenario: 'two more free nodes hold it', facts: running(4), room: 1, tells: [] },
    {
      scenario: 'the nodes of the running group do not count',
      facts: running(2),
      room: 0,
      tells: ['error SURGE_NO_ROOM'],
    },
    {
      scenario: 'half a group does not count',
      facts: running(4, ['node-3']),
      room: 0,
      tells: ['error SURGE_NO_ROOM'],
    },
    {
      scenario: 'without it a roll-out that may also take groups away goes on',
      facts: running(2),
      mustFit: false,
      room: 0,
      tells: [],
    },
    {
      scenario: 'nodes that may not be read are no pass',
      facts: unreadable,
      room: undefined,
      tells: ['unknown SURGE_NO_ROOM'],
    },
  ])('$scenario', ({ facts, mustFit = true, room, tells }) => {
    const plan = withSurgeRoom(aPlan(mustFit), anInput(facts));
    const [change] = plan.changes;
    const surge = change?.action === 'update' ? change.disruption?.surge : undefined;
    expect(surge?.groupsWithRoom).toBe(room);
    expect(checkSurge(plan).map(({ level, code }) => `${level} ${code}`)).toEqual(tells);
  });

  test.each([
    { nodes: 4, tells: ['error SURGE_NO_ROOM'] },
    { nodes: 6, tells: [] },
  ])('two copies that stay have to fit both: $nodes nodes', ({ nodes, tells }) => {
    const grown = aPlan(true, { stays: true, groups: 2, pods: 4 });
    const findings = checkSurge(withSurgeRoom(grown, anInput(running(nodes))));
    expect(findings.map(({ level, code }) => `${level} ${code}`)).toEqual(tells);
    expect(findings.every(({ fix }) => fix.includes('two updates'))).toBe(true);
  });

  test('names devices and what to do', () => {
    const [finding] = checkSurge(withSurgeRoom(aPlan(true), anInput(running(2))));
    expect(finding?.what).toContain('1 more copy of the model (2 pods, 16 nvidia.com/gpu)');
    expect(finding?.fix).toContain('surge: 0');
  });
});
