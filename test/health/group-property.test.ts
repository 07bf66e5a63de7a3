import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LiveObject } from '../../src/cluster/index.ts';
import { type Check, type GroupFacts, judgeGroup, requiredChecks } from '../../src/health/index.ts';
import {
  aContainer,
  aLayout,
  aLoadingPod,
  anLws,
  aPlacedGroup,
  aPod,
  createdAt,
  namespace,
  notReady,
  type PodOptions,
  passedProbes,
  passedService,
  someFacts,
  waiting,
} from './builders.ts';

/** Everything a pod can be; only the first is good. */
const podStates = {
  ready: aPod,
  absent: () => undefined,
  loading: aLoadingPod,
  leaving: (slot: PodOptions) => aPod({ ...slot, deletedAt: createdAt }),
  crashed: (slot: PodOptions) =>
    aPod({
      ...slot,
      conditions: notReady,
      containers: [aContainer({ state: waiting('CrashLoopBackOff') })],
    }),
  evicted: (slot: PodOptions) => aPod({ ...slot, phase: 'Failed', reason: 'Evicted' }),
  odd: (slot: PodOptions) => ({ ...aPod(slot), spec: null }),
  otherRevision: (slot: PodOptions) => aPod({ ...slot, revision: 'other' }),
  unreadyContainer: (slot: PodOptions) => aPod({ ...slot, containers: [aContainer()] }),
  noContainers: (slot: PodOptions) => aPod({ ...slot, containers: [] }),
} as const satisfies Record<string, (slot: PodOptions) => LiveObject | undefined>;

type PodState = keyof typeof podStates;

const states = Object.keys(podStates) as PodState[];
const podState = fc.oneof(
  { weight: 3, arbitrary: fc.constant<PodState>('ready') },
  { weight: 1, arbitrary: fc.constantFrom(...states) },
);

const lwsState = fc.oneof(
  { weight: 3, arbitrary: fc.constant('good' as const) },
  { weight: 1, arbitrary: fc.constantFrom('absent', 'forbidden', 'behind', 'small') },
);

const outcome = fc.oneof(
  { weight: 80, arbitrary: fc.constant('passed' as const) },
  { weight: 8, arbitrary: fc.constant('skipped' as const) },
  { weight: 1, arbitrary: fc.constantFrom('failed', 'unknown', 'pending', 'not-asked') },
);

/** Checks of one endpoint. */
const checksEach = requiredChecks('quick').length;

const scene = fc.integer({ min: 1, max: 3 }).chain((replicas) =>
  fc.record({
    replicas: fc.constant(replicas),
    lws: lwsState,
    pods: fc.array(podState, { minLength: replicas * 2, maxLength: replicas * 2 }),
    probes: fc.array(outcome, {
      minLength: replicas * checksEach,
      maxLength: replicas * checksEach,
    }),
    service: fc.array(outcome, { minLength: 3, maxLength: 3 }),
    nodes: fc.array(fc.boolean(), { minLength: 1, maxLength: 6 }),
  }),
);

type Scene = typeof scene extends fc.Arbitrary<infer T> ? T : never;

function toFacts({ replicas, lws, pods, probes, service }: Scene): GroupFacts {
  const slots = pods.map((state, index) => ({
    state,
    slot: { group: Math.floor(index / 2), worker: index % 2 },
  }));
  return someFacts({
    leaderWorkerSet: readLws(lws, replicas),
    pods: {
      kind: 'read',
      value: slots.flatMap(({ state, slot }) => podStates[state](slot) ?? []),
    },
    service: withOutcomes(passedService, service),
    probes: new Map(
      Array.from({ length: replicas }, (_, group) => {
        const name = `deepseek-main-${group}`;
        const own = probes.slice(group * checksEach, (group + 1) * checksEach);
        return [name, withOutcomes(passedProbes(name), own)];
      }),
    ),
  });
}

function withOutcomes(
  checks: readonly Check[],
  outcomes: readonly (Check['outcome'] | 'not-asked')[],
): readonly Check[] {
  return checks.flatMap((check, index) => {
    const result = outcomes[index];
    return result === undefined || result === 'not-asked' ? [] : [{ ...check, outcome: result }];
  });
}

function readLws(state: Scene['lws'], replicas: number): GroupFacts['leaderWorkerSet'] {
  switch (state) {
    case 'good':
      return { kind: 'read', value: anLws({ replicas }) };
    case 'absent':
      return { kind: 'read', value: undefined };
    case 'forbidden':
      return { kind: 'unreadable', reason: 'forbidden' };
    case 'behind':
      return { kind: 'read', value: anLws({ replicas, observedGeneration: 1 }) };
    case 'small':
      return { kind: 'read', value: anLws({ replicas, size: 1 }) };
  }
}

/** The same claim as the rules, said in one line. */
function isProven({ lws, pods, probes, service }: Scene): boolean {
  const sameRevision = new Set(pods.map((state) => state === 'otherRevision')).size === 1;
  return (
    lws === 'good' &&
    pods.every((state) => state === 'ready' || state === 'otherRevision') &&
    sameRevision &&
    [...probes, ...service].every((result) => result === 'passed' || result === 'skipped')
  );
}

describe('judgeGroup()', () => {
  test('is healthy exactly if everything required is proven', () => {
    fc.assert(
      fc.property(scene, (drawn) => {
        const group = aPlacedGroup(aLayout({ replicas: drawn.replicas }));
        const health = judgeGroup(group, toFacts(drawn), { namespace, canary: 'quick' });
        expect(health.verdict === 'healthy').toBe(isProven(drawn));
        expect(health.pods).toHaveLength(drawn.replicas * 2);
      }),
      { numRuns: 1_000 },
    );
  });

  test('gives the same answer whatever the order of the pods', () => {
    fc.assert(
      fc.property(scene, (drawn) => {
        const group = aPlacedGroup(aLayout({ replicas: drawn.replicas }));
        const facts = toFacts(drawn);
        const value = facts.pods.kind === 'read' ? facts.pods.value.toReversed() : [];
        const options = { namespace, canary: 'quick' } as const;
        const reversed = judgeGroup(group, { ...facts, pods: { kind: 'read', value } }, options);
        expect(reversed).toEqual(judgeGroup(group, facts, options));
      }),
    );
  });
});
