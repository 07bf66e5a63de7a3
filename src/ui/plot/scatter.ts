/** A point and the character that stands for it; later points cover earlier ones. */
export interface ScatterPoint {
  readonly x: number;
  readonly y: number;
  readonly mark: string;
}

export interface ScatterOptions {
  /** Columns, axis included. */
  readonly width: number;
  /** Rows of the plot area. */
  readonly height: number;
  readonly xLabel: string;
  readonly yLabel: string;
}

/** Draws points on two logarithmic axes with plain characters; coordinates must be above 0. */
export function scatter(points: readonly ScatterPoint[], options: ScatterOptions): string[] {
  const { width, height, xLabel, yLabel } = options;
  const y = scaleOf(points.map((point) => point.y));
  const margin = Math.max(axisText(y.low).length, axisText(y.high).length);
  const columns = Math.max(16, width - margin - 2);
  const x = scaleOf(points.map((point) => point.x));
  const grid = Array.from({ length: height }, () => new Array<string>(columns).fill(' '));
  for (const point of points) {
    const row = grid[height - 1 - Math.round(y.share(point.y) * (height - 1))];
    if (row !== undefined) row[Math.round(x.share(point.x) * (columns - 1))] = point.mark;
  }
  const lines = grid.map((row, index) => {
    const value = y.low * (y.high / y.low) ** (1 - index / (height - 1));
    const label = index % 4 === 0 || index === height - 1 ? axisText(value) : '';
    return `${label.padStart(margin)} |${row.join('')}`.trimEnd();
  });
  const left = axisText(x.low);
  const right = axisText(x.high);
  const between = columns - left.length - right.length;
  return [
    yLabel,
    ...lines,
    `${' '.repeat(margin)} +${'-'.repeat(columns)}`,
    `${' '.repeat(margin + 2)}${left}${centre(xLabel, between)}${right}`,
  ];
}

interface LogScale {
  readonly low: number;
  readonly high: number;
  /** Place of a value, 0 to 1. */
  readonly share: (value: number) => number;
}

function scaleOf(values: readonly number[]): LogScale {
  const low = Math.min(...values);
  const high = Math.max(Math.max(...values), low * 1.01);
  return { low, high, share: (value) => Math.log(value / low) / Math.log(high / low) };
}

function axisText(value: number): string {
  return value >= 10 ? value.toFixed(0) : value.toFixed(1);
}

function centre(text: string, width: number): string {
  const label = text.length > width - 2 ? '' : text;
  const before = Math.max(0, Math.floor((width - label.length) / 2));
  return `${' '.repeat(before)}${label}`.padEnd(width);
}
