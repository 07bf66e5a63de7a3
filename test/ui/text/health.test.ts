import { describe, expect, test } from 'vitest';
import { createStyle } from '../../../src/ui/style.ts';
import { renderHealth } from '../../../src/ui/text/health.ts';
import { aHealthReport } from '../fixtures.ts';

const style = createStyle({ color: false, unicode: false, width: 200 });

function firstLine(report: typeof aHealthReport): string | undefined {
  return renderHealth(report, style).split('\n')[0];
}

describe('the log under a cause', () => {
  const [group] = aHealthReport.groups;
  const { cause } = aHealthReport;
  if (group === undefined || cause === undefined) throw new Error('the report has no cause');
  const name = cause.subject.split('/').at(-1);
  const shown = (verdict: 'healthy' | 'unhealthy') => {
    const pods = group.pods.map((pod) => (pod.name === name ? { ...pod, verdict } : pod));
    const logLines = Array.from({ length: 20 }, (_, line) => `line ${line}`);
    const report = {
      ...aHealthReport,
      groups: [{ ...group, pods }],
      cause: { ...cause, logLines },
    };
    return renderHealth(report, style).match(/(?<=log {2}\| ).*/g);
  };

  test('of a pod that ended is shown as far as it was read', () => {
    expect(shown('unhealthy')).toHaveLength(20);
  });

  test('of a pod that runs well is its end', () => {
    expect(shown('healthy')).toEqual(['line 17', 'line 18', 'line 19']);
  });
});

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
