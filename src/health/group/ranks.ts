/** Formats rank numbers as ranges, for example `0-7` or `0-3,8`; empty for none. */
export function formatRanks(ranks: readonly number[]): string {
  const ranges: { first: number; last: number }[] = [];
  for (const rank of [...new Set(ranks)].toSorted((a, b) => a - b)) {
    const open = ranges.at(-1);
    if (open !== undefined && rank === open.last + 1) open.last = rank;
    else ranges.push({ first: rank, last: rank });
  }
  return ranges
    .map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`))
    .join(',');
}

/** Reads what `formatRanks` wrote. */
export function parseRanks(text: string): readonly number[] {
  return text.split(',').flatMap((range) => {
    const [first = Number.NaN, last = first] = range.split('-').map(Number);
    if (range === '' || Number.isNaN(first)) return [];
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}
