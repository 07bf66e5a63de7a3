import type { SearchPoint, SearchReport } from '../../actions/estimate/index.ts';
import { formatParallelism } from '../../layout/index.ts';
import { formatCount } from '../../units/index.ts';
import { paragraph } from '../block.ts';
import { measuredSeries } from '../plot/measured-series.ts';
import { scatter } from '../plot/scatter.ts';
import type { Style } from '../style.ts';
import { table } from '../table.ts';
import { beyondLoadLines } from './beyond-load.ts';
import { boundMark } from './bound-mark.ts';

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
    changeLines(search, style),
    front.length < 2 ? [] : plotLines(search, style),
    front.length === 0 ? [] : frontTable(search, style),
    front.length === 0 ? [] : measuredLines(search, style),
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
    ...beyondLoadLines(chosen.tpotMs, style),
    ...(found ? paragraph(reasonText(search), { style, indent: 2, lead: 'because  ' }) : []),
    ...(current === undefined
      ? []
      : paragraph(`${pointText(current)} (at its best for throughput)`, {
          style,
          indent: 2,
          lead: 'the spec ',
        })),
  ];
}

function reasonText({ objective, counts, tpotLimitMs }: SearchReport): string {
  const of = `of ${counts.fitting} that fit; within 2 % the smallest copies win`;
  if (objective === 'throughput') {
    const limit = tpotLimitMs === undefined ? '' : ` at up to ${tpotLimitMs} ms TPOT`;
    return `most output tokens per second${limit} ${of}; objective: { tpotMs: ..., concurrency: ... } sets other limits`;
  }
  if (objective === 'latency') {
    return `least time between tokens with one request in each copy, ${of}`;
  }
  return `keeps the limits on the fewest nodes, and gives most tokens per second there, ${of}`;
}

function pointText(point: SearchPoint): string {
  const { tpotMs, ttftMs, concurrency } = point;
  return (
    `${layoutText(point)}: ${rateText(point)} with ${formatCount(concurrency)} requests in flight, ` +
    `TPOT ${boundMark(tpotMs)}${tpotMs.p50.toFixed(1)} ms, TTFT ${boundMark(ttftMs)}${ttftMs.p50.toFixed(0)} ms (${tpotMs.label})`
  );
}

/** Rate of all copies with its range: `64,292 tokens/s (8,120-509,000)`. */
function rateText({
  outputTokensPerSecond: rate,
  outputTokensPerSecondPerDevice: perDevice,
}: SearchPoint): string {
  const { p50, low, high } = perDevice;
  const text = (value: number) => formatCount(Math.round((value * rate) / p50));
  return `${boundMark(perDevice)}${text(p50)} tokens/s (${text(low)}-${text(high)})`;
}

function changeLines({ changes, chosen }: SearchReport, style: Style): string[] {
  if (chosen === undefined) return [];
  return changes.flatMap(({ change, best }) => {
    const factor = best.outputTokensPerSecond / chosen.outputTokensPerSecond;
    return paragraph(`${change}: x ${factor.toFixed(2)} tokens/s, ${pointText(best)}`, {
      style,
      indent: 2,
      lead: 'with     ',
      paintLead: style.paints.muted,
    });
  });
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

function plotLines(search: SearchReport, style: Style): string[] {
  const { front, chosen, current, measured } = search;
  const points = [
    ...measured.map((point) => ({ ...axesOfMeasured(point), mark: 'x' })),
    ...front.map((point) => ({ ...axesOf(point), mark: 'o' })),
    ...(current === undefined ? [] : [{ ...axesOf(current), mark: 's' }]),
    ...(chosen === undefined ? [] : [{ ...axesOf(chosen), mark: '@' }]),
  ];
  const legend = [
    'o front',
    ...(chosen === undefined ? [] : ['@ best']),
    ...(current === undefined ? [] : ['s the spec']),
    ...(measured.length === 0 ? [] : ['x published run']),
  ];
  const plot = scatter(points, {
    width: Math.min(72, (style.width ?? 76) - 4),
    height: 14,
    xLabel: 'tokens/s of one sequence',
    yLabel: 'tokens/s per device',
  });
  return [
    ...plot.map((line) => `  ${line}`.trimEnd()),
    ...paragraph(legend.join(', '), { style, indent: 2 }),
  ];
}

function axesOfMeasured(point: SearchReport['measured'][number]) {
  return { x: point.outputTokensPerSecondPerUser, y: point.outputTokensPerSecondPerDevice };
}

/** What stands behind the crosses: one line for each engine, model and layout. */
function measuredLines({ measured }: SearchReport, style: Style): string[] {
  if (measured.length === 0) {
    const none = 'no run on this device with prompts and answers of about these lengths';
    return paragraph(none, { style, indent: 2, lead: 'published ' });
  }
  return measuredSeries(measured).flatMap(({ name, source, points }) =>
    paragraph(`${name}, ${loadText(points)}; ${source}`, {
      style,
      indent: 2,
      lead: 'published ',
      paintLead: style.paints.muted,
    }),
  );
}

function loadText(points: SearchReport['measured']): string {
  const range = (values: readonly number[]) => {
    const ends = [Math.min(...values), Math.max(...values)].map((value) =>
      formatCount(Math.round(value)),
    );
    return [...new Set(ends)].join(' to ');
  };
  const loads = range(points.map(({ concurrency }) => concurrency));
  const rates = range(points.map((point) => point.outputTokensPerSecondPerDevice));
  return `${loads} requests in flight: ${rates} tokens/s per device`;
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
    {
      text: `${boundMark(point.outputTokensPerSecondPerDevice)}${point.outputTokensPerSecondPerDevice.p50.toFixed(0)}`,
    },
    { text: `${boundMark(point.tpotMs)}${point.tpotMs.p50.toFixed(1)}` },
    { text: `${boundMark(point.ttftMs)}${point.ttftMs.p50.toFixed(0)}` },
    { text: formatCount(point.concurrency) },
    { text: layoutText(point) },
  ]);
  return table({ columns, rows }, { style });
}
