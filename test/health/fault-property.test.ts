import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Check,
  type EngineTarget,
  expectedEndpoints,
  findCause,
  type GroupFacts,
  judgeAnswer,
  judgeGroup,
  judgeMetrics,
  judgeProgress,
  judgeRankAnswers,
  judgeRanks,
  judgeServiceEndpoints,
  type MetricsReading,
  metricsDialect,
  type ProbeAnswer,
  parseEvent,
  ranksOfDataRanks,
  readEngineMetrics,
  requiredChecks,
} from '../../src/health/index.ts';
import { renderManifests } from '../../src/render/index.ts';
import {
  aContainer,
  aLayout,
  aLoadingPod,
  anEvent,
  anLws,
  aPlacedGroup,
  aPod,
  aService,
  aSlice,
  namespace,
  notReady,
  passedProbes,
  passedService,
  someFacts,
  terminated,
  waiting,
} from './builders.ts';

/** Two copies of a group of two pods; each fault befalls one place. */
const group = aPlacedGroup(aLayout({ replicas: 2 }));
const leaders = ['deepseek-main-0', 'deepseek-main-1'] as const;

const podFaults = [
  ...(['none', 'crash', 'loading', 'absent', 'unscheduled', 'no-image', 'oom'] as const),
  ...(['node-lost', 'draining', 'evicted', 'stopped-serving'] as const),
] as const;
type PodFault = (typeof podFaults)[number];

/** Faults of pods that nobody mends. */
const finalPodFaults: ReadonlySet<PodFault> = new Set<PodFault>([
  ...(['crash', 'unscheduled', 'no-image', 'oom', 'node-lost', 'evicted'] as const),
  'stopped-serving',
]);
const engineFaults = [
  ...['none', 'dead', 'hung', 'rank-hung', 'rank-absent', 'wrong-model', 'empty', 'no-route'],
  ...['metrics-off', 'metrics-frozen', 'slow'],
] as const;
const policyFaults = ['none', 'cut', 'no-dns', 'no-clients', 'forbidden'] as const;
const serviceFaults = ['none', 'worker', 'missing', 'stranger', 'port', 'forbidden'] as const;

type EngineFault = (typeof engineFaults)[number];

/** Faults of engines that leave no doubt. */
const finalFaults: ReadonlySet<EngineFault> = new Set<EngineFault>([
  ...(['dead', 'hung', 'rank-hung', 'rank-absent', 'wrong-model', 'empty', 'slow'] as const),
]);

const usually = <T>(good: T, all: readonly T[], weight: number) =>
  fc.oneof(
    { weight, arbitrary: fc.constant(good) },
    { weight: 1, arbitrary: fc.constantFrom(...all) },
  );

const scene = fc.record({
  pods: fc.array(usually<PodFault>('none', podFaults, 6), {
    minLength: 4,
    maxLength: 4,
  }),
  engines: fc.array(usually<EngineFault>('none', engineFaults, 3), { minLength: 2, maxLength: 2 }),
  service: usually<(typeof serviceFaults)[number]>('none', serviceFaults, 3),
  policy: usually<(typeof policyFaults)[number]>('none', policyFaults, 3),
  badRank: fc.integer({ min: 0, max: 15 }),
  readAtMs: fc.constantFrom(-3_600_000, 0, 3_600_000),
});

type Scene = typeof scene extends fc.Arbitrary<infer T> ? T : never;

function answered(body: unknown, status = 200): ProbeAnswer {
  return { kind: 'answered', status, body: JSON.stringify(body) };
}

const goodModels = answered({ data: [{ id: 'deepseek-ai/DeepSeek-V3.2' }] });
const goodChat = answered({
  choices: [{ message: { content: 'ready' } }],
  usage: { completion_tokens: 1 },
});

