import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { solveRelative } from '../../../src/capacity/calibration/least-squares.ts';
import { communicationSeconds } from '../../../src/capacity/time/communication.ts';
import { waveWaitSeconds } from '../../../src/capacity/time/wave-wait.ts';
import { accelerator, cut, r1 } from '../catalog-rows.ts';

describe('solveRelative()', () => {
  test('recovers unknowns of exact equations inside their bounds', () => {
    const unknown = fc.double({ min: 0.1, max: 10, noNaN: true });
    fc.assert(
      fc.property(unknown, unknown, (a, b) => {
        const equations = [1, 2, 5, 9].map((x) => {
          const target = a + b * x;
          return { coefficients: [1, x], target, scale: target };
        });
        const [first, second] = solveRelative(equations, [
          [0, 20],
          [0, 20],
        ]);
        expect(first).toBeCloseTo(a, 3);
        expect(second).toBeCloseTo(b, 3);
      }),
      { numRuns: 20 },
    );
  });

  test('stays within bounds', () => {
    const equations = [{ coefficients: [1], target: 5, scale: 5 }];
    expect(solveRelative(equations, [[0, 2]])).toEqual([2]);
  });
});

describe('waveWaitSeconds()', () => {
  test.each([
    { what: 'one request', requests: 1, service: 1, window: 1, expected: 0 },
    { what: 'no work', requests: 8, service: 0, window: 1, expected: 0 },
    { what: 'ample time', requests: 4, service: 0.01, window: 100, expected: 0 },
    { what: 'all at once', requests: 100, service: 1, window: 0, expected: 50.4 },
    { what: 'work that just fits', requests: 100, service: 1, window: 100, expected: 4.5 },
  ])('$what: $expected s', ({ requests, service, window, expected }) => {
    expect(waveWaitSeconds(requests, service, window)).toBeCloseTo(expected, 1);
  });

  test('grows with requests and shrinks with the window', () => {
    const positive = fc.double({ min: 0.01, max: 10, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 500 }), positive, positive, (n, service, window) => {
        const wait = waveWaitSeconds(n, service, window);
        expect(waveWaitSeconds(n + 1, service, window)).toBeGreaterThanOrEqual(wait * 0.999);
        expect(waveWaitSeconds(n, service, window * 2)).toBeLessThanOrEqual(wait * 1.001);
      }),
    );
  });
});

describe('communicationSeconds()', () => {
  const milliseconds = (tensor: number, data: number, tokens: number) =>
    1e3 *
    communicationSeconds(
      { model: r1, accelerator: accelerator('h800'), layout: cut(tensor, data), kvLayout: 'bf16' },
      tokens,
    );

  test.each([
    { ranks: 8, expected: 11.1 },
    { ranks: 32, expected: 24.8 },
  ])(
    '128 tokens on each of $ranks expert ranks take $expected ms a step',
    ({ ranks, expected }) => {
      // The published sums are over 58 layers; links of the 8-rank case are those of the table.
      const seen = milliseconds(1, ranks, 128 * ranks);
      expect(Math.abs(seen / expected - 1)).toBeLessThan(0.2);
    },
  );

  test('one rank alone sends nothing', () => {
    expect(milliseconds(1, 1, 64)).toBe(0);
  });
});
