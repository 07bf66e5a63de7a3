import type { SearchPoint, SearchReport } from '../actions/estimate/index.ts';
import { formatParallelism } from '../layout/index.ts';
import { formatCount } from '../units/index.ts';
import { paragraph } from './block.ts';
import { scatter } from './plot/scatter.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';

/** The blocks of a search: what was chosen and why, the front as a plot and as a table. */
export function searchBlocks(search: SearchReport, style: Style): string[][] {
  const { front, counts } = search;
  const tried = `${counts.enumerated} layouts tried on ${search.nodes === 1 ? '1 node' : `${search.nodes} nodes`}, ${counts.legal} legal, ${counts.fitting} fit`;
  return [
    [
      ...paragraph(`Search for ${objectiveText(search)}`, { style, paint: style.paints.heading }),
      ...paragraph(tried, { style, indent: 2 }),
    ],
    outcomeLines(search, style),
    front.length < 2 ? [] : plotLines(search, style),
    front.length === 0 ? [] : frontTable(search, style),
  ];
}

function objectiveText({ objective }: SearchReport): string {
  if (typeof objective === 'string') return objective;
  const { tpotMs, ttftMs, concurrency } = objective;
  return [
    ...(tpotMs === undefined ? [] : [`TPOT up to ${tpotMs} ms`]),
    ...(ttftMs === undefined ? [] : [`TTFT up to ${ttftMs} ms`]),
    `${concurrency} requests in flight`,
  ].join(', ');
}

function outcomeLines(search: SearchReport, style: Style): string[] {
  const { outcome, chosen, current, missedByFactor } = search;
  const { good, bad, warning } = style.paints;
  if (outcome === 'none-fits' || chosen === undefined) {
    return paragraph('No legal layout fits these nodes.', { style, indent: 2, paint: bad });
  }
  const missed = `nothing keeps the limits; this misses them least, by a factor of ${(missedByFactor ?? 1).toFixed(2)}: `;
  const found = outcome === 'found';
  return [
    ...paragraph(`${found ? '' : missed}${pointText(chosen)}`, {
      style,
      indent: 2,
      lead: found ? 'best     ' : 'nearest  ',
      paintLead: found ? good : warning,
    }),
    ...(current === undefined
      ? []
      : paragraph(`${pointText(current)} (at its best for throughput)`, {
          style,
          indent: 2,
          lead: 'the spec ',
        })),
  ];
}

function pointText(point: SearchPoint): string {
  const { tpotMs, ttftMs, concurrency, outputTokensPerSecond } = point;
  return (
    `${layoutText(point)}: ${formatCount(outputTokensPerSecond)} tokens/s with ${formatCount(concurrency)} requests in flight, ` +
    `TPOT ${tpotMs.p50.toFixed(1)} ms, TTFT ${ttftMs.p50.toFixed(0)} ms (${tpotMs.label})`
  );
}

/** `2 x TP2 x DP4 + EP8, fp8 cache, MTP 1`. */
export function layoutText({
  parallelism,
  copies,
  kvCache,
  mtpTokens,
  nodesPerCopy,
}: SearchPoint): string {
  const times = copies === 1 ? '' : `${copies} copies of `;
  const nodes = nodesPerCopy === 1 ? '1 node' : `${nodesPerCopy} nodes`;
  const drafts = mtpTokens === 0 ? '' : `, MTP ${mtpTokens}`;
  return `${times}${formatParallelism(parallelism)} on ${nodes}, ${kvCache} cache${drafts}`;
}

function plotLines({ front, chosen }: SearchReport, style: Style): string[] {
  const points = front.map((point) => ({ ...axesOf(point), mark: 'o' }));
  const marked = chosen === undefined ? points : [...points, { ...axesOf(chosen), mark: '@' }];
  return scatter(marked, {
    width: Math.min(72, (style.width ?? 76) - 4),
    height: 14,
    xLabel: 'tokens/s of one sequence',
    yLabel: 'tokens/s per device',
  }).map((line) => `  ${line}`.trimEnd());
}

function axesOf(point: SearchPoint): { readonly x: number; readonly y: number } {
  return {
    x: point.outputTokensPerSecondPerUser,
    y: point.outputTokensPerSecondPerDevice.p50,
  };
}

function frontTable({ front }: SearchReport, style: Style): string[] {
  const columns = [
    { header: 'per device', align: 'right' },
    { header: 'TPOT ms', align: 'right' },
    { header: 'TTFT ms', align: 'right' },
    { header: 'requests', align: 'right' },
    { header: 'layout' },
  ] as const;
  const rows = front.map((point) => [
    { text: point.outputTokensPerSecondPerDevice.p50.toFixed(0) },
    { text: point.tpotMs.p50.toFixed(1) },
    { text: point.ttftMs.p50.toFixed(0) },
    { text: formatCount(point.concurrency) },
    { text: layoutText(point) },
  ]);
  return table({ columns, rows }, { style });
}
