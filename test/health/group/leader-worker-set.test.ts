import { describe, expect, test } from 'vitest';
import { checkLeaderWorkerSet } from '../../../src/health/group/leader-worker-set.ts';
import { lwsKind } from '../../../src/health/index.ts';
import type { Reading } from '../../../src/health/reading.ts';
import type { Manifest } from '../../../src/manifest/index.ts';
import { anLws, createdAt, namespace } from '../builders.ts';

const ref = { ...lwsKind, namespace, name: 'deepseek-main' };

function check(value: Reading<Manifest | undefined>) {
  return checkLeaderWorkerSet(ref, value);
}

describe('checkLeaderWorkerSet()', () => {
  test.each([
    { name: 'settled and available', lws: anLws({ replicas: 2 }), outcome: 'passed' },
    {
      name: 'not yet seen by its controller',
      lws: anLws({ generation: 4, observedGeneration: 3 }),
      outcome: 'pending',
      detail: 'controller has seen generation 3 of 4',
    },
    {
      name: 'never seen by its controller',
      lws: anLws({ observedGeneration: undefined }),
      outcome: 'pending',
      detail: 'controller has seen generation none of 3',
    },
    {
      name: 'half ready',
      lws: anLws({ replicas: 2, readyReplicas: 1 }),
      outcome: 'pending',
      detail: '1 of 2 groups ready',
    },
    {
      name: 'half updated though all are ready',
      lws: anLws({ replicas: 2, updatedReplicas: 1 }),
      outcome: 'pending',
      detail: '1 of 2 groups updated',
    },
    {
      name: 'ready and updated while a rollout says it is in progress',
      lws: anLws({
        conditions: [
          { type: 'Available', status: 'True' },
          { type: 'UpdateInProgress', status: 'True' },
        ],
      }),
      outcome: 'pending',
      detail: 'update in progress',
    },
    {
      name: 'complete in numbers and not available',
      lws: anLws({ conditions: [{ type: 'Available', status: 'False' }] }),
      outcome: 'pending',
      detail: 'not available yet',
    },
    {
      name: 'without conditions',
      lws: anLws({ conditions: [] }),
      outcome: 'pending',
      detail: 'not available yet',
    },
    {
      name: 'scaled to zero, which satisfies every count',
      lws: anLws({ replicas: 0 }),
      outcome: 'pending',
      detail: 'scaled to zero groups',
    },
    {
      name: 'on its way out, whatever its status says',
      lws: anLws({ deletedAt: createdAt }),
      outcome: 'pending',
      detail: 'terminating',
    },
  ])('is $outcome when the set is $name', ({ lws, outcome, detail }) => {
    const result = check({ kind: 'read', value: lws });
    expect(result.outcome).toBe(outcome);
    if (detail !== undefined) expect(result.detail).toBe(detail);
  });

  test('fails when the set is absent, and says what to run', () => {
    const result = check({ kind: 'read', value: undefined });
    expect(result).toMatchObject({ outcome: 'failed', detail: 'absent from the cluster' });
    expect(result.advice).toContain('dsdeploy apply');
  });

  test('is unknown when the set may not be read', () => {
    const result = check({ kind: 'unreadable', reason: 'Cannot get it: forbidden' });
    expect(result).toMatchObject({ outcome: 'unknown', detail: 'Cannot get it: forbidden' });
  });

  test('is unknown when the object has another shape', () => {
    const value = { ...anLws(), spec: { replicas: 'two' } };
    expect(check({ kind: 'read', value }).outcome).toBe('unknown');
  });
});
