import { describe, expect, test } from 'vitest';
import { compareBlame } from '../../../src/health/cause.ts';
import {
  findDoomed,
  type GroupHealth,
  groupRef,
  type PodHealth,
  trackReasons,
} from '../../../src/health/index.ts';

function aPodHealth(overrides: Partial<PodHealth> = {}): PodHealth {
  return {
    name: 'dsv32-serve-0',
    groupIndex: 0,
    workerIndex: 0,
    ranks: '0-7',
    verdict: 'unhealthy',
    reason: 'image-pull',
    detail: '',
    restarts: 0,
    ...overrides,
  };
}

function crashed(name: string, finishedAt = '2026-03-01T10:00:09Z'): PodHealth {
  const lastExit = { container: 'engine', exitCode: 1, reason: 'Error', finishedAt };
  return aPodHealth({ name, reason: 'crash-loop', restarts: 3, lastExit });
}

function aGroupHealth(...pods: readonly PodHealth[]): GroupHealth {
  return {
    group: 'serve',
    ref: groupRef('dsv32-serve', 'llm'),
    verdict: 'unhealthy',
    readyReplicas: 0,
    replicas: 1,
    pods,
    checks: [],
  };
}

/** Looks at the same state at second 0 and again later. */
function doomedAfter(seconds: number, ...pods: readonly PodHealth[]) {
  const groups = [aGroupHealth(...pods)];
  const clock = trackReasons(new Map(), groups, 0);
  const later = trackReasons(clock, groups, seconds * 1000);
  return findDoomed(groups, later, seconds * 1000)?.pod;
}

describe('findDoomed()', () => {
  test.each<{ reason: PodHealth['reason']; graceSeconds: number }>([
    { reason: 'image-pull', graceSeconds: 8 },
    { reason: 'unschedulable', graceSeconds: 8 },
    { reason: 'container-config', graceSeconds: 8 },
    { reason: 'volume-mount', graceSeconds: 30 },
    { reason: 'missing', graceSeconds: 60 },
  ])('gives up on $reason after $graceSeconds s', ({ reason, graceSeconds }) => {
    expect(doomedAfter(graceSeconds - 1, aPodHealth({ reason }))).toBeUndefined();
    expect(doomedAfter(graceSeconds, aPodHealth({ reason }))?.reason).toBe(reason);
  });

  test.each([
    { restarts: 1, doomed: false },
    { restarts: 2, doomed: true },
  ])('takes a crash loop with $restarts restarts for final: $doomed', ({ restarts, doomed }) => {
    const pod = aPodHealth({ reason: 'crash-loop', restarts });
    expect(doomedAfter(0, pod) !== undefined).toBe(doomed);
  });

  test.each<PodHealth['reason']>(['loading', 'creating', 'terminating'])(
    'waits for %s however long it takes',
    (reason) => {
      expect(doomedAfter(86_400, aPodHealth({ reason, verdict: 'progressing' }))).toBeUndefined();
    },
  );

  test('waits for an engine that may become ready again', () => {
    expect(doomedAfter(86_400, aPodHealth({ reason: 'not-ready' }))).toBeUndefined();
  });

  test('does not give up on scheduling while other pods still hold devices', () => {
    const leaving = aPodHealth({ name: 'old', reason: 'terminating', verdict: 'progressing' });
    expect(doomedAfter(600, aPodHealth({ reason: 'unschedulable' }), leaving)).toBeUndefined();
  });

  test('starts to count anew when the reason changes', () => {
    const clock = trackReasons(new Map(), [aGroupHealth(aPodHealth())], 0);
    const groups = [aGroupHealth(aPodHealth({ reason: 'container-config' }))];
    const later = trackReasons(clock, groups, 9_000);
    expect(findDoomed(groups, later, 12_000)).toBeUndefined();
    expect(findDoomed(groups, later, 19_000)).toBeDefined();
  });

  test('blames the pod that ended first', () => {
    const doomed = doomedAfter(
      0,
      crashed('dsv32-serve-0', '2026-03-01T10:00:09Z'),
      crashed('dsv32-serve-0-1', '2026-03-01T10:00:02Z'),
    );
    expect(doomed?.name).toBe('dsv32-serve-0-1');
  });

  test.each([
    { of: 'a pod that never got its image before its peer that ended', other: 'image-pull' },
    { of: 'a pod that lost its node before its peer that ended', other: 'node-not-ready' },
  ] as const)('blames $of', ({ other }) => {
    const doomed = doomedAfter(
      600,
      crashed('dsv32-serve-0'),
      aPodHealth({ name: 'b', reason: other }),
    );
    expect(doomed?.name).toBe('b');
  });

  test('blames a pod that ended before its leader that only waits for it', () => {
    const leader = aPodHealth({ name: 'a', reason: 'not-ready' });
    const pods = [leader, crashed('dsv32-serve-0-1')];
    expect(pods.toSorted(compareBlame)[0]?.name).toBe('dsv32-serve-0-1');
  });

  test('gives up on a group that is recreated again and again', () => {
    const group: GroupHealth = {
      ...aGroupHealth(aPodHealth({ reason: 'loading', verdict: 'progressing' })),
      checks: [
        { id: 'group-restarts', level: 'processes', subject: '', outcome: 'failed', detail: '' },
      ],
    };
    expect(findDoomed([group], new Map(), 0)).toEqual({ group });
  });
});
