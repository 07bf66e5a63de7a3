import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { applyPlan } from '../../src/actions/apply/index.ts';
import { destroyDeployment, planDestroy } from '../../src/actions/destroy/index.ts';
import type { PlanRequest } from '../../src/actions/plan/index.ts';
import { planWithPreflight } from '../../src/actions/preflight/index.ts';
import type { Cluster, LiveObject } from '../../src/cluster/index.ts';
import { planLayout } from '../../src/layout/index.ts';
import type { Disruption, Plan } from '../../src/plan/index.ts';
import { renderManifests } from '../../src/render/index.ts';
import type { GroupSpec } from '../../src/spec/index.ts';
import { RecordingHost } from '../actions/recording-host.ts';
import { aTemplateSpec } from '../render/a-layout.ts';
import { openTestSandbox, type TestSandbox } from './a-sandbox.ts';

const host = new RecordingHost();
const clock = { nowMs: () => Date.now(), sleep: (ms: number) => delay(ms) };

const namespace = 'updates';

let sandbox: TestSandbox;
let cluster: Cluster;

beforeAll(async () => {
  sandbox = await openTestSandbox('disruption', {
    nodes: [{ kind: 'h200', count: 4 }],
    // Long enough to see who serves meanwhile.
    podReadyDelayMs: 1500,
  });
  ({ cluster } = sandbox);
  // One namespace that stays: to wait for a namespace to go takes longer than any update.
  const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
  await cluster.apply(object, { dryRun: false, force: false });
}, 900_000);

afterAll(() => sandbox.close(), 60_000);

/** The template's group of two pods, changed; with the sandbox's four nodes in the pool. */
function requestFor(group: Partial<GroupSpec>): PlanRequest {
  const template = aTemplateSpec('h200-vllm-2-nodes');
  const groups = template.groups.map((given) => ({ ...given, ...group }));
  const pools = template.pools.map((pool) => ({ ...pool, nodes: 6 }));
  const api = { ...template.api, keySecret: 'none' } as const;
  const spec = { ...template, namespace, createNamespace: false, groups, pools, api };
  return {
    deployment: { name: spec.name, namespace },
    manifests: renderManifests(planLayout(spec)),
    createNamespace: false,
  };
}

function plan(request: PlanRequest): Promise<Plan> {
  return planWithPreflight(request, { cluster, host }, { skip: false, purpose: 'plan' });
}

function predictionOf({ changes }: Plan): Disruption | undefined {
  const disruptions = changes.flatMap((change) =>
    (change.action === 'update' || change.action === 'delete') && change.disruption !== undefined
      ? [change.disruption]
      : [],
  );
  return disruptions[0];
}

async function destroy(): Promise<void> {
  const { deployment } = requestFor({});
  await destroyDeployment(await planDestroy(deployment, { cluster }), { cluster, host, clock });
}

const leaderSchema = z.looseObject({
  metadata: z.looseObject({
    uid: z.string(),
    deletionTimestamp: z.string().optional(),
    labels: z.looseObject({
      'leaderworkerset.sigs.k8s.io/name': z.string(),
      'leaderworkerset.sigs.k8s.io/group-index': z.string(),
      'leaderworkerset.sigs.k8s.io/template-revision-hash': z.string(),
    }),
  }),
  status: z.looseObject({
    conditions: z.array(z.looseObject({ type: z.string(), status: z.string() })).default([]),
  }),
});

interface Leader {
  readonly uid: string;
  readonly group: string;
  readonly revision: string;
  readonly serves: boolean;
}

function toLeader(pod: LiveObject): Leader {
  const { metadata, status } = leaderSchema.parse(pod);
  const { labels } = metadata;
  return {
    uid: metadata.uid,
    group: `${labels['leaderworkerset.sigs.k8s.io/name']}/${labels['leaderworkerset.sigs.k8s.io/group-index']}`,
    revision: labels['leaderworkerset.sigs.k8s.io/template-revision-hash'],
    serves:
      metadata.deletionTimestamp === undefined &&
      status.conditions.some(({ type, status: value }) => type === 'Ready' && value === 'True'),
  };
}

