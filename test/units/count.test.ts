import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatCount, formatEach } from '../../src/units/index.ts';

test('formatCount() writes integers as English does', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e15, max: 1e15 }), (value) => {
      expect(formatCount(value)).toBe(value.toLocaleString('en-US'));
    }),
  );
});

test.each([
  [0, '0'],
  [999.9, '999'],
  [1000, '1,000'],
  [1_234_567, '1,234,567'],
])('formatCount() writes %d as %s', (value, text) => {
  expect(formatCount(value)).toBe(text);
});

test.each([
  [1, '1 node'],
  [2, 'each of 2 nodes'],
])('formatEach(%i) says %s', (count, text) => {
  expect(formatEach(count, 'node')).toBe(text);
});
