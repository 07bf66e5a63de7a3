import type { SearchPoint, SearchReport } from '../../actions/estimate/index.ts';
import { layoutText } from '../text/pareto.ts';
import { seriesName } from './measured-series.ts';
import { type ParetoChart, paretoSvg } from './pareto-chart.ts';

/** A page with the charts and their numbers; one file, no script. */
export async function paretoHtml(charts: readonly ParetoChart[]): Promise<string> {
  const sections = await Promise.all(charts.map(sectionOf));
  const title = escapeHtml(charts.map((chart) => chart.title).join(', '));
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${title}</title>
<style>
  body { font: 14px/1.5 Helvetica, Arial, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
  svg { max-width: 100%; height: auto; }
  table { border-collapse: collapse; margin-bottom: 1.5rem; width: 100%; }
  caption { font-weight: bold; padding: 0.3rem 0; text-align: left; }
  th, td { border-bottom: 1px solid #ccc; padding: 0.3rem 0.6rem; text-align: right; }
  th:last-child, td:last-child { text-align: left; }
</style>
${sections.join('\n')}
</html>
`;
}

async function sectionOf(chart: ParetoChart): Promise<string> {
  const svg = await paretoSvg([chart], { showTitle: false });
  const { front, measured } = chart.search;
  return `<h1>${escapeHtml(chart.title)}</h1>
<p>${escapeHtml(chart.subtitle.join('; '))}</p>
<figure role="img" aria-label="${escapeHtml(chart.title)}">${svg}</figure>
${tableOf('Estimated front', 'layout', front.map(rowOf))}
${measured.length === 0 ? '' : tableOf('Published runs', 'run', measured.map(measuredRowOf))}`;
}

function tableOf(caption: string, last: string, rows: readonly (readonly string[])[]): string {
  const headers = ['tokens/s per device', 'TPOT ms', 'TTFT ms', 'requests', last];
  const lines = [
    `<tr>${headers.map((text) => `<th scope="col">${text}</th>`).join('')}</tr>`,
    ...rows.map(
      (cells) => `<tr>${cells.map((text) => `<td>${escapeHtml(text)}</td>`).join('')}</tr>`,
    ),
  ];
  return `<table>\n<caption>${caption}</caption>\n${lines.join('\n')}\n</table>`;
}

/** A rate that follows from the published times is marked. */
function measuredRowOf(point: SearchReport['measured'][number]): string[] {
  const { outputTokensPerSecondPerDevice, tpotMs, ttftMs, concurrency, rateFrom, source } = point;
  const rate = outputTokensPerSecondPerDevice.toFixed(0);
  return [
    rateFrom === 'times' ? `${rate} (from the times)` : rate,
    String(tpotMs),
    ttftMs === undefined ? '' : String(ttftMs),
    String(concurrency),
    `${seriesName(point)}, ${point.inputTokens} in, ${point.outputTokens} out; ${source}`,
  ];
}

function rowOf(point: SearchPoint): string[] {
  const { outputTokensPerSecondPerDevice, tpotMs, ttftMs, concurrency } = point;
  return [
    outputTokensPerSecondPerDevice.p50.toFixed(0),
    tpotMs.p50.toFixed(1),
    ttftMs.p50.toFixed(0),
    String(concurrency),
    layoutText(point),
  ];
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"]/g, (character) => entities[character] ?? character);
}
