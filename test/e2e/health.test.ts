import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { addTimeline, TimelineFeed } from '../../src/actions/health/index.ts';
import type { HealthReport } from '../../src/health/index.ts';
import type { Layout } from '../../src/layout/index.ts';
import { renderManifests } from '../../src/render/index.ts';
import {
  applyStages,
  deleteStages,
  ensureSandboxBinaries,
  type Stage,
} from '../../src/sandbox/index.ts';
import { FakeHost } from '../actions/health/fakes.ts';
import { aDeployment, clock, HealthSandbox, outcomes, renderHeld } from './health-sandbox.ts';

/** A first build takes about ten minutes on two cores, more beside other tests. */
const buildTimeoutMs = 30 * 60_000;
const bootTimeoutMs = 120_000;
const testTimeoutMs = 120_000;

let sandbox: HealthSandbox;

beforeAll(async () => {
  await ensureSandboxBinaries();
}, buildTimeoutMs);

beforeAll(async () => {
  sandbox = await HealthSandbox.start('health', 4);
}, bootTimeoutMs);

afterAll(async () => {
  await sandbox.stop();
}, testTimeoutMs);

afterEach(async () => {
  await sandbox.clear();
}, testTimeoutMs);

describe('health on a sandbox', { timeout: testTimeoutMs }, () => {
  test('is healthy only after every rank loaded and the leader answered', async () => {
    const layout = aDeployment('loads', { isOpen: true });
    await sandbox.deploy(layout, renderHeld);
    const host = new FakeHost();
    const waiting = sandbox.wait(layout, {}, host);
    const last = () => host.progress.at(-1)?.groups.flatMap(({ pods }) => pods);
    await expect.poll(() => last()?.map(({ reason }) => reason)).toEqual(['loading', 'loading']);
    const report = await sandbox.releaseDuring(layout, waiting);
    expect(report).toMatchObject({ verdict: 'healthy', wait: { ended: 'healthy' } });
    expect(outcomes(report)).toEqual({
      'lws-available': 'passed',
      'lws-shape': 'passed',
      'pods-present': 'passed',
      'network-policy': 'passed',
      revision: 'passed',
      'group-restarts': 'passed',
      'http-health': 'passed',
      metrics: 'passed',
      ranks: 'passed',
      models: 'passed',
      progress: 'passed',
      'rank-answers': 'passed',
      chat: 'passed',
      copy: 'passed',
      stream: 'passed',
      'first-token': 'passed',
      'max-tokens': 'passed',
      'bad-key': 'skipped',
      'service-endpoints': 'passed',
      'service-request': 'passed',
      'service-network': 'skipped',
    });
    expect((await sandbox.read(layout)).verdict).toBe('healthy');
  });

  test.each([
    { loadBalancing: 'hybrid', endpoints: 2, ranks: '8 of 8', answers: 'passed' },
    { loadBalancing: 'multi-port', endpoints: 16, ranks: '1 of 1', answers: 'skipped' },
  ] as const)('proves every rank of a group that balances $loadBalancing', async (given) => {
    const { loadBalancing, endpoints, ranks, answers } = given;
    const layout = aDeployment(loadBalancing, { loadBalancing });
    await sandbox.deploy(layout);
    const report = await sandbox.wait(layout);
    expect(report.verdict).toBe('healthy');
    expect(outcomes(report)['rank-answers']).toBe(answers);
    const checks = report.groups.flatMap((group) => group.checks);
    const proven = checks.filter(({ id, outcome }) => id === 'ranks' && outcome === 'passed');
    expect(proven).toHaveLength(endpoints);
    for (const { detail } of proven) expect(detail).toContain(`${ranks} data-parallel ranks`);
  });

  test('notices a lost worker at once, and waits for the new group', async () => {
    const layout = aDeployment('loses');
    await sandbox.deploy(layout, renderHeld);
    const loaded = await sandbox.releaseDuring(layout, sandbox.wait(layout));
    expect(loaded.verdict).toBe('healthy');
    await sandbox.delete(podRef(layout, 'loses-main-0-1'));
    const report = await sandbox.read(layout);
    expect(report).toMatchObject({
      verdict: 'progressing',
      cause: { subject: expect.stringMatching(/loses-main-0(-1)?$/) as string },
    });
    const waiting = sandbox.wait(layout);
    await sandbox.readUntil(layout, areLoading, { canary: 'none' });
    const ended = await sandbox.releaseDuring(layout, waiting);
    expect({ verdict: ended.verdict, cause: ended.cause }).toEqual({ verdict: 'healthy' });
  });

  test.each([
    { name: 'falls', rank: 7, worker: 0, ranks: '0-7' },
    { name: 'crashes', rank: 11, worker: 1, ranks: '8-15' },
  ])('sees through a group that is recreated at each crash of rank $rank', async (crashed) => {
    const { name, rank, worker, ranks } = crashed;
    await applyStages(sandbox.state, [aPodStage(name, crash, worker)]);
    const layout = aDeployment(name);
    const pod = worker === 0 ? `${name}-main-0` : `${name}-main-0-${worker}`;
    // The group is given up soon after its pods are made: by then the log has to be there.
    const namespace = renderManifests(layout).filter(({ kind }) => kind === 'Namespace');
    for (const manifest of namespace) await sandbox.apply(manifest);
    const previous = logOf(ncclTimeout(rank), 30);
    await sandbox.setLogs(layout, pod, { present: [], previous });
    await sandbox.deploy(layout);
    const report = await sandbox.wait(layout);
    expect(report).toMatchObject({
      verdict: 'unhealthy',
      wait: { ended: 'failed' },
      cause: {
        code: 'group-restarts',
        subject: `Pod/${layout.spec.namespace}/${pod}`,
        ranks,
        node: expect.stringMatching(/^h200-/) as string,
        signature: { code: 'nccl-timeout', rank: `rank ${rank}` },
      },
    });
    expect(report.cause?.message).toContain('exit 1 (Error)');
    expect(report.cause?.signature?.lines.join('\n')).toContain('Watchdog caught collective');
    expect(report.cause?.advice).toBeDefined();
    // Who comes later and did not watch learns it from the events of the controller.
    expect(outcomes(await sandbox.read(layout))).toMatchObject({ 'group-restarts': 'failed' });
    await deleteStages(sandbox.state, [name]);
  });

  test('gives up on an image that cannot be pulled', async () => {
    await applyStages(sandbox.state, [aPodStage('pulls', imagePull, 1)]);
    const layout = aDeployment('pulls');
    await sandbox.deploy(layout);
    const report = await sandbox.wait(layout);
    expect(report).toMatchObject({
      verdict: 'unhealthy',
      wait: { ended: 'failed' },
      cause: { code: 'image-pull', ranks: '8-15', events: [expect.stringContaining('not found')] },
    });
    await deleteStages(sandbox.state, ['pulls']);
  });

  test('gives up when the cluster has fewer nodes than the spec says', async () => {
    const layout = aDeployment('crowded', { replicas: 3 });
    await sandbox.deploy(layout);
    const report = await sandbox.wait(layout);
    expect(report).toMatchObject({
      verdict: 'unhealthy',
      cause: { code: 'unschedulable', subject: expect.stringMatching(/crowded-main-\d/) as string },
    });
    expect(report.cause?.message).toContain('nodes are available');
  });

  test('blames a node that went silent', async () => {
    const layout = aDeployment('darkens');
    await sandbox.deploy(layout);
    expect((await sandbox.wait(layout)).verdict).toBe('healthy');
    const leader = await sandbox.cluster.get(podRef(layout, 'darkens-main-0'));
    const node = String((leader?.spec as { nodeName?: string } | undefined)?.nodeName);
    await applyStages(sandbox.state, [lostNode]);
    await labelNode(node, { 'sandbox.dsdeploy.dev/fail': 'lost' });
    await expect
      .poll(async () => (await sandbox.read(layout)).cause?.code, {
        timeout: 60_000,
        interval: 1_000,
      })
      .toBe('node-not-ready');
    const { cause } = await sandbox.read(layout);
    expect(cause).toMatchObject({
      code: 'node-not-ready',
      subject: `Pod/${layout.spec.namespace}/darkens-main-0`,
      ranks: '0-7',
      node,
      advice: expect.stringContaining(node) as string,
    });
    await labelNode(node, {});
    await deleteStages(sandbox.state, ['lost-node']);
  });

  test('a worker that may not be made: its leader alone is no group', async () => {
    const layout = aDeployment('lonely');
    const { namespace } = layout.spec;
    await sandbox.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'one', namespace } };
    await sandbox.apply({ ...quota, spec: { hard: { pods: '1' } } });
    // Until the quota has been counted the leader is refused, too, and tried again ever more seldom.
    const counted = () => sandbox.cluster.get({ ...quota, namespace, name: 'one' });
    await expect.poll(counted).toMatchObject({ status: { used: { pods: '0' } } });
    await sandbox.deploy(layout);
    const report = await sandbox.readUntil(
      layout,
      ({ cause, groups }) =>
        cause?.code === 'create-failed' && groups[0]?.pods[0]?.verdict === 'healthy',
    );
    expect(report).toMatchObject({
      verdict: 'unhealthy',
      cause: {
        code: 'create-failed',
        subject: `Pod/${namespace}/lonely-main-0-1`,
        ranks: '8-15',
        advice: expect.stringContaining('resourcequota') as string,
      },
    });
    await sandbox.delete({ ...quota, namespace, name: 'one' });
  });

  test('two groups that a held rollout leaves on two revisions', async () => {
    const layout = aDeployment('halves', { replicas: 2 });
    await sandbox.deploy(layout);
    expect((await sandbox.wait(layout)).verdict).toBe('healthy');
    const set = renderManifests(layout).find(({ kind }) => kind === 'LeaderWorkerSet');
    if (set === undefined) throw new Error('no LeaderWorkerSet');
    const changed = structuredClone(set) as typeof set & { spec: RolloutSpec };
    changed.spec.rolloutStrategy.rollingUpdateConfiguration.partition = 1;
    changed.spec.leaderWorkerTemplate.workerTemplate.metadata.annotations = { changed: 'yes' };
    await sandbox.apply(changed);
    const report = await sandbox.readUntil(layout, ({ cause }) => cause?.code === 'revision');
    expect(report).toMatchObject({
      verdict: 'unhealthy',
      cause: {
        code: 'revision',
        advice: expect.stringContaining('kubectl patch lws') as string,
        message: expect.stringContaining('held at partition 1') as string,
      },
    });
    await sandbox.apply(set);
    expect((await sandbox.wait(layout)).verdict).toBe('healthy');
  });

  test('tells how far each rank has loaded, from real logs', async () => {
    const layout = aDeployment('slowly');
    await sandbox.deploy(layout, renderHeld);
    await sandbox.readUntil(layout, areLoading, { canary: 'none' });
    await sandbox.setLogs(layout, 'slowly-main-0-1', { present: logOf(loading(60, 163), 120) });
    const report = await addTimeline(
      layout,
      {
        cluster: sandbox.cluster,
        feed: new TimelineFeed(layout, { cluster: sandbox.cluster, clock }),
      },
      await sandbox.read(layout, { canary: 'none' }),
    );
    expect(report.verdict).toBe('progressing');
    expect(report.timeline?.find(({ pod }) => pod === 'slowly-main-0-1')).toMatchObject({
      ranks: '8-15',
      phase: 'loading weights',
      progress: {
        done: 60,
        total: 163,
        perSecond: expect.closeTo(0.5, 1) as number,
        etaSeconds: expect.closeTo(206, -1.5) as number,
      },
    });
    const host = new FakeHost();
    const waited = await sandbox.wait(layout, { timeoutSeconds: 8 }, host);
    expect(waited).toMatchObject({ verdict: 'progressing', wait: { ended: 'timed-out' } });
    const phases = host.progress.flatMap((message) => message.phases ?? []);
    expect(phases.map(({ pod, phase }) => `${pod} ${phase ?? ''}`)).toContain(
      'slowly-main-0-1 loading weights',
    );
  });
});

