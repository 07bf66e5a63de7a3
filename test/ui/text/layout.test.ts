import { describe, expect, test } from 'vitest';
import { planLayout } from '../../../src/layout/index.ts';
import type { GroupSpec } from '../../../src/spec/index.ts';
import { createStyle } from '../../../src/ui/style.ts';
import { renderLayout } from '../../../src/ui/text/layout.ts';
import { aGroup, aSpec } from '../../fixtures/a-spec.ts';

function textOf(group: Partial<GroupSpec>): string {
  const layout = planLayout(aSpec({ groups: [aGroup(group)] }));
  return renderLayout(layout, createStyle({ color: false, unicode: true, width: 200 }));
}

describe('renderLayout()', () => {
  test('calls what nobody has proven unproven', () => {
    expect(textOf({})).toMatch(/^ {2}unproven checked against .* \(NOT_RUN_ON_HARDWARE\)$/m);
  });

  test('shows the memory of a group that lacks some', () => {
    const text = textOf({ memoryUtilization: 0.2 });
    expect(text).toContain('Group main: does not fit');
    expect(text).toContain('memory of the fullest rank');
    expect(text).toContain('Does not fit: main.');
  });

  test('shows no memory beside a rule that has nothing to do with it', () => {
    const text = textOf({ extraArgs: ['--enable-dbo'] });
    expect(text).toContain('Group main: refused');
    expect(text).toContain('VLLM_DBO_BACKEND');
    expect(text).not.toContain('memory of the fullest rank');
    expect(text).toContain('Refused: main.');
    expect(text).not.toMatch(/does not fit/i);
  });

  test('shows where every part of the start-up budget comes from', () => {
    expect(textOf({})).toContain(
      '689.5 GB per node at 2.0 GB/s (readBandwidth) = 5m45s, then kernels and graphs 10m (assumed)',
    );
    expect(textOf({})).toContain('allow 50m, the minimum: 2 x (5m45s + 10m) = 31m30s is less');
  });
});
