import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatRanks } from '../../src/health/group/ranks.ts';
import {
  findCause,
  isReadyToAsk,
  judgeGroups,
  parseEvent,
  toReport,
  type Verdict,
  worstVerdict,
} from '../../src/health/index.ts';
import type { Layout } from '../../src/layout/index.ts';
import { aLayout, aLoadingPod, anEvent, aPlacedGroup, aPod, someFacts } from './builders.ts';

const verdicts: readonly Verdict[] = ['healthy', 'progressing', 'unknown', 'unhealthy'];

describe('worstVerdict()', () => {
  test('is unknown for nothing', () => {
    expect(worstVerdict([])).toBe('unknown');
  });

  test('is the last in the order healthy, progressing, unknown, unhealthy', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...verdicts), { minLength: 1 }), (drawn) => {
        const worst = Math.max(...drawn.map((verdict) => verdicts.indexOf(verdict)));
        expect(worstVerdict(drawn)).toBe(verdicts[worst]);
      }),
    );
  });
});

describe('formatRanks()', () => {
  test.each([
    { ranks: [], text: '' },
    { ranks: [3], text: '3' },
    { ranks: [0, 1, 2, 3, 4, 5, 6, 7], text: '0-7' },
    { ranks: [9, 0, 1, 8, 1], text: '0-1,8-9' },
  ])('formats $ranks as "$text"', ({ ranks, text }) => {
    expect(formatRanks(ranks)).toBe(text);
  });
});

describe('parseEvent()', () => {
  const pod = aPod();

  test('reads the count and time of either event API', () => {
    const old = anEvent(pod, { reason: 'FailedMount', message: 'x', count: 4 });
    const recent = {
      ...anEvent(pod, { reason: 'FailedMount', message: 'x' }),
      count: 0,
      lastTimestamp: null,
      eventTime: '2026-03-01T10:00:00.000000Z',
      series: { count: 4, lastObservedTime: '2026-03-01T10:07:00.000000Z' },
    };
    expect(parseEvent(old)).toMatchObject({ count: 4, lastSeen: '2026-03-01T10:00:00Z' });
    expect(parseEvent(recent)).toMatchObject({ count: 4, lastSeen: '2026-03-01T10:07:00.000000Z' });
  });

  test('refuses what is no event', () => {
    expect(parseEvent(pod)).toBeUndefined();
  });
});

describe('judgeGroups() and toReport()', () => {
  test('never call a deployment without groups healthy', () => {
    const layout: Layout = { ...aLayout(), groups: [] };
    const groups = judgeGroups(layout, () => someFacts(), 'none');
    expect(toReport(layout, groups).verdict).toBe('unknown');
    expect(isReadyToAsk(groups)).toBe(false);
  });

  test('leave a group without a place unknown, with the reasons', () => {
    const { spec } = aPlacedGroup();
    const reasons = [{ code: 'x', message: 'needs 4 nodes', hint: '', source: '' }];
    const layout: Layout = {
      ...aLayout(),
      groups: [{ kind: 'refused', name: 'main', spec, reasons }],
    };
    const report = toReport(
      layout,
      judgeGroups(layout, () => someFacts(), 'none'),
    );
    expect(report.verdict).toBe('unknown');
    expect(report.groups[0]?.checks[0]?.detail).toContain('needs 4 nodes');
  });

  test('give a report that survives JSON', () => {
    const layout = aLayout();
    const report = toReport(
      layout,
      judgeGroups(layout, () => someFacts(), 'quick'),
    );
    expect(report.verdict).toBe('healthy');
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });
});

describe('findCause()', () => {
  const layout = aLayout();
  const causeOf = (facts: Parameters<typeof someFacts>[0]) =>
    findCause(judgeGroups(layout, () => someFacts(facts), 'quick'));

  test('finds none in a healthy group', () => {
    expect(causeOf({})).toBeUndefined();
  });

  test('blames the pod before the checks that sum it up', () => {
    const value = [aPod(), aLoadingPod({ worker: 1 })];
    expect(causeOf({ pods: { kind: 'read', value } })).toMatchObject({
      code: 'loading',
      subject: 'Pod/deepseek/deepseek-main-0-1',
      ranks: '8-15',
      node: 'node-0-1',
    });
  });

  test.each([
    { reason: 'crash-loop', code: 'network-policy' },
    { reason: 'not-ready', code: 'network-policy' },
    { reason: 'image-pull', code: 'image-pull' },
    { reason: 'out-of-memory', code: 'out-of-memory' },
  ] as const)('blames $code where policies cut the ranks and a pod is in $reason', (row) => {
    const [group] = judgeGroups(layout, () => someFacts(), 'none');
    const [first, ...others] = group?.pods ?? [];
    if (group === undefined || first === undefined) throw new Error('the layout has no pod');
    const pods = [{ ...first, verdict: 'unhealthy', reason: row.reason } as const, ...others];
    const checks = group.checks.map((check) =>
      check.id === 'network-policy' ? ({ ...check, outcome: 'failed' } as const) : check,
    );
    expect(findCause([{ ...group, verdict: 'unhealthy', pods, checks }])?.code).toBe(row.code);
  });

  test('blames the check when every pod is well', () => {
    expect(causeOf({ probes: new Map() })).toMatchObject({ code: 'http-health' });
    const leaderWorkerSet = { kind: 'read', value: undefined } as const;
    expect(causeOf({ leaderWorkerSet })).toMatchObject({
      code: 'lws-available',
      subject: 'LeaderWorkerSet/deepseek/deepseek-main',
    });
  });
});
