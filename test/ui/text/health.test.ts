import { describe, expect, test } from 'vitest';
import { createStyle } from '../../../src/ui/style.ts';
import { renderHealth } from '../../../src/ui/text/health.ts';
import { aHealthReport } from '../fixtures.ts';

const style = createStyle({ color: false, unicode: false, width: 200 });

function firstLine(report: typeof aHealthReport): string | undefined {
  return renderHealth(report, style).split('\n')[0];
}

describe('the first line of health', () => {
  const [group] = aHealthReport.groups;
  if (group === undefined) throw new Error('the report has no group');

  test('tells the verdict of an only group', () => {
    expect(firstLine({ ...aHealthReport, groups: [group] })).toMatch(
      `Group ${group.group}: ${group.verdict}, `,
    );
  });

  test('tells the worst of several groups, and each', () => {
    const groups = [
      { ...group, group: 'one', verdict: 'healthy' },
      { ...group, group: 'two', verdict: 'unhealthy' },
    ] as const;
    expect(firstLine({ ...aHealthReport, verdict: 'unhealthy', groups })).toBe(
      `Deployment ${aHealthReport.deployment.name}: unhealthy (one healthy, two unhealthy)`,
    );
  });
});
