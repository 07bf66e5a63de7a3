import type { ReportFacts } from '../../actions/evidence/report-facts.ts';
import type { Check, Finding, HealthCause } from '../../health/index.ts';
import { formatRef } from '../../manifest/index.ts';
import { foldUnasked } from '../text/fold-unasked.ts';
import { type Html, html, prose } from './html.ts';
import { outcomeBadge } from './verdict-badge.ts';

/** What stands in the way, and what shows it. */
export function causeSection({ report }: ReportFacts): Html | undefined {
  const { cause } = report;
  if (cause === undefined) return undefined;
  const { signature, message, impact, advice, events, logLines } = cause;
  return html`<section class="cause ${report.verdict}" aria-labelledby="cause"><h2 id="cause">First cause: ${signature?.code ?? cause.code}</h2>
<p class="lead">${message}</p>
<p>${whereText(cause)}</p>
${impact === undefined ? undefined : html`<p><b>Users notice</b> ${impact}</p>`}
${advice === undefined ? undefined : html`<p class="next"><b>Next step</b> ${prose(advice)}</p>`}
${signature === undefined ? undefined : html`<h3>What shows it</h3>${lineBlock(signature.lines)}${sourceText(signature.source)}`}
${events.length === 0 ? undefined : html`<h3>Events</h3>${lineBlock(events)}`}
${logLines.length === 0 ? undefined : html`<details${signature === undefined ? html` open` : undefined}><summary>Last lines of its log</summary>${lineBlock(logLines)}</details>`}
</section>`;
}

function whereText({ group, subject, ranks, node, signature }: HealthCause): string {
  const rank = signature?.rank ?? '';
  return [
    subject,
    `group ${group}`,
    ...(ranks === undefined ? [] : [`ranks ${ranks}`]),
    ...(rank === '' ? [] : [`written by ${rank}`]),
    ...(node === undefined ? [] : [`node ${node}`]),
  ].join(', ');
}

function sourceText(source: string): Html {
  const url = source.split(' ', 1)[0] ?? '';
  return html`<p class="muted">Known from <a href="${url}" rel="noreferrer">${source}</a></p>`;
}

function lineBlock(lines: readonly string[]): Html {
  return html`<pre>${lines.join('\n')}</pre>`;
}

/** Known failures in any log, also those that only slow a group down. */
export function findingsSection({ report }: ReportFacts): Html | undefined {
  const { findings } = report;
  if (findings === undefined) return undefined;
  const body =
    findings.length === 0
      ? html`<p>No known failure in the log of any pod.</p>`
      : html`<ol class="findings">${findings.map(findingItem)}</ol>`;
  return html`<section aria-labelledby="findings"><h2 id="findings">Findings in the logs</h2>${body}</section>`;
}

const weightTexts = {
  fatal: 'ends the engine',
  vague: 'ends the engine',
  echo: 'another pod failed',
  degraded: 'slower than planned',
} as const satisfies Record<Finding['weight'], string>;

function findingItem(finding: Finding): Html {
  const { code, weight, meaning, nextStep, source, pod, node, rank, lines } = finding;
  const where = [
    pod,
    ...(rank === '' ? [] : [rank]),
    ...(node === undefined ? [] : [`node ${node}`]),
  ];
  return html`<li><h3>${code} <span class="tag">${weightTexts[weight]}</span></h3><p>${meaning}</p><p class="muted">${where.join(', ')}</p><p class="next"><b>Next step</b> ${prose(nextStep)}</p>${lineBlock(lines)}${sourceText(source)}</li>`;
}

const outcomeOrder = {
  failed: 0,
  unknown: 1,
  pending: 2,
  skipped: 3,
  passed: 4,
} as const satisfies Record<Check['outcome'], number>;

/** Every check, those that need somebody first. */
export function checksSection({ report }: ReportFacts): Html {
  const checks = report.groups
    .flatMap((group) => group.checks)
    .toSorted((a, b) => outcomeOrder[a.outcome] - outcomeOrder[b.outcome]);
  const isQuiet = ({ outcome, warning }: Check): boolean =>
    outcome === 'passed' && warning === undefined;
  const open = foldUnasked(checks.filter((check) => !isQuiet(check)));
  const passed = checks.filter(isQuiet);
  return html`<section aria-labelledby="checks"><h2 id="checks">Checks</h2>
<p class="muted">${countText(checks)}</p>
${checkList(open)}
${passed.length === 0 ? undefined : html`<details><summary>${passed.length} passed</summary>${checkList(passed)}</details>`}
</section>`;
}

function countText(checks: readonly Check[]): string {
  const outcomes = Object.keys(outcomeOrder).map((outcome) => {
    const count = checks.filter((check) => check.outcome === outcome).length;
    return count === 0 ? undefined : `${String(count)} ${outcome}`;
  });
  return outcomes.filter((text) => text !== undefined).join(', ') || 'none was made';
}

function checkList(checks: readonly Check[]): Html | undefined {
  if (checks.length === 0) return undefined;
  const items = checks.map(
    ({ id, level, subject, outcome, detail, impact, warning, advice }) =>
      html`<li><p>${outcomeBadge(outcome)} <b>${id}</b> <span class="tag">${level}</span></p><p>${detail}</p><p class="muted">${subject}</p>${
        impact === undefined || outcome === 'passed'
          ? undefined
          : html`<p><b>Users notice</b> ${impact}</p>`
      }${warning === undefined ? undefined : html`<p><b>Slow</b> ${warning}</p>`}${
        advice === undefined || (outcome === 'passed' && warning === undefined)
          ? undefined
          : html`<p class="next"><b>Next step</b> ${prose(advice)}</p>`
      }</li>`,
  );
  return html`<ul class="checks">${items}</ul>`;
}

/** Versions of everything involved. */
export function versionsSection({ versions }: ReportFacts): Html {
  const rows = versions.map(
    ({ what, version }) => html`<div><dt>${what}</dt><dd>${version}</dd></div>`,
  );
  return html`<section aria-labelledby="versions"><h2 id="versions">Versions</h2><dl>${rows}</dl></section>`;
}

/** Desired objects by digest, for comparing two reports. */
export function manifestsSection({ manifests }: ReportFacts): Html | undefined {
  if (manifests.length === 0) return undefined;
  const rows = manifests.map(
    ({ ref, sha256 }) => html`<div><dt>${formatRef(ref)}</dt><dd><code>${sha256}</code></dd></div>`,
  );
  return html`<section aria-labelledby="manifests"><h2 id="manifests">Manifests</h2><details><summary>${manifests.length === 1 ? '1 object' : `${String(manifests.length)} objects`}, SHA-256 of each</summary><dl class="digests">${rows}</dl></details></section>`;
}
