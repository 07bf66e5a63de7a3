import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { sglangMilestones } from '../../../src/engines/sglang/observability.ts';
import { vllmMilestones } from '../../../src/engines/vllm/observability.ts';
import { parseLogLines } from '../../../src/health/log-line.ts';
import { type PodStatus, parsePodStatus } from '../../../src/health/pod/pod-status.ts';
import { readTimeline, type TimelineFacts } from '../../../src/health/timeline/index.ts';
import { aPod } from '../builders.ts';
import { healthySglang, healthyVllm } from '../signature/healthy-logs.ts';

const startMs = Date.parse('2026-11-24T10:00:00Z');

/** A log line as the kubelet hands it out, so many seconds after the container started. */
const at = (second: number, text: string): string =>
  `${new Date(startMs + second * 1000).toISOString()} ${text}`;

const shard = (second: number, done: number): string =>
  at(second, `Loading safetensors checkpoint shards:  0% Completed | ${done}/163 [00:00<00:00]`);

function aStatus(ready = false): PodStatus {
  const status = parsePodStatus(
    aPod({
      createdAt: '2026-11-24T09:58:00Z',
      conditions: [
        { type: 'PodScheduled', status: 'True', lastTransitionTime: '2026-11-24T09:58:05Z' },
        ...(ready
          ? [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-11-24T10:12:00Z' }]
          : []),
      ],
      containers: [
        { name: 'engine', ready, state: { running: { startedAt: '2026-11-24T10:00:00Z' } } },
      ],
    }),
  );
  if (status === undefined) throw new Error('the fixture is not a pod');
  return status;
}

function read(log: string, overrides: Partial<TimelineFacts> = {}) {
  return readTimeline({
    pod: aStatus(),
    groupIndex: 0,
    workerIndex: 0,
    ranks: '0-7',
    events: [],
    lines: parseLogLines(log),
    milestones: vllmMilestones,
    budgetSeconds: 2700,
    nowMs: startMs + 60_000,
    ...overrides,
  });
}

/** Gives every line of a log a time, ten seconds apart. */
const timed = (log: string): string =>
  log
    .split('\n')
    .map((text, index) => at(index * 10, text))
    .join('\n');

describe('a start of SGLang', () => {
  const begun = at(20, '[2026-11-24 10:00:20 TP3] Init torch distributed begin.');
  const captured = at(60, '[2026-11-24 10:01:00 TP3] Capture target decode CUDA graph begin.');
  const batch = (second: number, done: number): string =>
    at(
      second,
      `Capturing batches (bs=${160 - done * 8} avail_mem=${10 - done / 10} GB):  26%|##6   | ${done}/23 [00:02<00:16]`,
    );

  it('connects from the moment it begins to, so that one who waits for a peer is seen there', () => {
    expect(read(begun, { milestones: sglangMilestones }).phase).toBe('connecting');
  });

  it('has a pace while graphs are captured, though each step has another label', () => {
    const log = [begun, captured, ...[0, 1, 2, 3, 4].map((done) => batch(62 + done * 2, done))];
    const { progress } = read(log.join('\n'), {
      milestones: sglangMilestones,
      nowMs: startMs + 70_000,
    });
    expect(progress).toMatchObject({ phase: 'capturing graphs', done: 4, total: 23 });
    expect(progress?.etaSeconds).toBeCloseTo(38);
  });
});

describe('readTimeline', () => {
  test('a start without a log shows scheduling, image pull and the container', () => {
    const { spans, phase, deadlineMs } = read('');
    expect(spans).toEqual([
      {
        phase: 'scheduling',
        startMs: Date.parse('2026-11-24T09:58:00Z'),
        endMs: Date.parse('2026-11-24T09:58:05Z'),
      },
      { phase: 'pulling image', startMs: Date.parse('2026-11-24T09:58:05Z'), endMs: startMs },
      { phase: 'starting', startMs },
    ]);
    expect(phase).toBe('starting');
    expect(deadlineMs).toBe(startMs + 2_700_000);
  });

  it.each([
    [
      'vLLM',
      healthyVllm,
      vllmMilestones,
      [
        'connecting',
        'loading weights',
        'preparing',
        'kernel warm-up',
        'compiling',
        'sizing cache',
        'capturing graphs',
        'serving',
      ],
    ],
    [
      'SGLang',
      healthySglang,
      sglangMilestones,
      [
        'connecting',
        'loading weights',
        'preparing',
        'sizing cache',
        'capturing graphs',
        'answering first requests',
        'serving',
      ],
    ],
  ] as const)(
    'a whole start of %s goes through every phase in order',
    (_, log, milestones, phases) => {
      const { spans, phase, stall, deadlineMs } = read(timed(log), {
        milestones,
        nowMs: startMs + 9_000_000,
      });
      expect(spans.map((span) => span.phase).slice(3)).toEqual(phases);
      expect(phase).toBe('serving');
      expect(stall).toBeUndefined();
      expect(deadlineMs).toBeUndefined();
    },
  );

  test('a pod that is ready serves, whatever its log still shows', () => {
    const { spans } = read(at(20, 'Loading safetensors checkpoint shards'), { pod: aStatus(true) });
    expect(spans.at(-1)).toEqual({
      phase: 'serving',
      startMs: Date.parse('2026-11-24T10:12:00Z'),
    });
  });

  test('the rate of loading and what is left follow from the files read so far', () => {
    const log = Array.from({ length: 61 }, (_, k) => shard(20 + 2 * k, k)).join('\n');
    const { progress } = read(log, { nowMs: startMs + 140_000 });
    expect(progress).toMatchObject({ phase: 'loading weights', done: 60, total: 163 });
    expect(progress?.perSecond).toBeCloseTo(0.5);
    expect(progress?.etaSeconds).toBeCloseTo(206);
    expect(progress?.etaErrorSeconds).toBeCloseTo(0);
  });

  test('an uneven pace makes the forecast less certain', () => {
    const even = Array.from({ length: 41 }, (_, k) => shard(20 + 2 * k, k)).join('\n');
    const uneven = Array.from({ length: 41 }, (_, k) =>
      shard(20 + 2 * k + (k % 2 === 0 ? 0 : 1.5), k),
    ).join('\n');
    const options = { nowMs: startMs + 100_000 };
    const calm = read(even, options).progress?.etaErrorSeconds ?? Number.NaN;
    const rough = read(uneven, options).progress?.etaErrorSeconds ?? Number.NaN;
    expect(rough).toBeGreaterThan(calm + 5);
  });

  test('the forecast holds in 19 of 20 random loads', () => {
    let held = 0;
    let tried = 0;
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.5, max: 6, noNaN: true }), { minLength: 163, maxLength: 163 }),
        fc.integer({ min: 20, max: 140 }),
        (seconds, seen) => {
          let second = 20;
          const points = [shard(second, 0)];
          for (const [k, step] of seconds.entries()) {
            second += step;
            points.push(shard(second, k + 1));
          }
          const total = second;
          const now = 20 + seconds.slice(0, seen).reduce((sum, step) => sum + step, 0);
          const { progress } = read(points.slice(0, seen + 1).join('\n'), {
            nowMs: startMs + now * 1000,
          });
          const error = Math.abs((progress?.etaSeconds ?? 0) - (total - now));
          tried += 1;
          if (error <= (progress?.etaErrorSeconds ?? 0) + 1) held += 1;
        },
      ),
      { numRuns: 300, seed: 7 },
    );
    expect(held / tried).toBeGreaterThan(0.9);
  });

  test('loading that stops is a stall long before the probe gives up', () => {
    const log = Array.from({ length: 31 }, (_, k) => shard(20 + 2 * k, k)).join('\n');
    const repeats = Array.from({ length: 5 }, (_, k) =>
      at(100 + 60 * k, 'No available shared memory broadcast block found in 60 seconds.'),
    ).join('\n');
    const { stall } = read(`${log}\n${repeats}`, { nowMs: startMs + 400_000 });
    expect(stall).toMatchObject({ sinceMs: startMs + 100_000, limitSeconds: 60 });
  });

  test('a notice that only counts on is no news', () => {
    const notices = Array.from({ length: 8 }, (_, k) =>
      at(60 + 60 * k, `Waited ${60 * k} s for the other ranks`),
    ).join('\n');
    const log = `${at(30, 'DeepGEMM warmup starts')}\n${notices}`;
    const { stall } = read(log, { nowMs: startMs + 650_000 });
    expect(stall).toMatchObject({ sinceMs: startMs + 60_000, limitSeconds: 540 });
  });

  test('a slow load may not be silent for longer than a phase that counts nothing', () => {
    const log = Array.from({ length: 6 }, (_, k) => shard(20 + 100 * k, k)).join('\n');
    expect(read(log, { nowMs: startMs + 1_000_000 }).stall).toBeUndefined();
    expect(read(log, { nowMs: startMs + 1_100_000 }).stall).toMatchObject({ limitSeconds: 540 });
  });

  test('a slow but steady load is no stall', () => {
    const log = Array.from({ length: 31 }, (_, k) => shard(20 + 30 * k, k)).join('\n');
    expect(read(log, { nowMs: startMs + 1_000_000 }).stall).toBeUndefined();
  });

  test('a silent phase may take a share of the budget', () => {
    const log = at(30, 'DeepGEMM warmup starts');
    expect(read(log, { nowMs: startMs + 500_000 }).stall).toBeUndefined();
    expect(read(log, { nowMs: startMs + 600_000 }).stall).toMatchObject({ limitSeconds: 540 });
  });

  test('a rank that is behind the others is named', () => {
    const log = [
      at(30, '(EngineCore_DP0 pid=1) INFO Model loading took 88.6 GiB memory'),
      at(31, '(EngineCore_DP1 pid=2) INFO Starting to load model /models/x'),
      at(32, '(EngineCore_DP10 pid=3) INFO Model loading took 88.6 GiB memory'),
    ].join('\n');
    expect(read(log).lagging).toEqual([{ rank: 'DP1', phase: 'loading weights' }]);
  });

  test('phases never run backwards, whatever the clocks and the log say', () => {
    const line = fc.constantFrom(...healthyVllm.split('\n'), ...healthySglang.split('\n'));
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: -300, max: 900 }), line)), (entries) => {
        const log = entries.map(([second, text]) => at(second, text)).join('\n');
        const { spans } = read(log);
        for (const [index, { startMs: begin, endMs }] of spans.entries()) {
          expect(endMs ?? begin).toBeGreaterThanOrEqual(begin);
          expect(begin).toBeGreaterThanOrEqual(spans[index - 1]?.startMs ?? 0);
        }
      }),
    );
  });
});