/** Follows the leaders of a namespace, event by event, and keeps what was ever true. */
class Watcher {
  readonly #leaders = new Map<string, Leader>();
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;
  #isSynced = false;
  /** Fewest leaders that served at one time since `mark()`. */
  fewest = Number.POSITIVE_INFINITY;
  /** Most revisions that served at one time since `mark()`. */
  revisions = 0;
  /** Groups seen since `mark()`. */
  readonly groups = new Set<string>();

  constructor() {
    this.#done = this.#follow();
  }

  get leaders(): readonly Leader[] {
    return [...this.#leaders.values()];
  }

  mark(): void {
    this.fewest = Number.POSITIVE_INFINITY;
    this.revisions = 0;
    this.groups.clear();
    this.#note();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  /** Waits until exactly these groups serve, all of one revision. */
  async settled(groups: readonly string[], not: readonly string[] = []): Promise<void> {
    const deadlineMs = Date.now() + 90_000;
    for (;;) {
      const { leaders } = this;
      const names = leaders.map(({ group }) => group).toSorted();
      const isNew = leaders.every(({ uid }) => !not.includes(uid));
      const serves = leaders.every((leader) => leader.serves);
      if (this.#isSynced && isNew && serves && names.join() === groups.join()) return;
      if (Date.now() > deadlineMs) throw new Error(`still ${JSON.stringify(leaders)}`);
      await delay(50);
    }
  }

  async #follow(): Promise<void> {
    const labelSelector = 'leaderworkerset.sigs.k8s.io/worker-index=0';
    const { signal } = this.#stop;
    const kind = { apiVersion: 'v1', kind: 'Pod' };
    for await (const event of cluster.watch(kind, { namespace, labelSelector, signal })) {
      if (event.type === 'synced') this.#isSynced = true;
      else if (event.type === 'deleted') this.#leaders.delete(event.object.metadata.uid);
      else this.#leaders.set(event.object.metadata.uid, toLeader(event.object));
      this.#note();
    }
  }

  #note(): void {
    const serving = this.leaders.filter(({ serves }) => serves);
    this.fewest = Math.min(this.fewest, serving.length);
    this.revisions = Math.max(this.revisions, new Set(serving.map((one) => one.revision)).size);
    for (const { group } of this.leaders) this.groups.add(group);
  }
}

interface Update {
  readonly change: string;
  readonly from: Partial<GroupSpec>;
  readonly to: Partial<GroupSpec>;
  readonly predicts: Partial<Disruption>;
  /** Groups that serve before and after. */
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** What is then seen. */
  readonly fewest: number;
  readonly revisions: number;
  /** Groups that existed at any time. */
  readonly everSeen: readonly string[];
  /** Groups that keep their pods. */
  readonly kept: readonly string[];
}

const zero = 'deepseek-main/0';
const one = 'deepseek-main/1';

const updates: readonly Update[] = [
  {
    change: 'surge settings alone',
    from: {},
    to: { surge: 1 },
    predicts: { mode: 'in-place', groups: [], pods: 0 },
    before: [zero],
    after: [zero],
    fewest: 1,
    revisions: 1,
    everSeen: [zero],
    kept: [zero],
  },
  {
    change: 'a flag of an only copy',
    from: {},
    to: { contextTokens: 65_536 },
    predicts: { mode: 'recreate', groups: [0], pods: 2, coexists: false, losesPrefixCache: true },
    before: [zero],
    after: [zero],
    fewest: 0,
    revisions: 1,
    everSeen: [zero],
    kept: [],
  },
  {
    change: 'a flag of two copies',
    from: { replicas: 2 },
    to: { replicas: 2, contextTokens: 65_536 },
    predicts: {
      mode: 'rolling',
      groups: [0, 1],
      pods: 4,
      coexists: true,
      differences: ['--max-model-len'],
    },
    before: [zero, one],
    after: [zero, one],
    fewest: 1,
    revisions: 2,
    everSeen: [zero, one],
    kept: [],
  },
  {
    change: 'a flag of an only copy with a surge',
    from: { surge: 1 },
    to: { surge: 1, contextTokens: 65_536 },
    predicts: {
      mode: 'rolling',
      groups: [0],
      coexists: true,
      surge: {
        groups: 1,
        pods: 2,
        devices: { 'nvidia.com/gpu': 16, 'rdma/rdma_shared_device_a': 2 },
        groupsWithRoom: 1,
        mustFit: true,
      },
    },
    before: [zero],
    after: [zero],
    fewest: 1,
    revisions: 2,
    everSeen: [zero, one],
    kept: [],
  },
  {
    change: 'one copy more',
    from: {},
    to: { replicas: 2 },
    predicts: { mode: 'scale', effect: 'scales-groups', groups: [1], pods: 2 },
    before: [zero],
    after: [zero, one],
    fewest: 1,
    revisions: 1,
    everSeen: [zero, one],
    kept: [zero],
  },
  {
    change: 'one copy less',
    from: { replicas: 2 },
    to: {},
    predicts: { mode: 'scale', groups: [1], pods: 2, losesPrefixCache: true },
    before: [zero, one],
    after: [zero],
    fewest: 1,
    revisions: 1,
    everSeen: [zero, one],
    kept: [zero],
  },
  {
    change: 'a flag while one of two copies goes',
    from: { replicas: 2 },
    to: { contextTokens: 65_536 },
    predicts: { mode: 'recreate', groups: [0], pods: 2, coexists: false },
    before: [zero, one],
    after: [zero],
    fewest: 0,
    revisions: 1,
    everSeen: [zero, one],
    kept: [],
  },
  {
    change: 'a flag while a copy comes',
    from: {},
    to: { replicas: 2, contextTokens: 65_536 },
    predicts: { mode: 'rolling', groups: [0], pods: 2, coexists: true },
    before: [zero],
    after: [zero, one],
    fewest: 1,
    revisions: 2,
    everSeen: [zero, one],
    kept: [],
  },
  {
    change: 'the name of the group',
    from: {},
    to: { name: 'other' },
    predicts: { mode: 'replace', effect: 'stops-groups', groups: [0], pods: 2 },
    before: [zero],
    after: ['deepseek-other/0'],
    fewest: 0,
    revisions: 1,
    everSeen: [zero, 'deepseek-other/0'],
    kept: [],
  },
];

// One after another: each takes up to all four nodes.
describe('what the plan says of an update is what the controller does', { shuffle: false }, () => {
  test.each(updates)('$change', { timeout: 240_000 }, async (update) => {
    const watcher = new Watcher();
    try {
      await applyPlan(await plan(requestFor(update.from)), { cluster, host });
      await watcher.settled(update.before);
      const running = new Map(watcher.leaders.map(({ group, uid }) => [group, uid]));

      const changed = await plan(requestFor(update.to));
      expect(predictionOf(changed)).toMatchObject(update.predicts);
      watcher.mark();
      await applyPlan(changed, { cluster, host });
      const replaced = [...running].flatMap(([group, uid]) =>
        update.kept.includes(group) ? [] : [uid],
      );
      await watcher.settled(update.after, replaced);

      expect(watcher).toMatchObject({ fewest: update.fewest, revisions: update.revisions });
      expect([...watcher.groups].toSorted()).toEqual(update.everSeen);
      const now = new Map(watcher.leaders.map(({ group, uid }) => [group, uid]));
      for (const group of update.kept) expect(now.get(group)).toBe(running.get(group));
    } finally {
      await watcher.stop();
      await destroy();
    }
  });

  test('a surge without free nodes is refused before anything is written', {
    timeout: 120_000,
  }, async () => {
    const both = { replicas: 2, surge: 1 } as const;
    await applyPlan(await plan(requestFor(both)), { cluster, host });
    const pods = { apiVersion: 'v1', kind: 'Pod' };
    const deadlineMs = Date.now() + 60_000;
    const isPlaced = async () => {
      const placed = await cluster.list(pods, { namespace, fieldSelector: 'spec.nodeName!=' });
      return placed.length === 4;
    };
    while (!(await isPlaced())) {
      expect(Date.now()).toBeLessThan(deadlineMs);
      await delay(200);
    }
    const changed = await plan(requestFor({ ...both, contextTokens: 65_536 }));
    expect(predictionOf(changed)?.surge?.groupsWithRoom).toBe(0);
    expect(changed.findings).toContainEqual(
      expect.objectContaining({ code: 'SURGE_NO_ROOM', level: 'error' }),
    );
  });
});
