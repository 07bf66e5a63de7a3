import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { GroupHealth, HealthReport, PodHealth } from '../../src/health/index.ts';
import { ensureSandboxBinaries, setPodReadyDelay } from '../../src/sandbox/index.ts';
import { aDeployment, HealthSandbox, renderHeld } from './health-sandbox.ts';

let sandbox: HealthSandbox;

beforeAll(async () => {
  await ensureSandboxBinaries();
}, 30 * 60_000);

beforeAll(async () => {
  sandbox = await HealthSandbox.start('health-scaling', 4);
}, 240_000);

afterAll(async () => {
  await sandbox.stop();
}, 120_000);

afterEach(async () => {
  await sandbox.clear();
  await setPodReadyDelay(sandbox.state, 0);
}, 120_000);

function onlyGroup({ groups }: HealthReport): GroupHealth {
  const [group] = groups;
  if (group === undefined) throw new Error('the report has no group');
  return group;
}

/** Whether a copy has its two pods, and both are in one state. */
function areAll(pods: readonly PodHealth[], copy: number, awaited: PodHealth['reason']): boolean {
  const own = pods.filter(({ groupIndex }) => groupIndex === copy);
  return own.length === 2 && own.every(({ reason }) => reason === awaited);
}

/** With the cause, which tells what a failure was. */
function expectHealthy({ verdict, cause }: HealthReport): void {
  expect({ verdict, cause }).toEqual({ verdict: 'healthy', cause: undefined });
}

function detailOf(report: HealthReport, id: string): string | undefined {
  return onlyGroup(report).checks.find((check) => check.id === id)?.detail;
}

describe('health of sets whose number of groups changes', { timeout: 300_000 }, () => {
  test('an autoscaler decides how many copies there have to be', async () => {
    const layout = aDeployment('scaled', { replicas: 2 });
    const { name, namespace } = layout.spec;
    await sandbox.deploy(layout);
    expectHealthy(await sandbox.wait(layout));

    const by = `HorizontalPodAutoscaler/${namespace}/web`;
    const keep = (copies: number) =>
      sandbox.apply({
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        metadata: { name: 'web', namespace },
        spec: {
          scaleTargetRef: {
            apiVersion: 'leaderworkerset.x-k8s.io/v1',
            kind: 'LeaderWorkerSet',
            name: `${name}-main`,
          },
          // Kept without any metric: the controller moves what is out of bounds.
          minReplicas: copies,
          maxReplicas: copies,
          metrics: [
            {
              type: 'Resource',
              resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
            },
          ],
        },
      });

    await keep(1);
    const isSettled = (report: HealthReport) =>
      report.verdict === 'healthy' && onlyGroup(report).replicas === 1;
    const below = await sandbox.readUntil(layout, isSettled);
    expect(below.verdict).toBe('healthy');
    expect(onlyGroup(below)).toMatchObject({
      readyReplicas: 1,
      replicas: 1,
      scaling: { by, replicas: 1, specReplicas: 2 },
    });
    expect(onlyGroup(below).pods).toHaveLength(2);
    expect(detailOf(below, 'lws-shape')).toBe(`1 x 2 pods, as ${by} wants; 2 x 2 in the spec`);
    const waited = await sandbox.wait(layout);
    expect(waited).toMatchObject({ verdict: 'healthy', wait: { ended: 'healthy' } });

    // Whoever may not list autoscalers sees who scaled the set.
    const read = ['get', 'list', 'watch'];
    const blind = await sandbox.openAs('no-autoscalers', namespace, [
      { apiGroups: ['leaderworkerset.x-k8s.io'], resources: ['leaderworkersets'], verbs: read },
      { apiGroups: [''], resources: ['pods', 'secrets', 'services', 'events'], verbs: read },
      { apiGroups: [''], resources: ['pods/portforward'], verbs: ['get', 'create'] },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: read },
      { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs: read },
    ]);
    try {
      const seen = await sandbox.readUntil(layout, isSettled, { cluster: blind });
      expect(seen.verdict).toBe('healthy');
      expect(detailOf(seen, 'lws-shape')).toContain('as a HorizontalPodAutoscaler wants');
    } finally {
      await blind.close();
    }

    // One copy in the spec, two wanted: the wait takes in the second one.
    const small = aDeployment('scaled', { replicas: 1 });
    await setPodReadyDelay(sandbox.state, 2_000);
    await keep(2);
    await sandbox.readUntil(small, (report) => onlyGroup(report).replicas === 2);
    const above = await sandbox.wait(small);
    expect(above.verdict).toBe('healthy');
    expect(onlyGroup(above)).toMatchObject({
      readyReplicas: 2,
      replicas: 2,
      scaling: { by, replicas: 2, specReplicas: 1 },
    });
    const asked = onlyGroup(above).checks.filter(({ id }) => id === 'http-health');
    expect(asked.map(({ outcome }) => outcome)).toEqual(['passed', 'passed']);
    await sandbox.delete({
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      namespace,
      name: 'web',
    });
  });

  test('the surge group of a roll-out is neither unexpected nor unhealthy', async () => {
    const layout = aDeployment('surges', { replicas: 1, surge: 1 });
    await sandbox.deploy(layout);
    expectHealthy(await sandbox.wait(layout));
    // Each step of the roll-out lasts until its pods may get ready.
    const changed = renderHeld(layout).find(({ kind }) => kind === 'LeaderWorkerSet');
    if (changed === undefined) throw new Error('no LeaderWorkerSet');
    await sandbox.apply(changed);

    const waiting = sandbox.wait(layout, { timeoutSeconds: 240 });
    const seen: HealthReport[] = [];
    const readUntil = async (isAwaited: (pods: readonly PodHealth[]) => boolean) => {
      const report = await sandbox.readUntil(layout, (one) => {
        seen.push(one);
        return isAwaited(onlyGroup(one).pods);
      });
      expect(onlyGroup(report).pods).toSatisfy(isAwaited);
    };
    await readUntil((pods) => areAll(pods, 1, 'loading'));
    await sandbox.releasePods(layout, 1);
    await readUntil((pods) => areAll(pods, 1, 'ready') && areAll(pods, 0, 'loading'));
    await sandbox.releasePods(layout, 0);
    const report = await waiting;
    expect(report).toMatchObject({ verdict: 'healthy', wait: { ended: 'healthy' } });
    expect(onlyGroup(report)).toMatchObject({ readyReplicas: 1, replicas: 1 });
    // The last pods of the surge group may go after the copy is proven to serve.
    const after = await sandbox.readUntil(
      layout,
      (one) =>
        one.verdict === 'healthy' &&
        onlyGroup(one).pods.every(({ groupIndex }) => groupIndex === 0),
    );
    expectHealthy(after);
    expect(onlyGroup(after).pods.map(({ groupIndex }) => groupIndex)).toEqual([0, 0]);

    const surge = seen.flatMap((one) => onlyGroup(one).pods).filter((pod) => pod.groupIndex === 1);
    expect(surge.map(({ verdict }) => verdict)).not.toContain('unhealthy');
    // The pod of the copy goes at some moment, maybe between the read and the question.
    const failed = seen
      .flatMap((one) => onlyGroup(one).checks)
      .filter(({ outcome }) => outcome === 'failed');
    expect(failed).toEqual([]);
    expect(seen.map(({ verdict }) => verdict)).not.toContain('unknown');
    // As long as the roll-out goes on it is not finished either.
    expect(seen.map(({ verdict }) => verdict)).toContain('progressing');
  });
});
