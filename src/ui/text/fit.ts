import type { BindingTerm, Fit, FitGroup, HostCheck } from '../../actions/fit/index.ts';
import type { MemoryTerm, RankMemory } from '../../capacity/index.ts';
import { formatCount, formatGib } from '../../units/index.ts';
import { fields, joinBlocks, paragraph } from '../block.ts';
import type { Style } from '../style.ts';
import { table } from '../table.ts';
import { layoutBlocks } from './layout.ts';
import { memoryBar } from './memory-bar.ts';

export interface RenderFitOptions {
  /** Prints where every number comes from. */
  readonly explain: boolean;
}

/** Renders who runs what with the proof that it fits, or what stands against it. */
export function renderFit(fit: Fit, style: Style, options: RenderFitOptions): string {
  const blocks = fit.groups.flatMap((group) => [
    ...layoutBlocks({ ...fit, groups: [group] }, style),
    ...fitBlocks(group, style, options),
  ]);
  const profile =
    fit.profile === undefined ? [] : [`Numbers of this site come from the profile ${fit.profile}.`];
  return joinBlocks([...blocks, profile, verdict(fit, style)]);
}

function fitBlocks(group: FitGroup, style: Style, { explain }: RenderFitOptions): string[][] {
  const { memory, binding, host } = group;
  return [
    memory === undefined ? [] : memoryBar(memory, whoText(group), style),
    capacityBlock(group, style),
    binding === undefined ? [] : fixLines(binding, style),
    logLines(group, style),
    hostTable(host, style),
    explain && memory !== undefined ? sourceTable(memory, style) : [],
    explain ? hostSources(host, style) : [],
  ];
}

/** The bar is of the fullest rank; all are alike but the stages of a pipeline. */
function whoText({ parallel }: FitGroup): string {
  if (parallel === undefined) return 'the fullest rank';
  const { tensor, data, pipeline } = parallel;
  const ranks = tensor * data * pipeline;
  if (pipeline > 1) return `the fullest of ${pipeline} stages, ${tensor * data} ranks each`;
  return ranks === 1 ? 'the only rank' : `each of ${ranks} ranks`;
}

function capacityBlock({ sequences, kvTokensTotal }: FitGroup, style: Style): string[] {
  if (sequences === undefined || kvTokensTotal === undefined) return [];
  const counts = Object.entries<number>({ ...sequences }).map(
    ([size, count]) => `${formatCount(count)} of ${size}`,
  );
  return fields([['holds at once', counts.join(', ')]], { style });
}

function fixLines({ fixes }: BindingTerm, style: Style): string[] {
  if (fixes.length === 0) {
    return paragraph('No single setting makes it fit: it takes more devices.', {
      style,
      indent: 2,
    });
  }
  return [
    ...paragraph('any one of these makes it fit:', { style, indent: 2 }),
    ...fixes.flatMap(({ set }) =>
      paragraph(set, { style, indent: 4, lead: `${style.symbols.arrow} ` }),
    ),
  ];
}

function logLines({ expectedLogLines = [], memoryFits }: FitGroup, style: Style): string[] {
  if (expectedLogLines.length === 0 || memoryFits !== true) return [];
  return [
    ...paragraph('the log of its start will say:', { style, indent: 2 }),
    ...expectedLogLines.flatMap(({ text, tolerance }) =>
      paragraph(`${text}  (${toleranceText(tolerance)})`, { style, indent: 4 }),
    ),
  ];
}

function toleranceText(tolerance: number | undefined): string {
  if (tolerance === undefined) return 'no published log to compare with';
  // Rounded up, but not for a last bit of the arithmetic.
  return `within ${Math.ceil(tolerance * 100 - 1e-9)} %`;
}

function hostTable(host: readonly HostCheck[], style: Style): string[] {
  const { bad, warning, muted } = style.paints;
  const columns = [
    { header: 'one pod needs' },
    { header: 'amount', align: 'right' },
    { header: 'spec has', align: 'right' },
    { header: 'verdict' },
  ] as const;
  const rows = host.map((check) => {
    const { name, amount, given, verdict: found, kind } = check;
    const short = kind === 'required' ? bad : warning;
    const paint = found === 'too little' ? short : muted;
    return [
      { text: name },
      { text: amountText(amount, check) },
      { text: given === undefined ? '-' : amountText(given, check) },
      { text: `${found} (${kind}, ${check.label})`, paint },
    ];
  });
  return table({ columns, rows }, { style });
}

function amountText(amount: number, { unit }: HostCheck): string {
  return unit === 'bytes' ? formatGib(amount) : String(amount);
}

function sourceTable(memory: RankMemory, style: Style): string[] {
  const terms = [...memory.weights, ...memory.overheads, ...memory.peaks];
  const columns = [
    { header: 'GiB', align: 'right' },
    { header: 'basis' },
    { header: 'where it comes from' },
  ] as const;
  const rows = terms.map(({ name, bytes, label, source }: MemoryTerm) => [
    { text: formatGib(bytes).replace(' GiB', '') },
    { text: label },
    { text: `${name}: ${source}` },
  ]);
  return table({ columns, rows }, { style });
}

function hostSources(host: readonly HostCheck[], style: Style): string[] {
  return fields(
    host.map(({ name, source }) => [name, source] as const),
    { style },
  );
}

function verdict({ fits, groups }: Fit, { paints }: Style): string[] {
  if (fits) return [paints.good('Fits.')];
  const names = groups.filter((group) => !group.fits).map(({ name }) => name);
  const memoryFits = groups.every((group) => group.fits || group.memoryFits === true);
  const why = memoryFits ? ' Its memory would fit; a rule stands against it.' : '';
  return [paints.bad(`Does not fit: ${names.join(', ')}.${why}`)];
}