/** Whether both pods of the only copy are there, and load. */
function areLoading({ groups }: HealthReport): boolean {
  const pods = groups.flatMap((group) => group.pods);
  return pods.length === 2 && pods.every(({ reason }) => reason === 'loading');
}

function podRef(layout: Layout, name: string) {
  return { apiVersion: 'v1', kind: 'Pod', namespace: layout.spec.namespace, name };
}

interface RolloutSpec {
  readonly rolloutStrategy: { readonly rollingUpdateConfiguration: { partition?: number } };
  readonly leaderWorkerTemplate: {
    readonly workerTemplate: { readonly metadata: { annotations?: Record<string, string> } };
  };
}

/** Lines that are written at even distances from now on, by a node whose clock is ahead. */
function logOf(lines: readonly string[], seconds: number) {
  const nowMs = clock.nowMs();
  const stepMs = (seconds * 1000) / Math.max(1, lines.length - 1);
  return lines.map((text, index) => ({ atMs: nowMs + index * stepMs, text }));
}

/** What vLLM says while it loads, one state of the bar per file of weights. */
function loading(done: number, total: number): readonly string[] {
  const bar = 'Loading safetensors checkpoint shards:';
  return Array.from({ length: done + 1 }, (_, file) => {
    const percent = Math.floor((100 * file) / total);
    return `(Worker_DP8_TP0_EP8 pid=412) ${bar}  ${percent}% Completed | ${file}/${total} [02:00<03:26,  2.00s/it]`;
  });
}

