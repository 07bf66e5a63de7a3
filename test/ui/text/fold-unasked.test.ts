import { describe, expect, test } from 'vitest';
import type { Check } from '../../../src/health/index.ts';
import { foldUnasked } from '../../../src/ui/text/fold-unasked.ts';

function aCheck(id: string, overrides: Partial<Check> = {}): Check {
  const subject = 'Pod/llm/serve-0';
  return { id, level: 'answer', subject, outcome: 'unknown', detail: 'not asked', ...overrides };
}

describe('foldUnasked()', () => {
  test('tells a reason that several checks of a pod share once, where the first stands', () => {
    const checks = [aCheck('health', { outcome: 'failed' }), aCheck('a'), aCheck('b'), aCheck('c')];
    expect(foldUnasked(checks).map(({ id, detail }) => `${id}: ${detail}`)).toEqual([
      'health: not asked',
      'a: not asked; so with b, c',
    ]);
  });

  test.each<{ difference: string; overrides: Partial<Check> }>([
    { difference: 'have another reason', overrides: { detail: 'other' } },
    { difference: 'are of another pod', overrides: { subject: 'Pod/llm/serve-1' } },
    { difference: 'have a next step', overrides: { advice: 'Look.' } },
    { difference: 'hurt somebody', overrides: { impact: 'Requests fail.' } },
    { difference: 'failed', overrides: { outcome: 'failed' } },
    { difference: 'passed', overrides: { outcome: 'passed' } },
  ])('leaves checks alone that $difference', ({ overrides }) => {
    const checks = [aCheck('a'), aCheck('b'), aCheck('c', overrides)];
    expect(foldUnasked(checks)).toEqual(checks);
  });

  test('leaves two alone: a list of one says no less in two lines', () => {
    const checks = [aCheck('a'), aCheck('b')];
    expect(foldUnasked(checks)).toEqual(checks);
  });
});
