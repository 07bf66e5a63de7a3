import { describe, expect, test } from 'vitest';
import type { LiveObject } from '../../../src/cluster/index.ts';
import {
  followAutoscalers,
  type GroupFacts,
  judgeGroup,
  type Reading,
} from '../../../src/health/index.ts';
import { type Autoscaler, toAutoscaler } from '../../../src/plan/index.ts';
import {
  aLayout,
  anLws,
  aPlacedGroup,
  aPod,
  createdMs,
  namespace,
  passedProbes,
  someFacts,
} from '../builders.ts';

const name = 'deepseek-main';
const autoscalerName = `HorizontalPodAutoscaler/${namespace}/web`;

function anAutoscaler(target = name): Autoscaler {
  const autoscaler = toAutoscaler({
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'web', namespace },
    spec: {
      scaleTargetRef: {
        apiVersion: 'leaderworkerset.x-k8s.io/v1',
        kind: 'LeaderWorkerSet',
        name: target,
      },
    },
  });
  if (autoscaler === undefined) throw new Error('it names no target');
  return autoscaler;
}

/** A set whose replicas were written through the scale subresource, two minutes after the rest. */
function scaledBy(manager: string, set: LiveObject): LiveObject {
  const entry = {
    manager,
    operation: 'Update',
    subresource: 'scale',
    time: new Date(createdMs + 120_000).toISOString(),
    fieldsV1: { 'f:spec': { 'f:replicas': {} } },
  };
  const before = set.metadata['managedFields'] as readonly object[];
  return { ...set, metadata: { ...set.metadata, managedFields: [...before, entry] } };
}

function podsOf(copies: number): readonly LiveObject[] {
  return Array.from({ length: copies }, (_, group) => [
    aPod({ group }),
    aPod({ group, worker: 1 }),
  ]).flat();
}

interface Scenario {
  readonly spec: number;
  readonly set: LiveObject;
  /** Copies whose pods are there. */
  readonly copies?: number;
  readonly autoscalers?: readonly Autoscaler[];
  readonly facts?: Partial<GroupFacts>;
}

function judge({ spec, set, copies, autoscalers = [], facts = {} }: Scenario) {
  const reading: Reading<LiveObject> = { kind: 'read', value: set };
  const { layout, scalings } = followAutoscalers(
    aLayout({ replicas: spec }),
    new Map([[name, reading]]),
    autoscalers,
  );
  const scaling = scalings.get(name);
  const live = (set['spec'] as { readonly replicas: number }).replicas;
  const leaders = Array.from({ length: live }, (_, index) => `${name}-${String(index)}`);
  return judgeGroup(
    aPlacedGroup(layout),
    someFacts({
      leaderWorkerSet: reading,
      pods: { kind: 'read', value: podsOf(copies ?? live) },
      probes: new Map(leaders.map((leader) => [leader, passedProbes(leader)])),
      ...(scaling === undefined ? {} : { scaling }),
      ...facts,
    }),
    { namespace, canary: 'quick' },
  );
}

function detailOf({ checks }: ReturnType<typeof judge>, wanted: string): string {
  return checks.find(({ id }) => id === wanted)?.detail ?? '';
}