/** Metrics of 16 ranks that generated some tokens each. */
function metrics(tokens: number, { without = -1, running = [] as readonly number[] } = {}) {
  const ranks = Array.from({ length: 16 }, (_, rank) => rank).filter((rank) => rank !== without);
  const text = ranks.map((rank) => {
    const labels = `{engine="${rank}"}`;
    return [
      `vllm:num_requests_running${labels} ${running.includes(rank) ? 1 : 0}`,
      `vllm:num_requests_waiting${labels} 0`,
      `vllm:generation_tokens_total${labels} ${tokens}`,
    ].join('\n');
  });
  return readEngineMetrics(text.join('\n'), metricsDialect('vllm'));
}

/** What a leader with a fault answers, through the same judges as the real thing. */
function probe(pod: string, fault: EngineFault, badRank: number): readonly Check[] {
  const [endpoint] = expectedEndpoints(group);
  const target: EngineTarget = {
    subject: `Pod/${namespace}/${pod}`,
    dataRanks: endpoint?.dataRanks ?? [],
    ranks: 16,
    metricsWanted: true,
    formatDataRanks: (ranks) => ranksOfDataRanks(group, ranks),
    logsCommand: '',
  };
  const off: MetricsReading = { kind: 'unreadable', reason: 'off' };
  const timedOut: ProbeAnswer = { kind: 'timed-out', afterSeconds: 60 };
  const noRoute: ProbeAnswer = { kind: 'not-asked', reason: 'no route' };
  const dead: ProbeAnswer = { kind: 'refused', reason: 'connection refused' };
  const pick = (own: Partial<Record<EngineFault, ProbeAnswer>>, good: ProbeAnswer): ProbeAnswer =>
    ({ dead, 'no-route': noRoute, ...own })[fault] ?? good;
  const isOff = fault === 'metrics-off' || fault === 'dead' || fault === 'no-route';
  const stuck = { running: fault === 'hung' ? [badRank] : [] };
  const without = fault === 'rank-absent' ? badRank : -1;
  const before = isOff ? off : metrics(5, { without });
  const moved = fault === 'hung' || fault === 'metrics-frozen' ? 5 : 6;
  const after = isOff ? off : metrics(moved, { ...stuck, without });
  const late = isOff
    ? off
    : metrics(fault === 'metrics-frozen' ? 5 : moved + 1, { ...stuck, without });
  const probes = { namespace, pod, servedModelNames: ['deepseek-ai/DeepSeek-V3.2'] };
  const chat = pick(
    {
      hung: timedOut,
      slow: timedOut,
      'wrong-model': answered({}, 404),
      empty: answered({ choices: [{ message: { content: '' } }], usage: { completion_tokens: 9 } }),
    },
    goodChat,
  );
  const isFinished = chat.kind === 'answered' && chat.status === 200;
  const request = isFinished ? 'finished' : chat.kind === 'timed-out' ? 'unfinished' : 'failed';
  const ranks = target.dataRanks.map((dataRank) => {
    const isSilent = request === 'unfinished' || (fault === 'rank-hung' && dataRank === badRank);
    return { dataRank, ended: isSilent ? 'failed' : 'answered', detail: '' } as const;
  });
  const own = [
    judgeAnswer('http-health', pick({}, answered('')), probes),
    judgeMetrics(before, target),
    judgeRanks(before, target),
    judgeAnswer(
      'models',
      pick({ 'wrong-model': answered({ data: [{ id: 'x' }] }) }, goodModels),
      probes,
    ),
    judgeProgress({ before, after }, request, target),
    judgeRankAnswers(ranks, { request, before: after, after: late }, target),
    judgeAnswer('chat', chat, probes),
  ];
  const asked = new Set(own.map(({ id }) => id));
  return [...own, ...passedProbes(pod).filter(({ id }) => !asked.has(id))];
}

const lostNode = 'node-lost';

