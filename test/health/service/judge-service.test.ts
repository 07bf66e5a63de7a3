import { describe, expect, test } from 'vitest';
import type { LiveObject } from '../../../src/cluster/index.ts';
import {
  judgeServiceEndpoints,
  pickEndpoint,
  type ServiceFacts,
} from '../../../src/health/index.ts';
import {
  aLayout,
  aLoadingPod,
  aPlacedGroup,
  aPod,
  aService,
  aSlice,
  namespace,
} from '../builders.ts';

const group = aPlacedGroup(aLayout({ replicas: 2 }));

const pods = [aPod(), aPod({ worker: 1 }), aPod({ group: 1 }), aPod({ group: 1, worker: 1 })];

function someFacts(overrides: Partial<ServiceFacts> = {}): ServiceFacts {
  return {
    name: 'deepseek-api',
    namespace,
    service: { kind: 'read', value: aService() },
    slices: { kind: 'read', value: [aSlice(['deepseek-main-0', 'deepseek-main-1'])] },
    pods: { kind: 'read', value: pods },
    ...overrides,
  };
}

const forbidden = { kind: 'unreadable', reason: 'forbidden' } as const;

describe('judgeServiceEndpoints()', () => {
  test('passes a Service that holds the ready leaders, in one slice or several', () => {
    expect(judgeServiceEndpoints(group, someFacts()).outcome).toBe('passed');
    const value = [aSlice(['deepseek-main-0']), aSlice(['deepseek-main-1'])];
    expect(judgeServiceEndpoints(group, someFacts({ slices: { kind: 'read', value } }))).toEqual({
      id: 'service-endpoints',
      level: 'service',
      subject: 'Service/deepseek/deepseek-api',
      outcome: 'passed',
      detail: 'hands requests to 2 of 2 ready pods that serve, and to no other pod of the group',
    });
  });

  test('knows the surge group of a roll-out: its leader serves, its workers do not', () => {
    const one = aPlacedGroup(aLayout({ replicas: 1 }));
    const holding = (...names: readonly string[]): ServiceFacts =>
      someFacts({ slices: { kind: 'read', value: [aSlice(names)] } });
    const both = holding('deepseek-main-0', 'deepseek-main-1');
    expect(judgeServiceEndpoints(one, both).outcome).toBe('passed');
    expect(judgeServiceEndpoints(one, holding('deepseek-main-0')).detail).toContain(
      'hands no requests to deepseek-main-1',
    );
    const worker = holding('deepseek-main-0', 'deepseek-main-1', 'deepseek-main-1-1');
    expect(judgeServiceEndpoints(one, worker).detail).toContain(
      'hands requests to deepseek-main-1-1, where nothing answers',
    );
    // While the one copy of the layout is replaced, the surge group alone answers.
    expect(pickEndpoint(one, holding('deepseek-main-1'))?.target).toBe('deepseek-main-1');
  });

  test.each<{ name: string; slices: readonly LiveObject[]; says: string }>([
    {
      name: 'a worker',
      slices: [aSlice(['deepseek-main-0', 'deepseek-main-0-1', 'deepseek-main-1'])],
      says: 'hands requests to deepseek-main-0-1, where nothing answers',
    },
    {
      name: 'one leader less',
      slices: [aSlice(['deepseek-main-0'])],
      says: 'hands no requests to deepseek-main-1, ready',
    },
    { name: 'nothing', slices: [], says: 'hands no requests to deepseek-main-0, deepseek-main-1' },
    {
      name: 'leaders it thinks unready',
      slices: [
        aSlice([
          { pod: 'deepseek-main-0', ready: false },
          { pod: 'deepseek-main-1', ready: true },
        ]),
      ],
      says: 'hands no requests to deepseek-main-0',
    },
    {
      name: 'another port',
      slices: [aSlice(['deepseek-main-0', 'deepseek-main-1'], { port: 9000 })],
      says: 'at port 9000, the API is at 8000',
    },
    {
      name: 'a stranger',
      slices: [aSlice(['deepseek-main-0', 'deepseek-main-1', 'nginx-7d4'])],
      says: 'also hands requests to nginx-7d4',
    },
  ])('fails a Service that holds $name', ({ slices, says }) => {
    const check = judgeServiceEndpoints(
      group,
      someFacts({ slices: { kind: 'read', value: slices } }),
    );
    expect(check.outcome).toBe('failed');
    expect(check.detail).toContain(says);
    expect(check.impact).toBeDefined();
    expect(check.advice).toContain('kubectl');
  });

  test('fails a Service that publishes a pod that is not ready', () => {
    const value = [aLoadingPod(), ...pods.slice(1)];
    const check = judgeServiceEndpoints(group, someFacts({ pods: { kind: 'read', value } }));
    expect(check).toMatchObject({ outcome: 'failed' });
    expect(check.detail).toContain('deepseek-main-0, not ready');
  });

  test('fails an absent Service', () => {
    const facts = someFacts({ service: { kind: 'read', value: undefined } });
    expect(judgeServiceEndpoints(group, facts).outcome).toBe('failed');
  });

  test('waits while nothing is ready', () => {
    const value = [aLoadingPod(), aLoadingPod({ group: 1 })];
    const facts = someFacts({
      pods: { kind: 'read', value },
      slices: { kind: 'read', value: [aSlice([])] },
    });
    expect(judgeServiceEndpoints(group, facts).outcome).toBe('pending');
    expect(pickEndpoint(group, facts)).toBeUndefined();
  });

  test.each(['service', 'slices', 'pods'] as const)(
    'is unknown when %s may not be read',
    (what) => {
      const check = judgeServiceEndpoints(group, someFacts({ [what]: forbidden }));
      expect(check).toMatchObject({ outcome: 'unknown', detail: 'forbidden' });
    },
  );

  test('is unknown when a slice has another shape', () => {
    const odd = { ...aSlice([]), endpoints: 'none' };
    const facts = someFacts({ slices: { kind: 'read', value: [odd] } });
    expect(judgeServiceEndpoints(group, facts).outcome).toBe('unknown');
  });
});

describe('pickEndpoint()', () => {
  test('picks a serving pod and its port from what the Service hands out', () => {
    expect(pickEndpoint(group, someFacts())).toEqual({ target: 'deepseek-main-0', ports: [8000] });
  });

  test('passes over pods of others and workers, which the Service should not hold', () => {
    const value = [aSlice(['somebody-else', 'deepseek-main-0-1', 'deepseek-main-1'])];
    const facts = someFacts({ slices: { kind: 'read', value } });
    expect(pickEndpoint(group, facts)?.target).toBe('deepseek-main-1');
  });
});
