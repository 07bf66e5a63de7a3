import { describe, expect, test } from 'vitest';
import type { Manifest } from '../../../src/manifest/index.ts';
import { describeDisruption, describeRemoval, diffObjects } from '../../../src/plan/index.ts';

interface LwsOptions {
  readonly replicas?: number;
  readonly image?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly rollout?: Readonly<Record<string, unknown>>;
  readonly template?: Readonly<Record<string, unknown>>;
  readonly spec?: Readonly<Record<string, unknown>>;
}

const engineLimits = { cpu: '32', 'nvidia.com/gpu': '8', 'rdma/shared': '1' };

function lws(options: LwsOptions = {}): Manifest {
  const { replicas = 3, image = 'a', annotations = {}, template = {}, spec = {} } = options;
  return {
    apiVersion: 'leaderworkerset.x-k8s.io/v1',
    kind: 'LeaderWorkerSet',
    metadata: { name: 'v32', namespace: 'llm', annotations },
    spec: {
      replicas,
      rolloutStrategy: { rollingUpdateConfiguration: options.rollout ?? { maxUnavailable: 1 } },
      leaderWorkerTemplate: {
        size: 2,
        workerTemplate: {
          spec: {
            terminationGracePeriodSeconds: 130,
            containers: [{ name: 'engine', image, resources: { limits: engineLimits } }],
          },
        },
        ...template,
      },
      ...spec,
    },
  };
}

/** A template whose engine listens on a port. */
function engineWith(port: string) {
  const containers = [{ name: 'engine', args: ['--port', port] }];
  return { workerTemplate: { spec: { terminationGracePeriodSeconds: 130, containers } } };
}

