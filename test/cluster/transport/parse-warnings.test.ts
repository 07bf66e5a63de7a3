import { describe, expect, test } from 'vitest';
import { parseWarnings } from '../../../src/cluster/transport/parse-warnings.ts';

describe('parseWarnings()', () => {
  test.each([
    [undefined, []],
    ['', []],
    ['299 - "one"', ['one']],
    ['299 - "one, with comma", 299 - "two"', ['one, with comma', 'two']],
    [
      ['299 - "one"', '299 k8s.io "two"'],
      ['one', 'two'],
    ],
    ['299 - "says \\"hello\\" \\\\ bye"', ['says "hello" \\ bye']],
    ['rubbish', []],
  ])('of %j is %j', (header, expected) => {
    expect(parseWarnings(header)).toEqual(expected);
  });
});
