/** Formats integers as ranges, for example `0-7` or `0-3,8`. */
export function formatNumberRanges(numbers: readonly number[]): string {
  const ranges: { first: number; last: number }[] = [];
  for (const value of new Set(numbers.toSorted((a, b) => a - b))) {
    const current = ranges.at(-1);
    if (current !== undefined && value === current.last + 1) current.last = value;
    else ranges.push({ first: value, last: value });
  }
  return ranges
    .map(({ first, last }) => (first === last ? String(first) : `${String(first)}-${String(last)}`))
    .join(',');
}
