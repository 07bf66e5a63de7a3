import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { html, prose } from '../../../src/ui/report/html.ts';
import { renderReport } from '../../../src/ui/report/index.ts';
import { aReportFacts, hostile } from './a-report.ts';

describe('html', () => {
  test('escapes every value that is not markup', () => {
    expect(html`<b title="${'"x'}">${'<&>'}</b>`.markup).toBe(
      '<b title="&quot;x">&lt;&amp;&gt;</b>',
    );
    expect(html`<i>${html`<b>ok</b>`}${[html`1`, html`2`]}${undefined}</i>`.markup).toBe(
      '<i><b>ok</b>12</i>',
    );
  });

  test('no text can open or close a tag or an attribute', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(html`${text}`.markup).not.toMatch(/[<>"']/);
      }),
    );
  });

  test('what stands between backticks is code', () => {
    expect(html`${prose('Run `a <b>` now')}`.markup).toBe('Run <code>a &lt;b&gt;</code> now');
  });
});

describe('renderReport', () => {
  test('equal facts give an equal page', () => {
    expect(renderReport(aReportFacts())).toBe(renderReport(aReportFacts()));
  });

  test('holds hostile text only escaped', () => {
    const page = renderReport(aReportFacts());
    expect(page).not.toContain(hostile);
    expect(page).not.toMatch(/<script|<img|\son\w+="/);
    expect(page).toContain('&lt;script&gt;');
  });

  test('a rank that hangs is marked, though Kubernetes calls its pod ready', () => {
    const [group] = aReportFacts().report.groups;
    if (group === undefined) throw new Error('the fixture has no group');
    const hangs = {
      id: 'rank-answers',
      level: 'engine',
      subject: 'Pod/deepseek/deepseek-main-0',
      outcome: 'failed',
      detail: 'rank 11 does not answer',
      impact: 'A part of all requests hangs.',
      ranks: '11',
    } as const;
    const page = renderReport(aReportFacts({ groups: [{ ...group, checks: [hangs] }] }));
    const card = (pod: string) =>
      page.split('<li class="pod ').find((part) => part.includes(`<b>${pod}</b>`)) ?? '';
    expect(card('deepseek-main-0-1')).toMatch(/^unhealthy/);
    expect(card('deepseek-main-0-1')).toContain('not passed: rank-answers');
    expect(card('deepseek-main-0-1').match(/<li class="unhealthy" title="rank (\d+)/g)).toEqual([
      '<li class="unhealthy" title="rank 11',
    ]);
    expect(card('deepseek-main-0')).toMatch(/^healthy/);
    expect(page).toContain('<b>Users notice</b> A part of all requests hangs.');
  });

  test('a healthy deployment has no cause, and says that nothing was found', () => {
    const { cause, ...rest } = aReportFacts().report;
    expect(cause).toBeDefined();
    const facts = {
      ...aReportFacts(),
      report: { ...rest, findings: [], verdict: 'healthy' as const },
    };
    const page = renderReport(facts);
    expect(page).not.toContain('First cause');
    expect(page).toContain('No known failure in the log of any pod.');
  });
});
