import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatRanks, parseRanks } from '../../../src/health/group/ranks.ts';

describe('parseRanks()', () => {
  test('reads what formatRanks() wrote', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 200 })), (ranks) => {
        expect(parseRanks(formatRanks(ranks))).toEqual(ranks.toSorted((a, b) => a - b));
      }),
    );
  });
});
