import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scatter } from '../../src/ui/plot/scatter.ts';

const options = { width: 40, height: 5, xLabel: 'speed', yLabel: 'rate' };

describe('scatter()', () => {
  test('puts the smallest point at the lower left and the largest at the upper right', () => {
    const lines = scatter(
      [
        { x: 1, y: 10, mark: 'a' },
        { x: 100, y: 1000, mark: 'b' },
      ],
      options,
    );
    expect(lines[1]).toMatch(/^1000 \| +b$/);
    expect(lines[5]).toBe('  10 |a');
    expect(lines.at(-1)).toMatch(/1\.0 +speed +100/);
  });

  test('draws every mark inside the width, whatever the points', () => {
    const value = fc.double({ min: 0.1, max: 1e6, noNaN: true });
    const points = fc.array(fc.record({ x: value, y: value }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(points, (some) => {
        const lines = scatter(
          some.map((point) => ({ ...point, mark: '@' })),
          options,
        );
        expect(lines.join('\n')).toContain('@');
        expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(options.width);
      }),
    );
  });
});