/** @source https://github.com/sgl-project/sglang/issues/3424 */
const ncclTimeout = (rank: number): readonly string[] => [
  `(Worker_DP${rank}_TP0_EP${rank} pid=88) INFO Loading weights took 612.04 seconds`,
  `[rank${rank}]:[E210 02:06:33.321 ProcessGroupNCCL.cpp:616] [Rank ${rank}] Watchdog caught collective operation timeout: WorkNCCL(SeqNum=15, OpType=_ALLGATHER_BASE, NumelIn=298960, NumelOut=4783360, Timeout(ms)=600000) ran for 600022 milliseconds before timing out.`,
  `[rank${rank}]:[E210 02:06:33.322 ProcessGroupNCCL.cpp:1834] [PG ID 2 PG GUID 3 Rank ${rank}] Timeout at NCCL work: 15, last enqueued NCCL work: 15, last completed NCCL work: 14.`,
];

/** A stage that befalls one pod of each copy of a deployment once per life. */
function aPodStage(name: string, next: object, worker: number): Stage {
  return {
    apiVersion: 'kwok.x-k8s.io/v1alpha1',
    kind: 'Stage',
    metadata: { name },
    spec: {
      resourceRef: { apiGroup: 'v1', kind: 'Pod' },
      selector: {
        matchLabels: {
          'leaderworkerset.sigs.k8s.io/name': `${name}-main`,
          'leaderworkerset.sigs.k8s.io/worker-index': String(worker),
        },
        matchExpressions: [
          { key: '.metadata.deletionTimestamp', operator: 'DoesNotExist' },
          { key: '.status.podIP', operator: 'DoesNotExist' },
        ],
      },
      weight: 1_000_000,
      next,
    },
  };
}

