import { describe, expect, test } from 'vitest';
import { expectedSpeed, findSlow } from '../../../src/health/index.ts';
import { aLayout, aPlacedGroup } from '../builders.ts';

const layout = aLayout();
const group = aPlacedGroup(layout);
const expectedTtftMs = { p50: 300, low: 200, high: 500, label: 'extrapolated' } as const;
const expectedOutputTokensPerSecond = { p50: 60, low: 40, high: 90, label: 'measured' } as const;
const expected = { expectedTtftMs, expectedOutputTokensPerSecond };

describe('expectedSpeed()', () => {
  test('tells of one request how fast it is to be answered, with a band and a label', () => {
    const speed = expectedSpeed(layout.spec, group, 0);
    for (const range of [speed?.expectedTtftMs, speed?.expectedOutputTokensPerSecond]) {
      expect(range?.low).toBeGreaterThan(0);
      expect(range?.p50).toBeGreaterThanOrEqual(range?.low ?? 0);
      expect(range?.high).toBeGreaterThanOrEqual(range?.p50 ?? 0);
      expect(['measured', 'interpolated', 'extrapolated']).toContain(range?.label);
    }
  });

  test('expects less of a group that serves others meanwhile', () => {
    const alone = expectedSpeed(layout.spec, group, 0)?.expectedOutputTokensPerSecond?.p50 ?? 0;
    const busy = expectedSpeed(layout.spec, group, 500)?.expectedOutputTokensPerSecond?.p50 ?? 0;
    expect(busy).toBeLessThan(alone);
  });
});

describe('findSlow()', () => {
  test.each([
    { ttftMs: 400, outputTokensPerSecond: 55, slow: undefined },
    { ttftMs: 2_000, outputTokensPerSecond: 21, slow: undefined },
    { ttftMs: 2_001, outputTokensPerSecond: 55, slow: 'first word took 2001 ms' },
    { ttftMs: 400, outputTokensPerSecond: 19, slow: '19 tokens/s came' },
    { ttftMs: 1, outputTokensPerSecond: 9_999, slow: undefined },
  ])('$ttftMs ms and $outputTokensPerSecond tokens/s: $slow', ({ slow, ...measured }) => {
    const found = findSlow({ ...measured, ...expected });
    if (slow === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(slow);
  });

  test('says nothing where nothing is expected', () => {
    expect(findSlow({ ttftMs: 60_000, outputTokensPerSecond: 1 })).toBeUndefined();
  });
});
