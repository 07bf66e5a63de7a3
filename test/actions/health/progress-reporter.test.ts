import { expect, test } from 'vitest';
import { ProgressReporter } from '../../../src/actions/health/wait/progress-reporter.ts';
import type { GroupHealth } from '../../../src/health/index.ts';
import { FakeHost } from './fakes.ts';

function groups(readyReplicas: number): readonly GroupHealth[] {
  const ref = { apiVersion: 'leaderworkerset.x-k8s.io/v1', kind: 'LeaderWorkerSet', name: 'main' };
  const counts = { readyReplicas, replicas: 3 };
  return [{ group: 'main', ref, verdict: 'progressing', ...counts, pods: [], checks: [] }];
}

test('a change that comes too soon after another is held back, and said when it is due', () => {
  let nowMs = 10_000;
  const clock = { nowMs: () => nowMs, sleep: () => Promise.resolve() };
  const host = new FakeHost();
  const reporter = new ProgressReporter({ host, clock }, { loadSeconds: 0, rollOutSeconds: 0 });
  const told = () => host.progress.map((message) => message.groups[0]?.readyReplicas);

  reporter.report(groups(1));
  expect(reporter.dueInMs).toBeUndefined();
  nowMs += 100;
  reporter.report(groups(1));
  expect(reporter.dueInMs).toBeUndefined();
  reporter.report(groups(2));
  expect(told()).toEqual([1]);
  expect(reporter.dueInMs).toBe(400);
  nowMs += 400;
  reporter.report(groups(2));
  expect(told()).toEqual([1, 2]);
  expect(reporter.dueInMs).toBeUndefined();
});
