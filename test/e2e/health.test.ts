import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import {
  readHealth,
  type WaitForHealthOptions,
  waitForHealth,
} from '../../src/actions/health/index.ts';
import type { Clock } from '../../src/actions/host.ts';
import { type OpenedCluster, openCluster } from '../../src/cluster/index.ts';
import type { HealthReport } from '../../src/health/index.ts';
import { type Layout, planLayout } from '../../src/layout/index.ts';
import { renderManifests } from '../../src/render/index.ts';
import {
  applyStages,
  deleteStages,
  ensureSandboxBinaries,
  mintKubeconfig,
  type SandboxState,
  type Stage,
  setPodReadyDelay,
  startSandbox,
  stopSandbox,
} from '../../src/sandbox/index.ts';
import type { Spec } from '../../src/spec/index.ts';
import { FakeHost } from '../actions/health-fakes.ts';
import { aGroup, aPool, aSpec } from '../fixtures/a-spec.ts';

/** A first build takes about ten minutes on two cores, more beside other tests. */
const buildTimeoutMs = 30 * 60_000;
const bootTimeoutMs = 90_000;
const testTimeoutMs = 90_000;

const apiKey = 'sk-e2e-not-for-eyes';

const work = mkdtempSync(join(tmpdir(), 'dsdeploy-health-test-'));
let state: SandboxState;
let cluster: OpenedCluster;

const clock: Clock = {
  nowMs: () => performance.timeOrigin + performance.now(),
  sleep: (ms, signal) =>
    delay(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined),
};

beforeAll(async () => {
  await ensureSandboxBinaries();
}, buildTimeoutMs);

beforeAll(async () => {
  const nodes = [{ kind: 'h200', count: 4 }] as const;
  state = await startSandbox({ name: 'health', directory: join(work, 'sandbox'), nodes });
  cluster = await openCluster({ kubeconfig: state.kubeconfigPath, env: {} });
}, bootTimeoutMs);

afterAll(async () => {
  await cluster.close();
  await stopSandbox(join(work, 'sandbox'));
  rmSync(work, { recursive: true });
}, testTimeoutMs);

describe('health on a sandbox', { timeout: testTimeoutMs }, () => {
  test('is healthy only after every rank loaded and the leader answered', async () => {
    await setPodReadyDelay(state, 3_000);
    const layout = aDeployment('loads');
    await deploy(layout);
    const host = new FakeHost();
    const report = await wait(layout, {}, host);
    await setPodReadyDelay(state, 0);
    expect(report).toMatchObject({ verdict: 'healthy', wait: { ended: 'healthy' } });
    const seen = host.progress.flatMap(({ groups }) => groups.flatMap(({ pods }) => pods));
    expect(seen.map(({ reason }) => reason)).toContain('loading');
    expect(outcomes(report)).toEqual({
      'lws-available': 'passed',
      'lws-shape': 'passed',
      'pods-present': 'passed',
      revision: 'passed',
      'group-restarts': 'passed',
      'http-health': 'passed',
      metrics: 'passed',
      // The simulator's metrics do not tell data-parallel ranks apart.
      ranks: 'skipped',
      models: 'passed',
      progress: 'passed',
      'rank-answers': 'skipped',
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
    const startedMs = performance.now();
    expect((await read(layout)).verdict).toBe('healthy');
    expect(performance.now() - startedMs).toBeLessThan(3_000);
    await remove(layout);
  });

  test('notices a lost worker at once, and waits for the new group', async () => {
    const layout = aDeployment('loses');
    await deploy(layout);
    expect((await wait(layout)).verdict).toBe('healthy');
    const worker = await cluster.get(podRef(layout, 'loses-main-0-1'));
    await setPodReadyDelay(state, 2_000);
    await cluster.delete(podRef(layout, 'loses-main-0-1'), { uid: worker?.metadata.uid ?? '' });
    const report = await read(layout);
    expect(report.verdict).not.toBe('healthy');
    expect((await wait(layout)).verdict).toBe('healthy');
    await setPodReadyDelay(state, 0);
    await remove(layout);
  });

  test('sees through a group that is recreated at each crash of a worker', async () => {
    await applyStages(state, [aWorkerStage('crashes', crash)]);
    const layout = aDeployment('crashes');
    await deploy(layout);
    const report = await wait(layout);
    expect(report).toMatchObject({
      verdict: 'unhealthy',
      wait: { ended: 'failed' },
      cause: {
        code: 'group-restarts',
        subject: `Pod/${layout.spec.namespace}/crashes-main-0-1`,
        ranks: '8-15',
      },
    });
    expect(report.cause?.message).toContain('exit 1 (Error)');
    // Who comes later and did not watch learns it from the events of the controller.
    expect(outcomes(await read(layout))).toMatchObject({ 'group-restarts': 'failed' });
    await remove(layout);
    await deleteStages(state, ['crashes']);
  });

  test('gives up on an image that cannot be pulled', async () => {
    await applyStages(state, [aWorkerStage('pulls', imagePull)]);
    const layout = aDeployment('pulls');
    await deploy(layout);
    const report = await wait(layout);
    expect(report).toMatchObject({
      verdict: 'unhealthy',
      cause: { code: 'image-pull', ranks: '8-15', events: [expect.stringContaining('not found')] },
    });
    expect(report.wait?.elapsedSeconds).toBeLessThan(25);
    await remove(layout);
    await deleteStages(state, ['pulls']);
  });

  test('gives up when the cluster has fewer nodes than the spec says', async () => {
    const layout = aDeployment('crowded', { replicas: 3 });
    await deploy(layout);
    const report = await wait(layout);
    expect(report).toMatchObject({ verdict: 'unhealthy', cause: { code: 'unschedulable' } });
    expect(report.cause?.message).toContain('nodes are available');
    await remove(layout);
  });

  test('blames a node that went silent', async () => {
    const layout = aDeployment('darkens');
    await deploy(layout);
    expect((await wait(layout)).verdict).toBe('healthy');
    const leader = await cluster.get(podRef(layout, 'darkens-main-0'));
    const node = String((leader?.spec as { nodeName?: string } | undefined)?.nodeName);
    await applyStages(state, [lostNode]);
    await labelNode(node, { 'sandbox.dsdeploy.dev/fail': 'lost' });
    await expect
      .poll(async () => (await read(layout)).cause?.code, { timeout: 60_000, interval: 1_000 })
      .toBe('node-not-ready');
    await labelNode(node, {});
    await deleteStages(state, ['lost-node']);
    await remove(layout);
  });

  test('is unknown to a user who may look and not reach', async () => {
    const layout = aDeployment('guarded', { keySecret: true });
    await deploy(layout);
    expect((await wait(layout)).verdict).toBe('healthy');
    const path = join(work, 'ann.kubeconfig');
    await mintKubeconfig(state, { user: 'ann', path });
    await grantLooking(layout.spec.namespace);
    const ann = await openCluster({ kubeconfig: path, env: {} });
    const report = await readHealth(layout, { cluster: ann, clock }, { canary: 'quick' });
    const waited = await waitForHealth(layout, { cluster: ann, clock, host: new FakeHost() });
    await ann.close();
    expect(report.verdict).toBe('unknown');
    expect(outcomes(report)).toMatchObject({ 'pods-present': 'passed', 'http-health': 'unknown' });
    expect(report.cause?.advice).toContain('portforward');
    expect(waited.verdict).toBe('unknown');
    expect(JSON.stringify([report, waited])).not.toContain(apiKey);
    await remove(layout);
  });
});

/** Two nodes of 8 x H200 per replica, weights on the nodes. */
function aDeployment(
  name: string,
  { replicas = 1, keySecret = false }: { replicas?: number; keySecret?: boolean } = {},
): Layout {
  const spec = aSpec({
    name,
    namespace: `e2e-${name}`,
    pools: [aPool({ nodes: 2 * replicas })],
    groups: [aGroup({ replicas })],
  });
  const weights = { ...spec.model.weights, source: { kind: 'hostPath', path: '/models' } } as const;
  const api: Spec['api'] = {
    ...spec.api,
    keySecret: keySecret ? { name: 'api-key', key: 'key', generate: false } : 'none',
  };
  return planLayout({ ...spec, model: { ...spec.model, weights }, api });
}

async function deploy(layout: Layout): Promise<void> {
  const { namespace } = layout.spec;
  for (const manifest of renderManifests(layout)) {
    await cluster.apply(manifest, { dryRun: false, force: false });
    if (manifest.kind !== 'Namespace') continue;
    const data = { key: Buffer.from(apiKey).toString('base64') };
    const metadata = { name: 'api-key', namespace };
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata, data };
    await cluster.apply(secret, { dryRun: false, force: false });
  }
}

/** Frees the nodes for the next test; the namespace stays. */
async function remove(layout: Layout): Promise<void> {
  const { name, namespace } = layout.spec;
  const ref = {
    apiVersion: 'leaderworkerset.x-k8s.io/v1',
    kind: 'LeaderWorkerSet',
    namespace,
    name: `${name}-main`,
  };
  const live = await cluster.get(ref);
  if (live === undefined) return;
  await cluster.delete(ref, { uid: live.metadata.uid });
  const pods = () => cluster.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace });
  await expect.poll(pods, { timeout: 30_000 }).toEqual([]);
}

