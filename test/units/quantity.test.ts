import { describe, expect, test } from 'vitest';
import { formatQuantity, parseQuantity } from '../../src/units/index.ts';

describe('parseQuantity()', () => {
  test.each([
    ['32', 32],
    ['500m', 0.5],
    ['1.5', 1.5],
    ['.5', 0.5],
    ['1e3', 1000],
    ['2E3', 2000],
    ['2E', 2e18],
    ['512Gi', 512 * 2 ** 30],
    ['14Ti', 14 * 2 ** 40],
    ['1k', 1000],
    ['100u', 1e-4],
    ['-1', -1],
    [8, 8],
  ])('reads %s as %d', (text, amount) => {
    expect(parseQuantity(text)).toBeCloseTo(amount, 9);
  });

  test.each(['', 'many', '1 Gi', '1KB', '1gi'])('refuses "%s"', (text) => {
    expect(parseQuantity(text)).toBeUndefined();
  });
});

describe('formatQuantity()', () => {
  test.each([
    ['memory', 512 * 2 ** 30, '512Gi'],
    ['limits.memory', 2 ** 29, '0.5Gi'],
    ['ephemeral-storage', 2 ** 40, '1024Gi'],
    ['nvidia.com/gpu', 8, '8'],
    ['cpu', 1.25, '1.25'],
  ])('shows %s of %d as %s', (resource, amount, text) => {
    expect(formatQuantity(resource, amount)).toBe(text);
  });
});
