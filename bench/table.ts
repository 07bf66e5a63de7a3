/** One measured value beside what it may be at most. */
export interface Row {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** @default - nothing to hold it against */
  readonly target?: number;
  readonly note?: string;
}

/** Prints rows with targets and says whether all are met; a missed one sets the exit code. */
export function printRows(title: string, rows: readonly Row[]): void {
  console.log(`\n${title}`);
  const cells = rows.map(({ what, value, unit, target, note = '' }) => [
    what,
    `${round(value)} ${unit}`,
    target === undefined ? '' : `<= ${round(target)} ${unit}`,
    target === undefined ? '' : value <= target ? 'met' : 'MISSED',
    note,
  ]);
  const all = [['', 'measured', 'target', '', ''], ...cells];
  const widths = [0, 1, 2, 3].map((at) => Math.max(...all.map((row) => row[at]?.length ?? 0)));
  for (const row of all) {
    console.log(`  ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')}`.trimEnd());
  }
  if (rows.some(({ value, target }) => target !== undefined && value > target)) {
    process.exitCode = 1;
  }
}

function round(value: number): string {
  return value >= 100 ? value.toFixed(0) : String(Math.round(value * 100) / 100);
}

/** The middle of some numbers. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** The value that a share of some numbers does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}
