import { describe, expect, test } from 'vitest';
import type { LiveObject } from '../../../src/cluster/index.ts';
import { parseEvent } from '../../../src/health/index.ts';
import { judgePod } from '../../../src/health/pod/pod.ts';
import { parsePodStatus } from '../../../src/health/pod/pod-status.ts';
import {
  aContainer,
  aLoadingPod,
  anEvent,
  aPod,
  createdAt,
  notReady,
  terminated,
  waiting,
} from '../builders.ts';

interface Around {
  readonly events?: readonly LiveObject[];
  readonly nodeReady?: boolean;
}

function judge(pod: LiveObject, { events = [], nodeReady }: Around = {}) {
  const status = parsePodStatus(pod);
  if (status === undefined) throw new Error('the fixture is no pod');
  return judgePod(status, {
    events: events.flatMap((event) => parseEvent(event) ?? []),
    nodeReady,
  });
}

function notStarted(container: unknown): LiveObject {
  return aPod({ phase: 'Pending', conditions: notReady, containers: [container] });
}

const scheduler =
  '0/4 nodes are available: 2 Insufficient nvidia.com/gpu, 2 node(s) had untolerated taint {nvidia.com/gpu: }.';

describe('judgePod()', () => {
  test.each([
    { name: 'serves', pod: aPod(), reason: 'ready' },
    {
      name: 'has no node yet and no condition',
      pod: aPod({ node: '', phase: 'Pending', conditions: [], containers: [] }),
      reason: 'pending',
    },
    {
      name: 'is held back by a scheduling gate',
      pod: aPod({
        node: '',
        phase: 'Pending',
        conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }],
        containers: [],
      }),
      reason: 'scheduling-gated',
    },
    {
      name: 'creates its containers',
      pod: notStarted(aContainer({ state: waiting('ContainerCreating') })),
      reason: 'creating',
    },
    {
      name: 'runs an init container',
      pod: aPod({
        phase: 'Pending',
        conditions: notReady,
        containers: [aContainer({ state: waiting('PodInitializing') })],
        initContainers: [aContainer({ name: 'check-weights' })],
      }),
      reason: 'initializing',
    },
    { name: 'loads weights', pod: aLoadingPod(), reason: 'loading' },
    {
      name: 'loads weights on kwok, which does not tell `started`',
      pod: aPod({ conditions: notReady, containers: [aContainer()] }),
      reason: 'loading',
    },
    {
      name: 'loads again after it ended once',
      pod: aLoadingPod({
        containers: [
          aContainer({ started: false, restartCount: 1, lastState: terminated(1, 'Error') }),
        ],
      }),
      reason: 'loading',
    },
    {
      name: 'passed its startup probe a moment ago',
      pod: aPod({ conditions: notReady, containers: [aContainer({ started: true })] }),
      reason: 'becoming-ready',
    },
    { name: 'is told to stop', pod: aPod({ deletedAt: createdAt }), reason: 'terminating' },
  ])('does not call a pod doomed that $name', ({ pod, reason }) => {
    const result = judge(pod);
    expect(result.reason).toBe(reason);
    expect(result.verdict).toBe(reason === 'ready' ? 'healthy' : 'progressing');
    expect(result.advice).toBeUndefined();
  });

  test.each([
    {
      reason: 'unschedulable',
      pod: aPod({
        node: '',
        phase: 'Pending',
        conditions: [
          { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: scheduler },
        ],
        containers: [],
      }),
      detail: '2 Insufficient nvidia.com/gpu',
      advice: 'Allocated resources',
    },
    ...['ImagePullBackOff', 'ErrImagePull', 'InvalidImageName'].map((why) => ({
      reason: 'image-pull',
      pod: notStarted(aContainer({ state: waiting(why, 'Back-off pulling image "x"') })),
      detail: why,
      advice: 'vllm/vllm-openai:v0.33.0',
    })),
    {
      reason: 'container-config',
      pod: notStarted(
        aContainer({ state: waiting('CreateContainerConfigError', 'secret "k" not found') }),
      ),
      detail: 'secret "k" not found',
      advice: 'kubectl describe pod deepseek-main-0 -n deepseek',
    },
    {
      reason: 'crash-loop',
      pod: aPod({
        conditions: notReady,
        containers: [
          aContainer({
            restartCount: 4,
            state: waiting('CrashLoopBackOff', 'back-off 1m20s restarting failed container'),
            lastState: terminated(1, 'Error'),
          }),
        ],
      }),
      detail: 'engine: CrashLoopBackOff after exit 1 (Error), 4 restarts',
      advice: 'kubectl logs deepseek-main-0 -n deepseek -c engine --previous --tail=100',
    },
    {
      reason: 'out-of-memory',
      pod: aPod({
        conditions: notReady,
        containers: [
          aContainer({
            restartCount: 2,
            state: waiting('CrashLoopBackOff'),
            lastState: terminated(137, 'OOMKilled'),
          }),
        ],
      }),
      detail: 'exit 137 (OOMKilled)',
      advice: 'pools[].pod.memory',
    },
    {
      reason: 'exited',
      pod: aPod({
        conditions: notReady,
        containers: [aContainer({ state: terminated(137, 'Error') })],
      }),
      detail: 'exit 137 (Error, SIGKILL: memory limit, or killed by a probe)',
      advice: '--previous',
    },
    {
      reason: 'crash-loop',
      pod: aPod({
        phase: 'Pending',
        conditions: notReady,
        containers: [aContainer({ state: waiting('PodInitializing') })],
        initContainers: [
          aContainer({
            name: 'check-weights',
            restartCount: 3,
            state: waiting('CrashLoopBackOff'),
            lastState: terminated(2, 'Error'),
          }),
        ],
      }),
      detail: 'init container check-weights: CrashLoopBackOff after exit 2',
      advice: '-c check-weights --previous',
    },
    {
      reason: 'evicted',
      pod: aPod({
        phase: 'Failed',
        reason: 'Evicted',
        message: 'The node was low on resource: ephemeral-storage.',
        conditions: notReady,
        containers: [],
      }),
      detail: 'Evicted: The node was low on resource: ephemeral-storage.',
      advice: 'node-0-0',
    },
    {
      reason: 'rejected',
      pod: aPod({
        phase: 'Failed',
        reason: 'UnexpectedAdmissionError',
        message:
          'Allocate failed due to requested number of devices unavailable for nvidia.com/gpu',
        conditions: notReady,
        containers: [],
      }),
      detail: 'devices unavailable',
      advice: 'device plugin',
    },
    {
      reason: 'exited',
      pod: aPod({ phase: 'Succeeded', conditions: notReady, containers: [] }),
      detail: 'ended although it is a server',
      advice: '--previous',
    },
  ])('calls a pod $reason and names the next command', ({ pod, reason, detail, advice }) => {
    const result = judge(pod);
    expect(result).toMatchObject({ verdict: 'unhealthy', reason });
    expect(result.detail).toContain(detail);
    expect(result.advice).toContain(advice);
  });

  test.each([
    {
      message: 'persistentvolumeclaim "weights" not found.',
      advice: 'kubectl get pvc -n deepseek',
    },
    { message: '4 node(s) had untolerated taint {gpu: }.', advice: 'pools[].tolerations' },
    {
      message: "4 node(s) didn't match Pod's node affinity/selector.",
      advice: 'pools[].nodeSelector',
    },
    { message: "4 node(s) didn't match pod anti-affinity rules.", advice: 'one per pod' },
    { message: '2 Insufficient nvidia.com/gpu, 2 had untolerated taint.', advice: 'Free devices' },
    { message: 'no nodes available', advice: 'kubectl describe pod deepseek-main-0' },
  ])('advises on what the scheduler says: $message', ({ message, advice }) => {
    const conditions = [
      { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message },
    ];
    const pod = aPod({ node: '', phase: 'Pending', conditions, containers: [] });
    expect(judge(pod).advice).toContain(advice);
  });

  test('finds a failed mount in the events, from the second time on', () => {
    const pod = notStarted(aContainer({ state: waiting('ContainerCreating') }));
    const mount = (count: number) =>
      anEvent(pod, {
        reason: 'FailedMount',
        message: 'MountVolume.SetUp failed for volume "weights"',
        count,
      });
    expect(judge(pod, { events: [mount(1)] }).reason).toBe('creating');
    expect(judge(pod, { events: [mount(3)] })).toMatchObject({
      verdict: 'unhealthy',
      reason: 'volume-mount',
      detail: 'FailedMount: MountVolume.SetUp failed for volume "weights"',
    });
  });

  test('forgets mount failures once the containers run', () => {
    const pod = aLoadingPod();
    const events = [anEvent(pod, { reason: 'FailedMount', message: 'x', count: 9 })];
    expect(judge(pod, { events }).reason).toBe('loading');
  });

  test('does not blame a pod for what its predecessor of the same name did', () => {
    const pod = notStarted(aContainer({ state: waiting('ContainerCreating') }));
    const before = aPod({ uid: 'uid-before' });
    const events = [anEvent(before, { reason: 'FailedMount', message: 'x', count: 9 })];
    expect(judge(pod, { events }).reason).toBe('creating');
  });

  test('calls an engine unhealthy that served and fails its readiness probe now', () => {
    const pod = aPod({ conditions: notReady, containers: [aContainer({ started: true })] });
    const message = 'Readiness probe failed: HTTP probe failed with statuscode: 503';
    const result = judge(pod, { events: [anEvent(pod, { reason: 'Unhealthy', message })] });
    expect(result).toMatchObject({ verdict: 'unhealthy', reason: 'not-ready', detail: message });
  });

  test('takes failing startup probes for loading, however many', () => {
    const pod = aLoadingPod();
    const message = 'Startup probe failed: HTTP probe failed with statuscode: 503';
    const events = [anEvent(pod, { reason: 'Unhealthy', message, count: 160 })];
    expect(judge(pod, { events })).toMatchObject({ verdict: 'progressing', reason: 'loading' });
  });

  test.each([
    { name: 'a ready pod on a lost node', pod: aPod(), around: { nodeReady: false }, lost: true },
    {
      name: 'an unready pod with the event of the node controller',
      pod: aPod({ conditions: notReady }),
      around: {
        events: [anEvent(aPod(), { reason: 'NodeNotReady', message: 'Node is not ready' })],
      },
      lost: true,
    },
    {
      name: 'the same pod when its node was read and is back',
      pod: aPod({ conditions: notReady }),
      around: {
        nodeReady: true,
        events: [anEvent(aPod(), { reason: 'NodeNotReady', message: 'Node is not ready' })],
      },
      lost: false,
    },
  ])('judges $name by its node', ({ pod, around, lost }) => {
    expect(judge(pod, around).reason === 'node-not-ready').toBe(lost);
  });

  test('needs every container of the spec, not only those with a status', () => {
    const pod = aPod();
    const spec = { containers: [{ name: 'engine' }, { name: 'router' }] };
    expect(judge({ ...pod, spec }).verdict).toBe('progressing');
  });

  test('keeps the last exit and the restarts of a pod that runs again', () => {
    const lastState = terminated(1, 'Error', '2026-03-01T10:05:00Z');
    const result = judge(
      aPod({ containers: [aContainer({ ready: true, restartCount: 2, lastState })] }),
    );
    expect(result).toMatchObject({
      verdict: 'healthy',
      restarts: 2,
      lastExit: {
        container: 'engine',
        exitCode: 1,
        reason: 'Error',
        finishedAt: '2026-03-01T10:05:00Z',
      },
    });
  });
});
