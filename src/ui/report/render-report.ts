import type { ReportFacts } from '../../actions/evidence/report-facts.ts';
import { formatTime, timelineSection } from './gantt.ts';
import { Html, html } from './html.ts';
import {
  causeSection,
  checksSection,
  findingsSection,
  manifestsSection,
  versionsSection,
} from './sections.ts';
import { styleSheet } from './style-sheet.ts';
import { topologySection } from './topology.ts';
import { verdictBadge } from './verdict-badge.ts';

/**
 * Renders health as one page that needs nothing else: no network, no script, no file beside it. Its
 * own policy forbids any request, whatever text from a cluster it shows.
 */
export function renderReport(facts: ReportFacts): string {
  const { report, readAtMs } = facts;
  const { name, namespace } = report.deployment;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>${name}: ${report.verdict}</title>
<style>${new Html(styleSheet)}</style>
</head>
<body>
<header><h1>${name} ${verdictBadge(report.verdict)}</h1>
<p class="muted">Namespace ${namespace}, read ${formatTime(readAtMs)} UTC${waitText(facts)}</p></header>
<main>
${causeSection(facts)}
${topologySection(facts)}
${timelineSection(facts)}
${findingsSection(facts)}
${checksSection(facts)}
${versionsSection(facts)}
${manifestsSection(facts)}
</main>
<footer><p>Made by dsdeploy. API keys known to it are masked.</p></footer>
</body>
</html>
`;
  return page.markup;
}

function waitText({ report }: ReportFacts): string {
  if (report.wait === undefined) return '';
  const { ended, elapsedSeconds } = report.wait;
  return `; the wait ended ${ended} after ${String(elapsedSeconds)} s`;
}
