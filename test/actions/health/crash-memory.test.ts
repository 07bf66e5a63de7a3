import { expect, test } from 'vitest';
import { CrashMemory } from '../../../src/actions/health/explain/crash-memory.ts';
import type { GroupHealth, PodHealth } from '../../../src/health/index.ts';
import { aPod } from '../../health/builders.ts';

const leader = 'deepseek-main-0';

function crashedAt(finishedAt: string): readonly GroupHealth[] {
  const pod: PodHealth = {
    name: leader,
    groupIndex: 0,
    workerIndex: 0,
    ranks: '0-7',
    verdict: 'unhealthy',
    reason: 'exited',
    detail: 'exited',
    restarts: 1,
    lastExit: { container: 'engine', exitCode: 1, reason: 'Error', finishedAt },
  };
  const ref = { apiVersion: 'leaderworkerset.x-k8s.io/v1', kind: 'LeaderWorkerSet' };
  const group = { ref: { ...ref, name: 'deepseek-main', namespace: 'deepseek' }, pods: [pod] };
  return [group as unknown as GroupHealth];
}

test('a log that went with its pod costs nothing that an earlier life said', async () => {
  const memory = new CrashMemory();
  const live = (uid: string) => {
    const pod = aPod();
    return { ...pod, metadata: { ...pod.metadata, uid } };
  };
  memory.notePods([live('uid-1')], 0);
  await memory.noteExits(crashedAt('2026-03-01T10:00:00Z'), () =>
    Promise.resolve(['Watchdog caught collective operation timeout']),
  );
  memory.notePods([live('uid-2')], 60_000);
  await memory.noteExits(crashedAt('2026-03-01T10:01:00Z'), () => Promise.resolve([]));
  expect(memory.recreations.get(leader)).toEqual([60_000]);
  expect(memory.lastCrash('deepseek-main')).toMatchObject({
    exit: { finishedAt: '2026-03-01T10:01:00Z' },
    logLines: ['Watchdog caught collective operation timeout'],
  });
});
