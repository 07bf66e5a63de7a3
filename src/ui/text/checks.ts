import type { Check, CheckSummary } from '../../health/index.ts';
import { paragraph } from '../block.ts';
import type { Style } from '../style.ts';
import { foldUnasked } from './fold-unasked.ts';

type Paint = (text: string) => string;

/** Checks of one kind with one outcome from which on they share a line. */
const foldFrom = 5;

/** Sign of a check that was skipped: it is neither good nor bad. */
const skippedSymbol = '-';

/** Renders checks, with what a user notices and the next step under whatever did not pass. */
export function checksLines(checks: readonly Check[], style: Style): string[] {
  const folded = foldUnasked(foldChecks(checks));
  const { passed, failed, pending, unknown } = style.symbols;
  const symbolWidth = Math.max(...[passed, failed, pending, unknown].map(({ length }) => length));
  const idWidth = Math.max(0, ...folded.map(({ id }) => id.length));
  return folded.flatMap((check) => checkLines(check, { style, symbolWidth, idWidth }));
}

/** Counts of checks as the end of a sentence: `, 12 checks done, 1 failed, 3 skipped`. */
export function checkCounts({ done, failed, pending, unknown, skipped }: CheckSummary): string {
  const counts = [
    ...(failed === 0 ? [] : [`${String(failed)} failed`]),
    ...(pending === 0 ? [] : [`${String(pending)} pending`]),
    ...(unknown === 0 ? [] : [`${String(unknown)} unknown`]),
    ...(skipped === 0 ? [] : [`${String(skipped)} skipped`]),
  ];
  return [`, ${String(done)} checks done`, ...counts].join(', ');
}

/** Puts the same good news of many pods on one line, where the first of them stands. */
function foldChecks(checks: readonly Check[]): readonly Check[] {
  const groups = Map.groupBy(
    checks,
    ({ id, outcome, warning }) => `${id} ${outcome} ${warning === undefined ? '' : 'warned'}`,
  );
  return [...groups.values()].flatMap((same) => {
    const [first] = same;
    const isQuiet =
      (first?.outcome === 'passed' || first?.outcome === 'skipped') && first.warning === undefined;
    return first !== undefined && isQuiet && same.length >= foldFrom ? [fold(first, same)] : same;
  });
}

function fold(first: Check, same: readonly Check[]): Check {
  const { id, level, outcome, detail } = first;
  const durations = same.flatMap(({ durationMs }) => durationMs ?? []);
  const subject = `${String(same.length)} times, first ${first.subject}`;
  const base = { id, level, outcome, subject, detail };
  return durations.length === 0 ? base : { ...base, durationMs: Math.max(...durations) };
}

interface CheckOptions {
  readonly style: Style;
  readonly symbolWidth: number;
  readonly idWidth: number;
}

function checkLines(check: Check, { style, symbolWidth, idWidth }: CheckOptions): string[] {
  const { symbol, paint } = outcomeLook(check.outcome, style);
  const took =
    check.durationMs === undefined ? '' : ` (${String(Math.round(check.durationMs))} ms)`;
  const text = `${check.subject}: ${check.detail}${took}`;
  const lead = `${symbol.padEnd(symbolWidth)} ${check.id.padEnd(idWidth)}  `;
  const lines = paragraph(text, { style, indent: 2, lead, paintLead: paint });
  const isQuiet = check.outcome === 'passed' || check.outcome === 'skipped';
  if (isQuiet && check.warning === undefined) return lines;
  const arrow = `${style.symbols.arrow} `;
  const { warning } = style.paints;
  return [
    ...lines,
    ...(check.warning === undefined
      ? []
      : paragraph(check.warning, { style, indent: 6, lead: 'slow: ', paintLead: warning })),
    ...(check.impact === undefined
      ? []
      : paragraph(check.impact, { style, indent: 6, lead: 'users: ', paintLead: paint })),
    ...(check.advice === undefined
      ? []
      : paragraph(check.advice, { style, indent: 6, lead: arrow })),
  ];
}

function outcomeLook(outcome: Check['outcome'], { symbols, paints }: Style) {
  const looks = {
    passed: { symbol: symbols.passed, paint: paints.good },
    failed: { symbol: symbols.failed, paint: paints.bad },
    pending: { symbol: symbols.pending, paint: paints.warning },
    unknown: { symbol: symbols.unknown, paint: paints.warning },
    skipped: { symbol: skippedSymbol, paint: paints.muted },
  } as const satisfies Record<Check['outcome'], { symbol: string; paint: Paint }>;
  return looks[outcome];
}
