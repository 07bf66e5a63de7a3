import type { SearchPoint } from '../../actions/estimate/index.ts';
import { layoutText } from '../render-pareto.ts';
import { type ParetoChart, paretoSvg } from './pareto-chart.ts';

/** A page with the chart and its numbers; one file, no script. */
export async function paretoHtml(chart: ParetoChart): Promise<string> {
  const svg = await paretoSvg({ ...chart, showTitle: false });
  const rows = chart.search.front.map(rowOf).join('\n');
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${escapeHtml(chart.title)}</title>
<style>
  body { font: 14px/1.5 Helvetica, Arial, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
  svg { max-width: 100%; height: auto; }
  table { border-collapse: collapse; width: 100%; }
  th, td { border-bottom: 1px solid #ccc; padding: 0.3rem 0.6rem; text-align: right; }
  th:last-child, td:last-child { text-align: left; }
</style>
<h1>${escapeHtml(chart.title)}</h1>
<p>${escapeHtml(chart.subtitle)}</p>
<figure role="img" aria-label="${escapeHtml(chart.title)}">${svg}</figure>
<table>
<tr><th>tokens/s per device</th><th>TPOT ms</th><th>TTFT ms</th><th>requests</th><th>layout</th></tr>
${rows}
</table>
</html>
`;
}

function rowOf(point: SearchPoint): string {
  const { outputTokensPerSecondPerDevice, tpotMs, ttftMs, concurrency } = point;
  const cells = [
    outputTokensPerSecondPerDevice.p50.toFixed(0),
    tpotMs.p50.toFixed(1),
    ttftMs.p50.toFixed(0),
    String(concurrency),
    layoutText(point),
  ];
  return `<tr>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`;
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
