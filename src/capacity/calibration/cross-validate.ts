import type { TimeConstants } from '../../catalog/index.ts';
import { fitTimeConstants, predictRow, type TimedRow } from './calibrate-time.ts';

/** Relative errors of one predicted row; positive when the prediction is too slow. */
export interface RowError {
  readonly id: string;
  readonly tpot: number | undefined;
  readonly ttft: number | undefined;
}

export interface ErrorSummary {
  readonly rows: readonly RowError[];
  /** Mean absolute relative errors. */
  readonly tpotMape: number;
  /** Of rows that are not saturated. */
  readonly ttftMape: number;
}

/** Fits on `train` and scores on `score`, of which no row may be in `train`. */
export function scoreHeldOut(train: readonly TimedRow[], score: readonly TimedRow[]): ErrorSummary {
  return scoreConstants(score, fitTimeConstants(train));
}

/** How well constants predict rows, whatever they were fitted to. */
export function scoreConstants(rows: readonly TimedRow[], constants: TimeConstants): ErrorSummary {
  return summarize(rows.map((timed) => rowError(timed, predictRow(timed, constants))));
}

/** Fits on all rows but one and scores on that one, for each in turn. */
export function leaveOneOut(rows: readonly TimedRow[]): ErrorSummary {
  const errors = rows.flatMap((timed) => {
    const others = rows.filter((other) => other !== timed);
    return scoreHeldOut(others, [timed]).rows;
  });
  return summarize(errors);
}

function rowError(
  { row }: TimedRow,
  predicted: { readonly tpotMs: number; readonly ttftMs: number },
): RowError {
  const relative = (value: number, observed: number | undefined) =>
    observed === undefined ? undefined : value / observed - 1;
  return {
    id: row.id,
    tpot: relative(predicted.tpotMs, row.tpotMs),
    ttft: row.saturated ? undefined : relative(predicted.ttftMs, row.ttftMs),
  };
}

export function summarize(rows: readonly RowError[]): ErrorSummary {
  return {
    rows,
    tpotMape: meanAbsolute(rows.map(({ tpot }) => tpot)),
    ttftMape: meanAbsolute(rows.map(({ ttft }) => ttft)),
  };
}

function meanAbsolute(values: readonly (number | undefined)[]): number {
  const known = values.filter((value) => value !== undefined);
  return known.reduce((sum, value) => sum + Math.abs(value), 0) / Math.max(1, known.length);
}
