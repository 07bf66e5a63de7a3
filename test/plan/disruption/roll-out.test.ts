import { expect, test } from 'vitest';
import { type Change, rollOutSeconds } from '../../../src/plan/index.ts';

/** An update that takes some seconds of roll-out, or none that is known. */
function update(durationSeconds?: number): Change {
  const disruption = {
    effect: 'restarts-groups',
    mode: 'rolling',
    message: '',
    groups: [0, 1],
    pods: 4,
    losesPrefixCache: true,
    coexists: true,
    differences: [],
    ...(durationSeconds === undefined ? {} : { durationSeconds }),
  } as const;
  return {
    action: 'update',
    ref: { apiVersion: 'leaderworkerset.x-k8s.io/v1', kind: 'LeaderWorkerSet', name: 'a' },
    uid: 'u',
    resourceVersion: '1',
    liveDigest: '',
    desired: { apiVersion: 'v1', kind: 'LeaderWorkerSet', metadata: { name: 'a' } },
    fields: [],
    certainty: 'server',
    disruption,
  } as unknown as Change;
}

test('groups of different sets roll side by side, so that the slowest decides', () => {
  expect(rollOutSeconds({ changes: [update(1890), update(), update(945)] })).toBe(1890);
});

test('nothing that restarts takes no time', () => {
  expect(rollOutSeconds({ changes: [] })).toBe(0);
  expect(rollOutSeconds({ changes: [update()] })).toBe(0);
});