function wait(
  layout: Layout,
  options: WaitForHealthOptions = {},
  host = new FakeHost(),
): Promise<HealthReport> {
  return waitForHealth(layout, { cluster, clock, host }, { timeoutSeconds: 60, ...options });
}

function read(layout: Layout): Promise<HealthReport> {
  return readHealth(layout, { cluster, clock }, { canary: 'quick' });
}

function outcomes({ groups }: HealthReport) {
  const checks = groups.flatMap((group) => group.checks);
  return Object.fromEntries(checks.map(({ id, outcome }) => [id, outcome]));
}

function podRef(layout: Layout, name: string) {
  return { apiVersion: 'v1', kind: 'Pod', namespace: layout.spec.namespace, name };
}

async function grantLooking(namespace: string): Promise<void> {
  const rbac = 'rbac.authorization.k8s.io';
  const metadata = { name: 'look', namespace };
  const rules = [
    { apiGroups: [''], resources: ['pods', 'secrets'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: ['leaderworkerset.x-k8s.io'], resources: ['*'], verbs: ['get', 'list', 'watch'] },
  ];
  const subjects = [{ apiGroup: rbac, kind: 'User', name: 'ann' }];
  const roleRef = { apiGroup: rbac, kind: 'Role', name: 'look' };
  const apiVersion = `${rbac}/v1`;
  const options = { dryRun: false, force: false };
  await cluster.apply({ apiVersion, kind: 'Role', metadata, rules }, options);
  await cluster.apply({ apiVersion, kind: 'RoleBinding', metadata, subjects, roleRef }, options);
}

/** A stage that befalls the workers of one deployment once per life. */
function aWorkerStage(name: string, next: object): Stage {
  return {
    apiVersion: 'kwok.x-k8s.io/v1alpha1',
    kind: 'Stage',
    metadata: { name },
    spec: {
      resourceRef: { apiGroup: 'v1', kind: 'Pod' },
      selector: {
        matchLabels: {
          'leaderworkerset.sigs.k8s.io/name': `${name}-main`,
          'leaderworkerset.sigs.k8s.io/worker-index': '1',
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
  await cluster.apply(node, { dryRun: false, force: false });
}
