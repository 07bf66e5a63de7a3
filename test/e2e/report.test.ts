import { execFileSync } from 'node:child_process';
import axe from 'axe-core';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderReport } from '../../src/ui/report/index.ts';
import { aReportFacts } from '../ui/report/a-report.ts';

/** Chromium of the distribution; `undefined` where none is installed. */
function findChromium(): string | undefined {
  for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
    try {
      return execFileSync('which', [name], { encoding: 'utf8' }).trim();
    } catch {
      // Not under this name.
    }
  }
  return undefined;
}

const executablePath = findChromium();
const install = 'apt-get install -y --no-install-recommends chromium';

if (executablePath === undefined && process.env['CI'] !== undefined) {
  throw new Error(`the report is tested in a browser: \`${install}\``);
}

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { html: string }[];
  }[];
}

const title =
  executablePath === undefined
    ? `a report in a real browser (skipped: \`${install}\`)`
    : 'a report in a real browser';

describe.skipIf(executablePath === undefined)(title, () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await chromium.launch({
      ...(executablePath === undefined ? {} : { executablePath }),
      // A container has no user namespaces for Chromium's own sandbox; the page is ours.
      args: ['--no-sandbox'],
    });
  }, 60_000);

  afterAll(async () => {
    await browser.close();
  });

  it.each([
    [360, 'light'],
    [360, 'dark'],
    [1280, 'light'],
    [1280, 'dark'],
  ] as const)(
    'is complete, accessible and silent at %i px in the %s look',
    async (width, colorScheme) => {
      const context = await browser.newContext({
        viewport: { width, height: 800 },
        colorScheme,
        // Our policy forbids scripts; axe is one, so that policy is checked apart, below.
        bypassCSP: true,
      });
      const page = await context.newPage();
      const requests: string[] = [];
      const errors: string[] = [];
      page.on('request', (request) => requests.push(request.url()));
      page.on('pageerror', (error) => errors.push(error.message));
      page.on('dialog', (dialog) => errors.push(dialog.message()));
      await page.setContent(renderReport(aReportFacts()), { waitUntil: 'load' });

      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      expect(await page.locator('h2').allTextContents()).toEqual([
        'First cause: weights-corrupt',
        'Topology',
        'Start-up timeline',
        'Findings in the logs',
        'Checks',
        'Versions',
        'Manifests',
      ]);
      expect(await page.locator('.pod').count()).toBe(4);
      expect(await page.locator('.ranks li').count()).toBe(32);
      expect(await page.locator('.gantt li svg').count()).toBe(4);
      await page.evaluate(
        'document.querySelectorAll("details").forEach((part) => { part.open = true; })',
      );
      await page.addScriptTag({ content: axe.source });
      const result = await page.evaluate<AxeResult>('axe.run()');
      expect(result.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`)).toEqual(
        [],
      );
      expect(requests.filter((url) => /^https?:/.test(url))).toEqual([]);
      expect(errors).toEqual([]);
      await context.close();
    },
    60_000,
  );

  it('runs nothing that a pod wrote, and needs no script', async () => {
    const page = await browser.newPage();
    const requests: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    page.on('dialog', (dialog) => requests.push(dialog.message()));
    await page.setContent(renderReport(aReportFacts()), { waitUntil: 'load' });
    expect(await page.locator('script, img, iframe, object').count()).toBe(0);
    expect(await page.getByText('onerror=alert(1)').first().isVisible()).toBe(true);
    expect(requests.filter((url) => !url.startsWith('data:'))).toEqual([]);
    await page.close();
  });
});
