import { describe, expect, test } from 'vitest';
import type { Manifest } from '../../src/manifest/index.ts';
import { describeDisruption, diffObjects } from '../../src/plan/index.ts';

interface LwsOptions {
  readonly replicas?: number;
  readonly image?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly rollout?: Readonly<Record<string, unknown>>;
  readonly template?: Readonly<Record<string, unknown>>;
  readonly spec?: Readonly<Record<string, unknown>>;
}

function lws(options: LwsOptions = {}): Manifest {
  const { replicas = 3, image = 'a', annotations = {}, template = {}, spec = {} } = options;
  return {
    apiVersion: 'leaderworkerset.x-k8s.io/v1',
    kind: 'LeaderWorkerSet',
    metadata: { name: 'v32', namespace: 'llm', annotations },
    spec: {
      replicas,
      rolloutStrategy: { rollingUpdateConfiguration: options.rollout ?? { maxUnavailable: 1 } },
      leaderWorkerTemplate: { size: 2, workerTemplate: { image }, ...template },
      ...spec,
    },
  };
}

function disruptionOf(before: Manifest, after: Manifest, loadSeconds?: number) {
  const options = loadSeconds === undefined ? {} : { loadSeconds };
  return describeDisruption(after, diffObjects(before, after), options);
}

const restarts: readonly {
  readonly scenario: string;
  readonly before: LwsOptions;
  readonly after: LwsOptions;
  readonly groups: readonly number[];
  readonly pods: number;
  readonly durationSeconds: number;
  readonly message: RegExp;
}[] = [
  {
    scenario: 'another image, one group at a time',
    before: {},
    after: { image: 'b' },
    groups: [0, 1, 2],
    pods: 6,
    durationSeconds: 3 * 750,
    message:
      /^Restarts groups 0 to 2 \(6 pods\), 1 group at a time\. .*12m30s each, 37m30s in all\.$/,
  },
  {
    scenario: 'the only group, so that nothing serves',
    before: { replicas: 1 },
    after: { replicas: 1, image: 'b' },
    groups: [0],
    pods: 2,
    durationSeconds: 750,
    message: /No group serves meanwhile\.$/,
  },
  {
    scenario: 'half of the groups at a time',
    before: { replicas: 4, rollout: { maxUnavailable: '50%' } },
    after: { replicas: 4, rollout: { maxUnavailable: '50%' }, image: 'b' },
    groups: [0, 1, 2, 3],
    pods: 8,
    durationSeconds: 2 * 750,
    message: /2 groups at a time/,
  },
  {
    scenario: 'a surge, which needs nodes',
    before: { rollout: { maxUnavailable: 0, maxSurge: 1 } },
    after: { rollout: { maxUnavailable: 0, maxSurge: 1 }, image: 'b' },
    groups: [0, 1, 2],
    pods: 6,
    durationSeconds: 3 * 750,
    message: /The surge needs 2 spare nodes\.$/,
  },
  {
    scenario: 'only the groups above the partition',
    before: { rollout: { maxUnavailable: 1, partition: 2 } },
    after: { rollout: { maxUnavailable: 1, partition: 2 }, image: 'b' },
    groups: [2],
    pods: 2,
    durationSeconds: 750,
    message: /^Restarts group 2 /,
  },
  {
    scenario: 'the size of a group',
    before: {},
    after: { template: { size: 4 } },
    groups: [0, 1, 2],
    pods: 12,
    durationSeconds: 3 * 750,
    message: /12 pods/,
  },
  {
    scenario: 'the subdomain policy, which is part of the revision',
    before: {},
    after: { spec: { networkConfig: { subdomainPolicy: 'UniquePerReplica' } } },
    groups: [0, 1, 2],
    pods: 6,
    durationSeconds: 3 * 750,
    message: /^Restarts/,
  },
  {
    scenario: 'exclusive placement, which the controller copies to the leaders',
    before: {},
    after: { annotations: { 'leaderworkerset.sigs.k8s.io/exclusive-topology': 'rack' } },
    groups: [0, 1, 2],
    pods: 6,
    durationSeconds: 3 * 750,
    message: /^Restarts/,
  },
  {
    scenario: 'the groups that stay, when more are asked for as well',
    before: {},
    after: { replicas: 4, image: 'b' },
    groups: [0, 1, 2],
    pods: 6,
    durationSeconds: 3 * 750,
    message: /Starts group 3 \(2 pods\); running groups go on\.$/,
  },
];

describe('describeDisruption() restarts', () => {
  test.each(restarts)('$scenario', ({ before, after, groups, pods, durationSeconds, message }) => {
    const disruption = disruptionOf(lws(before), lws(after), 750);
    expect(disruption).toMatchObject({
      effect: 'restarts-groups',
      groups,
      pods,
      durationSeconds,
    });
    expect(disruption?.message).toMatch(message);
  });
});

describe('describeDisruption()', () => {
  test('starts groups when there are to be more', () => {
    expect(disruptionOf(lws(), lws({ replicas: 5 }), 750)).toEqual({
      effect: 'scales-groups',
      message:
        'Starts groups 3 to 4 (4 pods); running groups go on. They serve after about 12m30s.',
      groups: [3, 4],
      pods: 4,
      durationSeconds: 750,
    });
  });

  test('stops the last groups when there are to be fewer', () => {
    expect(disruptionOf(lws(), lws({ replicas: 1 }), 750)).toEqual({
      effect: 'scales-groups',
      message: 'Stops groups 1 to 2 (4 pods); the others go on.',
      groups: [1, 2],
      pods: 4,
    });
  });

  test.each([
    ['an annotation of the set', { annotations: { team: 'ai' } }],
    ['the rollout strategy', { rollout: { maxUnavailable: 2 } }],
    ['the start-up policy', { spec: { startupPolicy: 'LeaderReady' } }],
    ['the budget of restarts', { template: { maxGroupRestarts: 3 } }],
  ] as const)('disturbs nothing for %s', (_, after) => {
    expect(disruptionOf(lws(), lws(after))?.effect).toBe('none');
  });

  test('does not promise a time it does not know', () => {
    const disruption = disruptionOf(lws(), lws({ image: 'b' }));
    expect(disruption?.message).toContain('Every one of them loads its weights again.');
    expect(disruption).not.toHaveProperty('durationSeconds');
  });

  test('says nothing about other kinds', () => {
    const service = { ...lws(), kind: 'Service' };
    expect(disruptionOf(service, { ...lws({ image: 'b' }), kind: 'Service' })).toBeUndefined();
  });
});