describe('a group that an autoscaler scales', () => {
  test.each([
    { scenario: 'below the spec', spec: 3, live: 2 },
    { scenario: 'above the spec', spec: 1, live: 3 },
  ])('is healthy $scenario when the copies it wants serve', ({ spec, live }) => {
    const group = judge({
      spec,
      set: anLws({ replicas: live }),
      autoscalers: [anAutoscaler()],
    });
    expect(group).toMatchObject({
      verdict: 'healthy',
      readyReplicas: live,
      replicas: live,
      scaling: { by: autoscalerName, replicas: live, specReplicas: spec },
    });
    expect(group.pods).toHaveLength(2 * live);
    expect(detailOf(group, 'lws-shape')).toBe(
      `${String(live)} x 2 pods, as ${autoscalerName} wants; ${String(spec)} x 2 in the spec`,
    );
    expect(detailOf(group, 'pods-present')).toBe(`${String(2 * live)} pods exist`);
  });

  test('tells how many copies serve of those that are wanted', () => {
    const set = anLws({ replicas: 3, readyReplicas: 2 });
    const group = judge({ spec: 1, set, copies: 2, autoscalers: [anAutoscaler()] });
    expect(detailOf(group, 'lws-available')).toBe(
      `2 of 3 groups ready, as ${autoscalerName} wants`,
    );
    expect(group).toMatchObject({ readyReplicas: 2, replicas: 3 });
  });

  test('above the spec waits for each endpoint, also of the copies the spec does not know', () => {
    const group = judge({
      spec: 1,
      set: anLws({ replicas: 2 }),
      autoscalers: [anAutoscaler()],
      facts: { probes: new Map([[`${name}-0`, passedProbes(`${name}-0`)]]) },
    });
    expect(group.verdict).toBe('progressing');
  });

  test('is known without the right to list autoscalers once it was scaled', () => {
    const set = scaledBy('kube-controller-manager', anLws({ replicas: 2 }));
    const group = judge({ spec: 3, set });
    expect(group.verdict).toBe('healthy');
    expect(detailOf(group, 'lws-shape')).toContain('as a HorizontalPodAutoscaler wants');
  });

  test('gets as long for pods of a copy that was just asked for as for those of a new set', () => {
    const set = scaledBy('kube-controller-manager', anLws({ replicas: 2, readyReplicas: 1 }));
    const at = (seconds: number) =>
      judge({ spec: 1, set, copies: 1, facts: { readAtMs: createdMs + seconds * 1000 } }).verdict;
    expect(at(150)).toBe('progressing');
    expect(at(200)).toBe('unhealthy');
  });

  test('is not healthy at zero copies, and says who to ask', () => {
    const group = judge({
      spec: 1,
      set: anLws({ replicas: 0 }),
      autoscalers: [anAutoscaler()],
    });
    expect(group.verdict).toBe('unknown');
    const check = group.checks.find(({ id }) => id === 'pods-present');
    expect(check?.advice).toContain(autoscalerName);
  });
});

describe('a roll-out with a surge', () => {
  const inProgress = [
    { type: 'Available', status: 'True' },
    { type: 'UpdateInProgress', status: 'True' },
  ];
  /** Two minutes after the pods, so that those of the copy itself are the old ones. */
  const changedAt = new Date(createdMs + 120_000).toISOString();

  function surging(set: LiveObject, surge: readonly LiveObject[]) {
    const managedFields = [{ manager: 'dsdeploy', operation: 'Apply', time: changedAt }];
    return judge({
      spec: 1,
      set: { ...set, metadata: { ...set.metadata, managedFields } },
      facts: { pods: { kind: 'read', value: [...podsOf(1), ...surge] } },
    });
  }

  const surgeGroup = [0, 1].map((worker) =>
    aPod({ group: 1, worker, revision: 'new', createdAt: changedAt }),
  );

  test('is under way, not broken, while its extra group serves beside the old copy', () => {
    const group = surging(anLws({ replicas: 1, conditions: inProgress }), surgeGroup);
    expect(group).toMatchObject({ verdict: 'progressing', readyReplicas: 1, replicas: 1 });
    expect(group.checks.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
    // What is wrong with the old copy is no reason to give up on the new one.
    expect(group.pods.map(({ outdated = false }) => outdated)).toEqual([true, true, false, false]);
  });

  test('tells of its extra group once the copy itself is updated', () => {
    const group = surging(anLws({ replicas: 1, updatedReplicas: 2 }), surgeGroup);
    expect(detailOf(group, 'lws-available')).toBe(
      '2 groups for 1 wanted: the surge of a roll-out is not gone yet',
    );
    expect(group.verdict).toBe('progressing');
  });
});

describe('the spec decides the copies when', () => {
  test.each([
    { scenario: 'nobody scales', set: anLws({ replicas: 1 }), autoscalers: [] },
    {
      scenario: 'an autoscaler scales another set',
      set: anLws({ replicas: 1 }),
      autoscalers: [anAutoscaler('other')],
    },
    {
      scenario: 'somebody scaled by hand',
      set: scaledBy('kubectl', anLws({ replicas: 1 })),
      autoscalers: [],
    },
  ])('$scenario', ({ set, autoscalers }) => {
    const group = judge({ spec: 2, set, autoscalers });
    expect(group.verdict).toBe('unhealthy');
    expect(group).not.toHaveProperty('scaling');
    expect(detailOf(group, 'lws-shape')).toBe(
      'the spec wants 2 x 2 pods, the cluster has 1 x 2 pods',
    );
  });
});
