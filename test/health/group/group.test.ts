import { describe, expect, test } from 'vitest';
import type { LiveObject } from '../../../src/cluster/index.ts';
import { type GroupFacts, judgeGroup, parseEvent } from '../../../src/health/index.ts';
import {
  aLayout,
  aLoadingPod,
  anEvent,
  anLws,
  aPlacedGroup,
  aPod,
  createdAt,
  createdMs,
  namespace,
  passedProbes,
  someFacts,
} from '../builders.ts';

function judge(overrides: Partial<GroupFacts> = {}, { replicas = 1 } = {}) {
  const group = aPlacedGroup(aLayout({ replicas }));
  return judgeGroup(group, someFacts(overrides), { namespace, canary: 'quick' });
}

function pods(...value: readonly LiveObject[]): Pick<GroupFacts, 'pods'> {
  return { pods: { kind: 'read', value } };
}

function events(...objects: readonly LiveObject[]): Pick<GroupFacts, 'events'> {
  return { events: objects.flatMap((object) => parseEvent(object) ?? []) };
}

function outcomes(group: ReturnType<typeof judge>) {
  return Object.fromEntries(group.checks.map(({ id, outcome }) => [id, outcome]));
}

describe('judgeGroup()', () => {
  test('is healthy when everything was seen and is good', () => {
    const group = judge();
    expect(group).toMatchObject({ verdict: 'healthy', readyReplicas: 1, replicas: 1 });
    expect(group.pods.map(({ name, ranks, node }) => ({ name, ranks, node }))).toEqual([
      { name: 'deepseek-main-0', ranks: '0-7', node: 'node-0-0' },
      { name: 'deepseek-main-0-1', ranks: '8-15', node: 'node-0-1' },
    ]);
    expect(new Set(Object.values(outcomes(group)))).toEqual(new Set(['passed', 'skipped']));
  });

  test.each<{ name: string; facts: Partial<GroupFacts>; verdict: string; check?: string }>([
    {
      name: 'a worker loads',
      facts: pods(aPod(), aLoadingPod({ worker: 1 })),
      verdict: 'progressing',
    },
    { name: 'nothing was made', facts: pods(), verdict: 'unhealthy', check: 'pods-present' },
    {
      name: 'the LeaderWorkerSet is absent though pods run',
      facts: { leaderWorkerSet: { kind: 'read', value: undefined } },
      verdict: 'unhealthy',
      check: 'lws-available',
    },
    {
      name: 'the LeaderWorkerSet goes',
      facts: { leaderWorkerSet: { kind: 'read', value: anLws({ deletedAt: createdAt }) } },
      verdict: 'progressing',
      check: 'lws-available',
    },
    {
      name: 'the LeaderWorkerSet may not be read though pods run',
      facts: { leaderWorkerSet: { kind: 'unreadable', reason: 'forbidden' } },
      verdict: 'unknown',
      check: 'lws-available',
    },
    {
      name: 'the pods may not be read',
      facts: { pods: { kind: 'unreadable', reason: 'forbidden' } },
      verdict: 'unknown',
      check: 'pods-present',
    },
    {
      name: 'the cluster runs another size of group',
      facts: { leaderWorkerSet: { kind: 'read', value: anLws({ size: 4 }) } },
      verdict: 'unhealthy',
      check: 'lws-shape',
    },
    {
      name: 'somebody scaled the set to zero',
      facts: { leaderWorkerSet: { kind: 'read', value: anLws({ replicas: 0 }) } },
      verdict: 'unhealthy',
      check: 'lws-shape',
    },
    {
      name: 'a settled group holds two revisions',
      facts: pods(aPod(), aPod({ worker: 1, revision: 'old' })),
      verdict: 'unhealthy',
      check: 'revision',
    },
    {
      name: 'a group holds two revisions while the set updates',
      facts: {
        ...pods(aPod(), aPod({ worker: 1, revision: 'old' })),
        leaderWorkerSet: { kind: 'read', value: anLws({ updatedReplicas: 0 }) },
      },
      verdict: 'progressing',
      check: 'revision',
    },
    {
      name: 'a rollout is held half-way',
      facts: {
        ...pods(aPod(), aPod({ worker: 1, revision: 'old' })),
        leaderWorkerSet: { kind: 'read', value: anLws({ updatedReplicas: 0, partition: 1 }) },
      },
      verdict: 'unhealthy',
      check: 'revision',
    },
    {
      name: 'the part of a rollout that is not held goes on',
      facts: {
        ...pods(aPod(), aPod({ worker: 1, revision: 'old' })),
        leaderWorkerSet: {
          kind: 'read',
          value: anLws({ replicas: 3, updatedReplicas: 1, partition: 1 }),
        },
      },
      verdict: 'progressing',
      check: 'revision',
    },
    {
      name: 'the network policies may not be read',
      facts: { networkPolicies: { kind: 'unreadable', reason: 'forbidden' } },
      verdict: 'unknown',
      check: 'network-policy',
    },
    {
      name: 'the leader was not asked',
      facts: { probes: new Map() },
      verdict: 'progressing',
      check: 'chat',
    },
    {
      name: 'the leader was asked everything but for an answer',
      facts: {
        probes: new Map([['deepseek-main-0', passedProbes('deepseek-main-0').slice(0, 2)]]),
      },
      verdict: 'progressing',
      check: 'chat',
    },
    {
      name: 'a pod beyond the layout cannot start',
      facts: pods(
        aPod(),
        aPod({ worker: 1 }),
        aPod({ group: 1, phase: 'Failed', reason: 'Evicted' }),
      ),
      verdict: 'unhealthy',
    },
  ])('is $verdict when $name', ({ facts, verdict, check }) => {
    const group = judge(facts);
    expect(group.verdict).toBe(verdict);
    if (check !== undefined) expect(outcomes(group)[check]).not.toBe('passed');
  });

  test('names a missing pod with its group and ranks', () => {
    const group = judge(
      {
        ...pods(aPod(), aPod({ worker: 1 }), aPod({ group: 1 })),
        leaderWorkerSet: { kind: 'read', value: anLws({ replicas: 2 }) },
      },
      { replicas: 2 },
    );
    expect(group).toMatchObject({ verdict: 'unhealthy', readyReplicas: 1, replicas: 2 });
    expect(group.checks.find(({ id }) => id === 'pods-present')).toMatchObject({
      outcome: 'failed',
      detail: '1 of 4 pods absent: deepseek-main-1-1 (pod 1 of group 1, ranks 8-15)',
    });
  });

  test.each([
    { ageSeconds: 59, verdict: 'progressing' },
    { ageSeconds: 61, verdict: 'unhealthy' },
    { ageSeconds: -3600, verdict: 'progressing' },
  ])('gives a worker $ageSeconds s after its leader came: $verdict', ({ ageSeconds, verdict }) => {
    const readAtMs = createdMs + ageSeconds * 1000;
    const [, worker] = judge({ ...pods(aPod()), readAtMs }).pods;
    expect(worker).toMatchObject({ reason: 'missing', verdict });
  });

  test('quotes why the controller cannot make a pod', () => {
    const set = { ...anLws(), kind: 'StatefulSet', apiVersion: 'apps/v1' };
    const message =
      'create Pod deepseek-main-0 in StatefulSet deepseek-main failed error: pods "deepseek-main-0" is forbidden: exceeded quota: gpus';
    const group = judge({
      ...pods(),
      ...events(anEvent(set, { reason: 'FailedCreate', message, count: 12 })),
      readAtMs: createdMs + 5_000,
    });
    expect(group.pods[0]).toMatchObject({ verdict: 'unhealthy', reason: 'create-failed' });
    expect(group.pods[0]?.detail).toContain('exceeded quota');
    expect(group.pods[1]).toMatchObject({ verdict: 'progressing', reason: 'missing' });
  });

  describe('a group that is recreated at each crash', () => {
    const minutes = (minute: number) => Date.parse('2026-03-01T10:00:00Z') + minute * 60_000;
    const recreated = (minute: number, { uid = `uid-${minute}`, count = 1 } = {}) =>
      anEvent(anLws(), {
        count,
        reason: 'RecreateGroup',
        message: 'Worker pod deepseek-main-0-1 failed, deleted leader pod deepseek-main-0',
        type: 'Normal',
        at: new Date(minutes(minute)).toISOString(),
        related: { name: 'deepseek-main-0', uid },
      });
    const loading = pods(aLoadingPod(), aLoadingPod({ worker: 1 }));

    test('is a loop from the second time on, though every pod looks new', () => {
      expect(judge({ ...loading, ...events(recreated(10)) }).verdict).toBe('progressing');
      const group = judge({ ...loading, ...events(recreated(10), recreated(20)) });
      expect(group.verdict).toBe('unhealthy');
      expect(group.checks.find(({ id }) => id === 'group-restarts')).toMatchObject({
        outcome: 'failed',
        detail: 'recreated because a pod of the group ended: group 0 2x',
      });
    });

    test.each([
      { told: 'one end in one event', again: [recreated(10, { count: 2 })], times: 1 },
      {
        told: 'one end in two events',
        again: [recreated(10), recreated(11, { uid: 'uid-10' })],
        times: 1,
      },
      { told: 'two ends at once', again: [recreated(10), recreated(10.15)], times: 2 },
    ])('is no loop by $told, since one loss may lead to it', ({ again, times }) => {
      const group = judge({ ...loading, ...events(...again) });
      expect(group.verdict).toBe('progressing');
      expect(group.checks.find(({ id }) => id === 'group-restarts')?.detail).toBe(
        `recreated: group 0 ${times}x`,
      );
    });

    test('is a loop by three ends, however fast', () => {
      const times = [recreated(10), recreated(10.01), recreated(10.02)];
      expect(judge({ ...loading, ...events(...times) }).verdict).toBe('unhealthy');
    });

    test.each([
      { watched: [minutes(10), minutes(10.15)], verdict: 'progressing' },
      { watched: [minutes(10), minutes(12)], verdict: 'unhealthy' },
    ])('is $verdict by what was watched alone', ({ watched, verdict }) => {
      const recreations = new Map([['deepseek-main-0', watched]]);
      expect(judge({ ...loading, recreations }).verdict).toBe(verdict);
    });

    test('is told and not blamed once it serves', () => {
      const group = judge(events(recreated(10), recreated(20)));
      expect(group.verdict).toBe('healthy');
    });

    test('counts from the last change of the spec', () => {
      const lws = anLws();
      const changed = {
        ...lws,
        metadata: {
          ...lws.metadata,
          managedFields: [
            { manager: 'dsdeploy', operation: 'Apply', time: '2026-03-01T10:30:00Z' },
          ],
        },
      };
      const group = judge({
        ...loading,
        ...events(recreated(10), recreated(20)),
        leaderWorkerSet: { kind: 'read', value: changed },
      });
      expect(group.verdict).toBe('progressing');
    });
  });

  test('is not healthy when no replica is wanted', () => {
    const group = judge(
      { ...pods(), leaderWorkerSet: { kind: 'read', value: anLws({ replicas: 0 }) } },
      { replicas: 0 },
    );
    expect(group.verdict).toBe('unknown');
  });
});
