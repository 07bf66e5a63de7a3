import type { MemoryTerm, RankMemory } from '../../capacity/index.ts';
import { formatCount, formatGib, gibibyte } from '../../units/index.ts';
import { paragraph } from '../block.ts';
import type { Style } from '../style.ts';
import { type Cell, table } from '../table.ts';

/** Renders the memory of the fullest rank as a subtraction that a reader can redo. */
export function renderMemory(memory: RankMemory, style: Style): string[] {
  const { deviceBytes, utilization, budgetBytes, kvBytesPerRank } = memory;
  const budget = `budget: ${String(utilization)} of ${formatGib(deviceBytes)}`;
  const rows: Cell[][] = [
    [{ text: gib(budgetBytes) }, { text: '' }, { text: budget }],
    ...memory.weights.map((term) => termRow(term, 'weights')),
    ...memory.overheads.map((term) => termRow(term, 'overhead')),
    restRow(kvBytesPerRank, 'left for the KV cache', style),
    ...peakRows(memory, style),
  ];
  const columns = [
    { header: 'GiB', align: 'right' },
    { header: 'basis' },
    { header: 'memory of the fullest rank' },
  ] as const;
  return [...table({ columns, rows }, { style }), ...bindingLines(memory, style)];
}

// What an engine allocates while serving and does not count when it sizes the cache.
function peakRows({ deviceBytes, budgetBytes, peaks }: RankMemory, style: Style): Cell[][] {
  if (peaks.length === 0) return [];
  const outside = deviceBytes - budgetBytes;
  const rest = peaks.reduce((left, { bytes }) => left - bytes, outside);
  return [
    [{ text: gib(outside) }, { text: '' }, { text: 'outside the budget' }],
    ...peaks.map((term) => termRow(term, 'peak')),
    restRow(rest, 'spare at the peak', style),
  ];
}

function restRow(bytes: number, meaning: string, { paints }: Style): Cell[] {
  const isShort = bytes < 0;
  return [
    { text: gib(bytes), paint: isShort ? paints.bad : paints.good },
    { text: '' },
    { text: isShort ? 'missing' : meaning, paint: paints.heading },
  ];
}

function bindingLines({ binding }: RankMemory, style: Style): string[] {
  if (binding === undefined) return [];
  const text = `${binding.term}, ${formatGib(binding.missingBytes)} missing`;
  return paragraph(text, { style, indent: 2, lead: 'does not fit: ', paintLead: style.paints.bad });
}

/** Rows that tell what the remaining memory buys. */
export function kvCapacityRows(memory: RankMemory): (readonly [label: string, value: string])[] {
  const perToken = `${formatCount(memory.kvBytesPerToken)} bytes each`;
  const context = formatCount(memory.contextTokens);
  const sequences = formatCount(memory.fullContextSequencesPerGroup);
  return [
    ['KV tokens', `${formatCount(memory.kvTokensPerRank)} per rank, ${perToken}`],
    ['', `${formatCount(memory.kvTokensPerGroup)} per group`],
    ['sequences', `${sequences} at once at full context (${context} tokens)`],
  ];
}

function termRow(term: MemoryTerm, group: 'weights' | 'overhead' | 'peak'): Cell[] {
  return [
    { text: `-${gib(term.bytes)}` },
    { text: term.label },
    { text: `${group}: ${term.name}` },
  ];
}

function gib(bytes: number): string {
  return (bytes / gibibyte).toFixed(2);
}
