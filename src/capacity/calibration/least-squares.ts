/** One equation `sum(coefficients x unknowns) = target`. */
export interface Equation {
  readonly coefficients: readonly number[];
  readonly target: number;
  /** What an error is relative to: the whole observation, of which `target` may be a part. */
  readonly scale: number;
}

/** Allowed range of an unknown. */
export type Bounds = readonly [low: number, high: number];

/**
 * Solves equations in the least-squares sense, each relative to its scale, within bounds.
 *
 * Bounded by projected coordinate descent: few unknowns, so a fixed number of sweeps converges.
 */
export function solveRelative(equations: readonly Equation[], bounds: readonly Bounds[]): number[] {
  const scaled = equations.map(({ coefficients, target, scale }) => ({
    row: coefficients.map((value) => value / scale),
    target: target / scale,
  }));
  const unknowns = bounds.map(([low]) => low);
  const sweeps = 4000;
  for (let sweep = 0; sweep < sweeps; sweep += 1) {
    bounds.forEach(([low, high], index) => {
      const best = bestValue(scaled, unknowns, index);
      if (best !== undefined) unknowns[index] = Math.min(high, Math.max(low, best));
    });
  }
  return unknowns;
}

interface ScaledRow {
  readonly row: readonly number[];
  readonly target: number;
}

/** Minimum over one unknown with the others held; undefined when no equation holds it. */
function bestValue(
  rows: readonly ScaledRow[],
  unknowns: readonly number[],
  index: number,
): number | undefined {
  let numerator = 0;
  let denominator = 0;
  for (const { row, target } of rows) {
    const own = row[index] ?? 0;
    const others = row.reduce(
      (sum, value, place) => (place === index ? sum : sum + value * (unknowns[place] ?? 0)),
      0,
    );
    numerator += own * (target - others);
    denominator += own * own;
  }
  return denominator === 0 ? undefined : numerator / denominator;
}
