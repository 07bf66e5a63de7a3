import { inferencexMeasurements } from './inferencex.ts';
import type { MeasurementRow } from './measurement.ts';
import { publishedMeasurements } from './published.ts';

export type { LayoutClass, MeasurementRow } from './measurement.ts';

/** Published measurements that estimates are calibrated on, compared with, or quoted from. */
export const measurements: readonly MeasurementRow[] = [
  ...inferencexMeasurements,
  ...publishedMeasurements,
];