function unreadyStatus(phase: string, state: string, restartCount: number): string {
  return `
{{ $now := Now }}
conditions:
- {type: Ready, status: "False", reason: ContainersNotReady, lastTransitionTime: {{ $now | Quote }}}
containerStatuses:
{{ range .spec.containers }}
- image: {{ .image | Quote }}
  imageID: ""
  name: {{ .name | Quote }}
  ready: false
  started: false
  restartCount: ${restartCount}
  ${state}
{{ end }}
podIP: 10.0.0.9
phase: ${phase}
startTime: {{ $now | Quote }}
`;
}

/** The kubelet's view just after a container ended and was started again. */
const crash = {
  statusTemplate: unreadyStatus(
    'Running',
    [
      'lastState: {terminated: {exitCode: 1, reason: Error, startedAt: {{ $now | Quote }}, finishedAt: {{ $now | Quote }}}}',
      'state: {running: {startedAt: {{ $now | Quote }}}}',
    ].join('\n  '),
    1,
  ),
};

const imagePull = {
  event: { type: 'Warning', reason: 'Failed', message: 'Failed to pull image: not found' },
  statusTemplate: unreadyStatus(
    'Pending',
    'state: {waiting: {reason: ImagePullBackOff, message: "Back-off pulling image"}}',
    0,
  ),
};

/** The state the node controller leaves when a kubelet falls silent. */
const lostNode: Stage = {
  apiVersion: 'kwok.x-k8s.io/v1alpha1',
  kind: 'Stage',
  metadata: { name: 'lost-node' },
  spec: {
    resourceRef: { apiGroup: 'v1', kind: 'Node' },
    selector: { matchLabels: { 'sandbox.dsdeploy.dev/fail': 'lost' } },
    weight: 1_000_000,
    next: {
      statusTemplate: `
conditions:
- lastHeartbeatTime: {{ .metadata.creationTimestamp | Quote }}
  lastTransitionTime: {{ .metadata.creationTimestamp | Quote }}
  message: Kubelet stopped posting node status.
  reason: NodeStatusUnknown
  status: "Unknown"
  type: Ready
`,
    },
  },
};

async function labelNode(name: string, labels: Readonly<Record<string, string>>): Promise<void> {
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name, labels } };
  await sandbox.apply(node);
}
