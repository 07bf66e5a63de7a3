import { describe, expect, test } from 'vitest';
import type { Message } from '../../../src/actions/message.ts';
import type { PodTimeline } from '../../../src/health/index.ts';
import { createPlainHost } from '../../../src/ui/host/plain-host.ts';
import { renderLive } from '../../../src/ui/host/terminal-host.ts';
import { createStyle } from '../../../src/ui/style.ts';
import { renderPhase, slowestStart } from '../../../src/ui/text/phase.ts';
import { FakeOutput } from '../../commands/fake-context.ts';
import { aReportFacts } from '../report/a-report.ts';

const style = createStyle({ color: false, unicode: false, width: undefined });

function aTimeline(overrides: Partial<PodTimeline> = {}): PodTimeline {
  return {
    pod: 'deepseek-main-1',
    groupIndex: 1,
    workerIndex: 0,
    ranks: '0-7',
    spans: [],
    phase: 'loading weights',
    lagging: [],
    ...overrides,
  };
}

const progress = {
  phase: 'loading weights',
  done: 60,
  total: 163,
  perSecond: 0.5,
  etaSeconds: 206,
  etaErrorSeconds: 9.6,
} as const;

function waiting(elapsedSeconds: number, phases: readonly PodTimeline[]): Message {
  const { groups } = aReportFacts().report;
  return { code: 'WAIT_PROGRESS', level: 'info', elapsedSeconds, groups, phases };
}

describe('renderPhase()', () => {
  test.each([
    ['a silent phase', aTimeline({ phase: 'compiling' }), 'compiling'],
    [
      'counted steps with rate and what is left',
      aTimeline({ progress }),
      'loading weights 60/163, 1 per 2.0 s, 3m26s +/- 10s left',
    ],
    [
      'a fast, certain pace',
      aTimeline({ progress: { ...progress, perSecond: 3.14, etaErrorSeconds: 0.2 } }),
      'loading weights 60/163, 3.1/s, 3m26s left',
    ],
    [
      'ranks behind the others',
      aTimeline({
        phase: 'preparing',
        lagging: [
          { rank: 'DP3', phase: 'loading weights' },
          { rank: 'DP5', phase: 'loading weights' },
        ],
      }),
      'preparing, DP3 and 1 more still loading weights',
    ],
    [
      'no progress',
      aTimeline({ stall: { sinceMs: 0, seconds: 300, limitSeconds: 60 } }),
      'loading weights, no progress for 5m',
    ],
  ])('tells of %s', (_, timeline, text) => {
    expect(renderPhase(timeline)).toBe(text);
  });

  test('the slowest start is the earliest phase, then the stalled one, then the least done', () => {
    const pods = [
      aTimeline({ pod: 'serves', phase: 'serving' }),
      aTimeline({ pod: 'compiles', phase: 'compiling' }),
      aTimeline({ pod: 'loads', progress }),
      aTimeline({ pod: 'behind', progress: { ...progress, done: 20 } }),
    ];
    expect(slowestStart(pods)?.pod).toBe('behind');
    const stall = { sinceMs: 0, seconds: 300, limitSeconds: 60 };
    expect(slowestStart([...pods, aTimeline({ pod: 'stalled', stall })])?.pod).toBe('stalled');
    expect(slowestStart([aTimeline({ phase: 'serving' })])).toBeUndefined();
  });
});

describe('hosts show the start while they wait', () => {
  test('plain lines tell of a new phase and of a stall, not of every file', () => {
    const output = new FakeOutput();
    const host = createPlainHost({ output, style });
    host.notify(waiting(10, [aTimeline({ progress })]));
    host.notify(waiting(15, [aTimeline({ progress: { ...progress, done: 63 } })]));
    host.notify(waiting(20, [aTimeline({ phase: 'compiling' })]));
    const lines = output.text.trim().split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain('deepseek-main-1: loading weights 60/163');
    expect(lines[1]).toContain('deepseek-main-1: compiling');
  });

  test('the live view shows the phase of each pod that is not ready', () => {
    const message = waiting(10, [aTimeline({ progress })]);
    expect(renderLive(message, { style, lead: '', seconds: 0 })).toContain(
      'loading weights 60/163, 1 per 2.0 s',
    );
  });
});