const unscheduled = {
  conditions: [
    { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/4 nodes' },
  ],
  containers: [],
};

/** Pods that were ready once and are not any more; only an event tells them from those that load. */
function eventsOf({ pods }: Scene): GroupFacts['events'] {
  return pods.flatMap((fault, index) => {
    if (fault !== 'stopped-serving') return [];
    const pod = aPod({ group: Math.floor(index / 2), worker: index % 2 });
    const message = 'Readiness probe failed: HTTP probe failed with statuscode: 503';
    return parseEvent(anEvent(pod, { reason: 'Unhealthy', message })) ?? [];
  });
}

function livePods({ pods }: Scene) {
  return pods.flatMap((fault, index) => {
    const slot = { group: Math.floor(index / 2), worker: index % 2 };
    switch (fault) {
      case 'none':
        return [aPod(slot)];
      case 'crash':
        return [
          aPod({
            ...slot,
            conditions: notReady,
            containers: [
              aContainer({
                restartCount: 2,
                state: waiting('CrashLoopBackOff'),
                lastState: terminated(1, 'Error'),
              }),
            ],
          }),
        ];
      case 'loading':
        return [aLoadingPod(slot)];
      case 'unscheduled':
        return [aPod({ ...slot, node: '', phase: 'Pending', ...unscheduled })];
      case 'no-image':
        return [
          aPod({
            ...slot,
            phase: 'Pending',
            conditions: notReady,
            containers: [aContainer({ state: waiting('ImagePullBackOff', 'not found') })],
          }),
        ];
      case 'oom':
        return [
          aPod({
            ...slot,
            conditions: notReady,
            containers: [
              aContainer({
                restartCount: 2,
                state: waiting('CrashLoopBackOff'),
                lastState: terminated(137, 'OOMKilled'),
              }),
            ],
          }),
        ];
      case 'node-lost':
        return [aPod({ ...slot, node: lostNode, conditions: notReady })];
      case 'draining':
        return [aPod({ ...slot, deletedAt: '2026-03-01T11:00:00Z' })];
      case 'evicted':
        return [aPod({ ...slot, phase: 'Failed', reason: 'Evicted', conditions: notReady })];
      case 'stopped-serving':
        return [
          aPod({
            ...slot,
            conditions: notReady,
            containers: [aContainer({ started: true, ready: false })],
          }),
        ];
      case 'absent':
        return [];
    }
  });
}

/** A Service that follows its pods, but for its own fault. */
function serviceOf(drawn: Scene): Check {
  const ready = leaders.filter((_, index) => drawn.pods[index * 2] === 'none');
  const listed: string[] = drawn.service === 'missing' ? ready.slice(1) : [...ready];
  if (drawn.service === 'worker') listed.push('deepseek-main-0-1');
  if (drawn.service === 'stranger') listed.push('nginx');
  return judgeServiceEndpoints(group, {
    name: 'deepseek-api',
    namespace,
    service: { kind: 'read', value: aService() },
    slices:
      drawn.service === 'forbidden'
        ? { kind: 'unreadable', reason: 'forbidden' }
        : {
            kind: 'read',
            value: [aSlice(listed, drawn.service === 'port' ? { port: 9 } : {})],
          },
    pods: { kind: 'read', value: livePods(drawn) },
  });
}

const renderedPolicies = renderManifests(aLayout({ replicas: 2 })).filter(
  ({ kind }) => kind === 'NetworkPolicy',
);

/** Policies that say what one fault makes of them. */
function policiesOf({ policy }: Scene): NonNullable<GroupFacts['networkPolicies']> {
  const without = (name: string) =>
    renderedPolicies.filter(({ metadata }) => metadata.name !== name);
  switch (policy) {
    case 'none':
      return { kind: 'read', value: renderedPolicies };
    case 'cut':
      return { kind: 'read', value: without('deepseek-main-in-group') };
    case 'no-dns':
      return { kind: 'read', value: without('deepseek-dns') };
    case 'no-clients': {
      const [policy] = renderedPolicies;
      const spec = { podSelector: {}, policyTypes: ['Ingress'], ingress: [] };
      return { kind: 'read', value: policy === undefined ? [] : [{ ...policy, spec }] };
    }
    case 'forbidden':
      return { kind: 'unreadable', reason: 'forbidden' };
  }
}

function judge(drawn: Scene) {
  const probes = leaders.map((pod, index) => {
    const isReady = drawn.pods[index * 2] === 'none';
    const checks = isReady ? probe(pod, drawn.engines[index] ?? 'none', drawn.badRank) : [];
    return [pod, checks] as const;
  });
  const facts: GroupFacts = someFacts({
    leaderWorkerSet: { kind: 'read', value: anLws({ replicas: 2 }) },
    pods: { kind: 'read', value: livePods(drawn) },
    probes: new Map(probes),
    service: [serviceOf(drawn), ...passedService.slice(1)],
    networkPolicies: policiesOf(drawn),
    events: eventsOf(drawn),
    nodeReady: new Map([[lostNode, false]]),
  });
  // The clock of whoever looks may be an hour off.
  const skewed = { ...facts, readAtMs: facts.readAtMs + drawn.readAtMs };
  return judgeGroup(group, skewed, { namespace, canary: 'quick' });
}

const good: Scene = {
  pods: ['none', 'none', 'none', 'none'],
  engines: ['none', 'none'],
  service: 'none',
  policy: 'none',
  badRank: 11,
  readAtMs: 0,
};

describe('the rules of health', { timeout: 120_000 }, () => {
  test('find a group healthy exactly if nothing is wrong, in any combination of faults', () => {
    fc.assert(
      fc.property(scene, (drawn) => {
        const isRight =
          drawn.pods.every((fault) => fault === 'none') &&
          drawn.engines.every((fault) => fault === 'none') &&
          drawn.service === 'none' &&
          drawn.policy === 'none';
        const health = judge(drawn);
        expect(health.verdict === 'healthy').toBe(isRight);
        const cause = findCause([health]);
        expect(cause === undefined).toBe(isRight);
        if (health.verdict === 'unhealthy') expect(cause?.impact).toBeDefined();
      }),
      { numRuns: 2_000 },
    );
  });

  test('call unhealthy whatever does not mend itself, in any company', () => {
    fc.assert(
      fc.property(scene, (drawn) => {
        const isDown = ({ pods, engines, readAtMs }: Scene): boolean =>
          pods.some((fault) => finalPodFaults.has(fault)) ||
          // By a clock that is an hour behind nothing is overdue yet.
          (pods.includes('absent') && readAtMs >= 0) ||
          engines.some((fault, index) => pods[index * 2] === 'none' && finalFaults.has(fault));
        if (isDown(drawn)) expect(judge(drawn).verdict).toBe('unhealthy');
      }),
      { numRuns: 1_000 },
    );
  });

  test('call nothing unhealthy that only could not be seen or is on its way', () => {
    const blind = fc.record({
      ...{
        pods: fc.array(fc.constantFrom('none' as const, 'loading' as const), {
          minLength: 4,
          maxLength: 4,
        }),
      },
      engines: fc.array(
        fc.constantFrom<EngineFault>('none', 'metrics-off', 'metrics-frozen', 'no-route'),
        { minLength: 2, maxLength: 2 },
      ),
      service: fc.constantFrom('none' as const, 'forbidden' as const),
      policy: fc.constantFrom('none' as const, 'forbidden' as const),
      badRank: fc.constant(0),
      readAtMs: fc.constantFrom(-3_600_000, 0, 3_600_000),
    });
    fc.assert(
      fc.property(blind, (drawn) => {
        expect(judge(drawn).verdict).not.toBe('unhealthy');
      }),
      { numRuns: 1_000 },
    );
  });

  test.each<{ fault: string; scene: Partial<Scene>; code: string; pod?: string; ranks?: string }>([
    {
      fault: 'a crash',
      scene: { pods: ['none', 'none', 'none', 'crash'] },
      code: 'crash-loop',
      pod: 'deepseek-main-1-1',
      ranks: '8-15',
    },
    {
      fault: 'a pod without a node',
      scene: { pods: ['none', 'none', 'none', 'unscheduled'] },
      code: 'unschedulable',
      pod: 'deepseek-main-1-1',
      ranks: '8-15',
    },
    {
      fault: 'a missing image',
      scene: { pods: ['none', 'no-image', 'none', 'none'] },
      code: 'image-pull',
      pod: 'deepseek-main-0-1',
      ranks: '8-15',
    },
    {
      fault: 'memory that ran out',
      scene: { pods: ['none', 'none', 'oom', 'none'] },
      code: 'out-of-memory',
      pod: 'deepseek-main-1',
      ranks: '0-7',
    },
    {
      fault: 'a lost node',
      scene: { pods: ['none', 'node-lost', 'none', 'none'] },
      code: 'node-not-ready',
      pod: 'deepseek-main-0-1',
      ranks: '8-15',
    },
    {
      fault: 'an eviction',
      scene: { pods: ['none', 'none', 'none', 'evicted'] },
      code: 'evicted',
      pod: 'deepseek-main-1-1',
      ranks: '8-15',
    },
    {
      fault: 'a drain',
      scene: { pods: ['none', 'draining', 'none', 'none'] },
      code: 'terminating',
      pod: 'deepseek-main-0-1',
      ranks: '8-15',
    },
    {
      fault: 'a leader that fails its readiness probe',
      scene: { pods: ['stopped-serving', 'none', 'none', 'none'] },
      code: 'not-ready',
      pod: 'deepseek-main-0',
      ranks: '0-7',
    },
    {
      fault: 'a lost worker',
      scene: { pods: ['none', 'absent', 'none', 'none'] },
      code: 'missing',
      pod: 'deepseek-main-0-1',
      ranks: '8-15',
    },
    {
      fault: 'a dead engine',
      scene: { engines: ['none', 'dead'] },
      code: 'http-health',
      pod: 'deepseek-main-1',
      ranks: '0-7',
    },
    {
      fault: 'a hung engine',
      scene: { engines: ['hung', 'none'] },
      code: 'progress',
      pod: 'deepseek-main-0',
      ranks: '11',
    },
    {
      fault: 'a hung rank',
      scene: { engines: ['none', 'rank-hung'] },
      code: 'rank-answers',
      pod: 'deepseek-main-1',
      ranks: '11',
    },
    {
      fault: 'an absent rank',
      scene: { engines: ['rank-absent', 'none'] },
      code: 'ranks',
      pod: 'deepseek-main-0',
      ranks: '11',
    },
    {
      fault: 'a wrong model',
      scene: { engines: ['wrong-model', 'none'] },
      code: 'models',
      pod: 'deepseek-main-0',
      ranks: '0-7',
    },
    {
      fault: 'empty answers',
      scene: { engines: ['none', 'empty'] },
      code: 'chat',
      pod: 'deepseek-main-1',
      ranks: '0-7',
    },
    {
      fault: 'slow answers',
      scene: { engines: ['none', 'slow'] },
      code: 'chat',
      pod: 'deepseek-main-1',
      ranks: '0-7',
    },
    {
      fault: 'no route',
      scene: { engines: ['none', 'no-route'] },
      code: 'http-health',
      pod: 'deepseek-main-1',
      ranks: '0-7',
    },
    {
      fault: 'metrics that stand still',
      scene: { engines: ['none', 'metrics-frozen'] },
      code: 'progress',
      pod: 'deepseek-main-1',
      ranks: '0-7',
    },
    {
      fault: 'ranks cut from each other',
      scene: { policy: 'cut' },
      code: 'network-policy',
      pod: 'deepseek-main-0',
      ranks: '0-7',
    },
    {
      fault: 'clients kept out',
      scene: { policy: 'no-clients' },
      code: 'network-policy',
      pod: 'deepseek-main-0-1',
      ranks: '8-15',
    },
    { fault: 'a selected worker', scene: { service: 'worker' }, code: 'service-endpoints' },
    { fault: 'a wrong port', scene: { service: 'port' }, code: 'service-endpoints' },
  ])('blame $fault on the right pod and ranks', ({ scene: change, code, pod, ranks }) => {
    const cause = findCause([judge({ ...good, ...change })]);
    expect(cause).toMatchObject({
      code,
      subject: pod === undefined ? 'Service/deepseek/deepseek-api' : `Pod/${namespace}/${pod}`,
      ...(ranks === undefined ? {} : { ranks }),
    });
  });

  test('judge every check that a quick canary requires', () => {
    const ids = judge(good).checks.map(({ id }) => id);
    for (const { id } of requiredChecks('quick')) expect(ids).toContain(id);
  });
});
