import { describe, expect, test } from 'vitest';

import { formatLogLine } from '../../../src/sandbox/agent/container-log.ts';
import { findEndpoint, type Pod } from '../../../src/sandbox/agent/pod.ts';

describe('findEndpoint()', () => {
  test('finds the container with a port named http', () => {
    expect(findEndpoint(aPod({}))).toMatchObject({
      container: { name: 'engine' },
      containerPorts: [8000],
    });
  });

  test('finds the port of every rank', () => {
    const ports = ['http', 'http-1', 'metrics', 'http-2'].map((name, index) => ({
      name,
      containerPort: 8000 + index,
    }));
    expect(findEndpoint(aPod({ spec: { containers: [{ name: 'engine', ports }] } }))).toMatchObject(
      {
        containerPorts: [8000, 8001, 8003],
      },
    );
  });

  test.each<{ scenario: string; pod: Pod }>([
    { scenario: 'a pending pod', pod: aPod({ status: { phase: 'Pending' } }) },
    {
      scenario: 'a pod that is being deleted',
      pod: aPod({ metadata: { name: 'p', deletionTimestamp: '2026-01-01T00:00:00Z' } }),
    },
    { scenario: 'a headless worker', pod: aPod({ spec: { containers: [{ name: 'engine' }] } }) },
  ])('finds none in $scenario', ({ pod }) => {
    expect(findEndpoint(pod)).toBeUndefined();
  });
});

describe('formatLogLine()', () => {
  test('writes the format of container runtimes', () => {
    const line = formatLogLine(new Date('2026-01-02T03:04:05.678Z'), 'stderr', 'hello');
    expect(line).toBe('2026-01-02T03:04:05.678000000Z stderr F hello\n');
  });
});

function aPod(change: Partial<Pod>): Pod {
  return {
    metadata: { name: 'leader', namespace: 'default', uid: 'u1' },
    spec: {
      containers: [
        { name: 'proxy', ports: [{ name: 'metrics', containerPort: 9000 }] },
        { name: 'engine', ports: [{ name: 'http', containerPort: 8000 }] },
      ],
    },
    status: { phase: 'Running' },
    ...change,
  };
}
