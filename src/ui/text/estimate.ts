import type {
  EstimatedGroup,
  EstimateGroup,
  EstimateResult,
  EstimateRow,
  RefusedEstimate,
} from '../../actions/estimate/index.ts';
import type { Estimate } from '../../capacity/index.ts';
import { formatParallelism } from '../../layout/index.ts';
import { formatCount, formatGib } from '../../units/index.ts';
import { fields, joinBlocks, paragraph } from '../block.ts';
import type { Style } from '../style.ts';
import { table } from '../table.ts';
import { beyondLoadLines } from './beyond-load.ts';
import { boundMark } from './bound-mark.ts';
import { costBlocks } from './cost.ts';
import { searchBlocks } from './pareto.ts';

/** Renders speed, cost and search of every group. */
export function renderEstimate(result: EstimateResult, style: Style): string {
  const { profile } = result;
  return joinBlocks([
    ...result.groups.flatMap((group) => groupBlocks(group, result, style)),
    profile === undefined ? [] : [`Numbers of this site come from the profile ${profile}.`],
  ]);
}

function groupBlocks(group: EstimateGroup, result: EstimateResult, style: Style): string[][] {
  const own =
    group.kind === 'estimated'
      ? estimatedBlocks(group, result, style)
      : refusedBlocks(group, style);
  return [...own, ...(group.search === undefined ? [] : searchBlocks(group.search, style))];
}

function refusedBlocks({ name, reasons, binding }: RefusedEstimate, style: Style): string[][] {
  const { heading, bad } = style.paints;
  return [
    paragraph('does not fit, so it has no latency', {
      style,
      lead: `Group ${name}: `,
      paintLead: heading,
      paint: bad,
    }),
    reasons.flatMap(({ code, message, hint }) => [
      ...paragraph(message, { style, indent: 2, lead: `${code}  `, paintLead: bad }),
      ...paragraph(hint, { style, indent: 4, lead: `${style.symbols.arrow} ` }),
    ]),
    binding === undefined
      ? []
      : [
          ...paragraph(`${binding.term}, ${formatGib(binding.missingBytes)} missing on each rank`, {
            style,
            indent: 2,
          }),
          ...binding.fixes.flatMap(({ set }) =>
            paragraph(set, { style, indent: 4, lead: `${style.symbols.arrow} ` }),
          ),
        ],
  ];
}

function estimatedBlocks(
  group: EstimatedGroup,
  { workload }: EstimateResult,
  style: Style,
): string[][] {
  const { inputTokens, outputTokens, prefixHitRatio } = workload;
  const hit = prefixHitRatio > 0 ? `, ${Math.round(prefixHitRatio * 100)} % of prompts cached` : '';
  const mostLoaded = group.rows.toSorted((a, b) => b.concurrency - a.concurrency)[0];
  const copies = group.copies === 1 ? 'one copy' : `each of ${group.copies} copies`;
  return [
    [
      style.paints.heading(`Group ${group.name}`),
      ...fields(
        [
          ['model', group.model],
          ['engine', `${group.engine} ${group.release}`],
          [
            'layout',
            `${formatParallelism(group.parallelism)} on ${group.devices} x ${group.device}`,
          ],
          [
            'requests',
            `${formatCount(inputTokens)} tokens in, ${formatCount(outputTokens)} out${hit}`,
          ],
          ['numbers', `of ${copies}, which holds ${formatCount(group.kvTokensTotal)} tokens`],
        ],
        { style },
      ),
    ],
    group.choice.flatMap(({ message }) =>
      paragraph(message, { style, indent: 2, lead: 'chosen   ' }),
    ),
    speedTable(group.rows, style),
    waitingLines(group.rows, style),
    mostLoaded === undefined ? [] : beyondLoadLines(mostLoaded.tpotMs, style),
    sourceLines(group.rows, style),
    nearestLines(group.rows, style),
    ...costBlocks(group, style),
  ];
}

function speedTable(rows: readonly EstimateRow[], style: Style): string[] {
  const columns = [
    { header: 'requests', align: 'right' },
    { header: 'TTFT ms', align: 'right' },
    { header: 'TPOT ms', align: 'right' },
    { header: 'tokens/s', align: 'right' },
    { header: 'per device', align: 'right' },
    { header: 'basis' },
  ] as const;
  const cells = rows.map((row) => [
    { text: formatCount(row.concurrency) },
    { text: rangeText(row.ttftMs, 0) },
    { text: rangeText(row.tpotMs, 1) },
    { text: rangeText(row.outputTokensPerSecond, 0) },
    { text: rangeText(row.outputTokensPerSecondPerDevice, 1) },
    { text: row.tpotMs.label },
  ]);
  return table({ columns, rows: cells }, { style });
}

/** Middle with its range: `33.0 (30.2-36.1)`. */
function rangeText(estimate: Estimate, digits: number): string {
  const { p50, low, high } = estimate;
  const text = (value: number) => value.toFixed(digits);
  return `${boundMark(estimate)}${text(p50)} (${text(low)}-${text(high)})`;
}

function waitingLines(rows: readonly EstimateRow[], style: Style): string[] {
  return rows
    .filter(({ concurrency, inFlight }) => inFlight < concurrency)
    .flatMap(({ concurrency, inFlight, inFlightLimit }) =>
      paragraph(
        `of ${formatCount(concurrency)} requests ${formatCount(inFlight)} run at once: ${inFlightLimit === 'engine' ? 'the engine takes no more (maxSequences)' : 'the cache holds no more'}, and the rest waits`,
        { style, indent: 2, lead: 'note     ', paintLead: style.paints.warning },
      ),
    );
}

function sourceLines(rows: readonly EstimateRow[], style: Style): string[] {
  const sources = [...new Set(rows.map(({ tpotMs }) => `${tpotMs.label}: ${tpotMs.source}`))];
  return sources.flatMap((source) =>
    paragraph(source, { style, indent: 2, lead: 'source   ', paintLead: style.paints.muted }),
  );
}

/** Every measurement once, with what sets it apart from the row that it is nearest to. */
function nearestLines(rows: readonly EstimateRow[], style: Style): string[] {
  const nearestById = new Map<string, NonNullable<EstimateRow['nearestMeasured']>>();
  for (const { nearestMeasured: nearest } of rows) {
    const known = nearestById.get(nearest?.id ?? '');
    if (nearest === undefined || (known?.differs.length ?? Infinity) <= nearest.differs.length)
      continue;
    nearestById.set(nearest.id, nearest);
  }
  const texts = [...nearestById.values()].map(({ id, tpotMs, ttftMs, differs }) => {
    const times = [
      ...(ttftMs === undefined ? [] : [`TTFT ${ttftMs} ms`]),
      ...(tpotMs === undefined ? [] : [`TPOT ${tpotMs} ms`]),
    ].join(', ');
    const how = differs.length === 0 ? 'this very case' : `with ${differs.join(', ')}`;
    return `${id}: ${times} (${how})`;
  });
  return texts.flatMap((text) =>
    paragraph(text, { style, indent: 2, lead: 'measured ', paintLead: style.paints.muted }),
  );
}
