import type { SearchReport } from '../../actions/estimate/index.ts';
import { formatParallelism } from '../../layout/index.ts';

type Measured = SearchReport['measured'][number];

/** Published runs of one engine, model and layout from one source. */
export interface MeasuredSeries {
  /** `sglang 0.5.9, DeepSeek-R1, TP8`. */
  readonly name: string;
  readonly source: string;
  readonly points: readonly Measured[];
}

/** Groups published runs that belong together, in the order of the catalog. */
export function measuredSeries(measured: readonly Measured[]): MeasuredSeries[] {
  const groups = new Map<string, Measured[]>();
  for (const point of measured) {
    const key = `${seriesName(point)}\n${point.source}`;
    groups.set(key, [...(groups.get(key) ?? []), point]);
  }
  return [...groups.values()].flatMap((points) => {
    const [first] = points;
    return first === undefined ? [] : [{ name: seriesName(first), source: first.source, points }];
  });
}

export function seriesName({
  engine,
  release,
  model,
  layout,
  mtpTokens,
  saturated,
}: Measured): string {
  const parts = [
    release === undefined ? engine : `${engine} ${release}`,
    model.slice(model.indexOf('/') + 1),
    formatParallelism(layout),
    ...(mtpTokens === 0 ? [] : [`MTP ${mtpTokens}`]),
    ...(saturated ? ['saturated'] : []),
  ];
  return parts.join(', ');
}