function disruptionOf(before: Manifest, after: Manifest, loadSeconds?: number) {
  const options = loadSeconds === undefined ? {} : { loadSeconds };
  const fields = diffObjects(before, after);
  return describeDisruption({ live: before, result: after, fields }, options);
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
      /^Restarts groups 0 to 2 \(6 pods\), 1 group at a time\. .*12m30s each, 37m30s in all\./,
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
    durationSeconds: 4 * 750,
    message:
      /1 group \(2 pods\) is added for the time being, which takes 2 spare nodes with 16 nvidia\.com\/gpu and 2 rdma\/shared\./,
  },
  {
    scenario: 'a surge beside groups that may stop, so that nothing waits for it',
    before: { rollout: { maxUnavailable: 1, maxSurge: 1 } },
    after: { rollout: { maxUnavailable: 1, maxSurge: 1 }, image: 'b' },
    groups: [0, 1, 2],
    pods: 6,
    durationSeconds: 2 * 750,
    message: /2 groups at a time/,
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
    durationSeconds: 4 * 750,
    message: /Starts group 3 \(2 pods\) first: no running group stops before they serve\.$/,
  },
  {
    scenario: 'the only group that stays, when the other goes first',
    before: { replicas: 2 },
    after: { replicas: 1, image: 'b' },
    groups: [0],
    pods: 2,
    durationSeconds: 750,
    message: /No group serves meanwhile\. Stops group 1 \(2 pods\) at once\.$/,
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

/** What a reader of the plan must know before saying yes. */
const consequences: readonly {
  readonly scenario: string;
  readonly before: LwsOptions;
  readonly after: LwsOptions;
  readonly tells: object;
  readonly message: RegExp;
}[] = [
  {
    scenario: 'others serve while one restarts, and the two revisions answer side by side',
    before: {},
    after: { image: 'b' },
    tells: { mode: 'rolling', coexists: true, differences: ['image'], drainSeconds: 130 },
    message: /have up to 2m10s to end, then they are cut; .*side by side .* differ in image;/,
  },
  {
    scenario: 'another port cuts callers, though the groups roll',
    before: { template: engineWith('8000') },
    after: { template: engineWith('9000') },
    tells: { mode: 'rolling', coexists: false },
    message: /from 8000 to 9000 for callers at once: 8000 is refused .* run side by side/,
  },
  {
    scenario: 'groups that come in the same update need room beside those that run',
    before: { replicas: 1 },
    after: { replicas: 2, image: 'b' },
    tells: {
      mode: 'rolling',
      coexists: true,
      durationSeconds: 2 * 750,
      surge: { stays: true, groups: 1, pods: 2, mustFit: true },
    },
    message: /Starts group 1 \(2 pods\) first/,
  },
  {
    scenario: 'an only group is recreated: no old and new side by side, and the cache is lost',
    before: { replicas: 1 },
    after: { replicas: 1, image: 'b' },
    tells: { mode: 'recreate', coexists: false, losesPrefixCache: true },
    message: /prefix cache is lost\. No group serves meanwhile\.$/,
  },
  {
    scenario: 'an only group with a surge goes on serving',
    before: { replicas: 1, rollout: { maxUnavailable: 0, maxSurge: 1 } },
    after: { replicas: 1, rollout: { maxUnavailable: 0, maxSurge: 1 }, image: 'b' },
    tells: {
      mode: 'rolling',
      durationSeconds: 2 * 750,
      surge: {
        groups: 1,
        pods: 2,
        devices: { 'nvidia.com/gpu': 16, 'rdma/shared': 2 },
        mustFit: true,
      },
    },
    message: /side by side/,
  },
  {
    scenario: 'a surge over more groups than there are is cut to them',
    before: { replicas: 1, rollout: { maxUnavailable: 1, maxSurge: 4 } },
    after: { replicas: 1, rollout: { maxUnavailable: 1, maxSurge: 4 }, image: 'b' },
    tells: { mode: 'recreate', surge: { groups: 1, mustFit: false } },
    message: /No group serves meanwhile/,
  },
  {
    scenario: 'groups above a partition restart while the others keep their revision',
    before: { replicas: 2, rollout: { maxUnavailable: 2, partition: 1 } },
    after: { replicas: 2, rollout: { maxUnavailable: 2, partition: 1 }, image: 'b' },
    tells: { mode: 'rolling', groups: [1], coexists: true },
    message: /^Restarts group 1 /,
  },
];

describe('describeDisruption() says what it means', () => {
  test.each(consequences)('$scenario', ({ before, after, tells, message }) => {
    const disruption = disruptionOf(lws(before), lws(after), 750);
    expect(disruption).toMatchObject(tells);
    expect(disruption?.message).toMatch(message);
  });
});

describe('describeRemoval()', () => {
  test('tells what takes the place of the groups that stop', () => {
    const successors = ['LeaderWorkerSet/llm/v32-new'];
    expect(describeRemoval(lws(), { successors })).toMatchObject({
      effect: 'stops-groups',
      mode: 'replace',
      message: expect.stringMatching(
        /^Stops groups 0 to 2 \(6 pods\) at once\. LeaderWorkerSet\/llm\/v32-new takes their place/,
      ),
      groups: [0, 1, 2],
      pods: 6,
      drainSeconds: 130,
    });
    expect(describeRemoval(lws(), { successors: [] })?.message).toContain('Nothing takes');
  });

  test('says nothing about other kinds, or about no group', () => {
    expect(describeRemoval({ ...lws(), kind: 'Service' }, { successors: [] })).toBeUndefined();
    expect(describeRemoval(lws({ replicas: 0 }), { successors: [] })).toBeUndefined();
  });
});

describe('describeDisruption()', () => {
  test('starts groups when there are to be more', () => {
    expect(disruptionOf(lws(), lws({ replicas: 5 }), 750)).toEqual({
      effect: 'scales-groups',
      mode: 'scale',
      message:
        'Starts groups 3 to 4 (4 pods); running groups go on. They serve after about 12m30s.',
      groups: [3, 4],
      pods: 4,
      durationSeconds: 750,
      losesPrefixCache: false,
      coexists: false,
      differences: [],
    });
  });

  test('stops the last groups when there are to be fewer', () => {
    expect(disruptionOf(lws(), lws({ replicas: 1 }), 750)).toEqual({
      effect: 'scales-groups',
      mode: 'scale',
      message:
        'Stops groups 1 to 2 (4 pods); the others go on. Requests running on a group that stops have up to 2m10s to end, then they are cut; its prefix cache is lost.',
      groups: [1, 2],
      pods: 4,
      drainSeconds: 130,
      losesPrefixCache: true,
      coexists: false,
      differences: [],
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
