import {
  findAccelerator,
  type LayoutClass,
  type TimeConstantsRow,
  timeConstants,
} from '../../catalog/index.ts';
import type { WeightSharding } from '../memory/weights.ts';
import type { Placement } from '../time/step-work.ts';

/** Something the calibration does not cover, and what it adds to the relative width of a band. */
export interface StepBeyond {
  readonly from: string;
  readonly width: number;
  /**
   * What it adds to the slow side alone.
   *
   * @default 0
   */
  readonly slowWidth?: number;
}

/** Constants used for an estimate and how far they were carried. */
export interface ChosenConstants {
  readonly row: TimeConstantsRow;
  /** What differs between the calibration and the question; empty when nothing does. */
  readonly carriedOver: readonly StepBeyond[];
}

/** Widths for what differs; chosen so that published rows lie inside their bands. */
const widths = { similar: 0.2, otherVendor: 1.2 };

export function layoutClassOf({ data, expert }: WeightSharding): LayoutClass {
  return data > 1 || expert ? 'spread' : 'tensor';
}

/**
 * Constants of the nearest calibrated case: same engine and device, else the same device, else the
 * same vendor and engine, else any. Efficiencies carry over to other devices, times do not scale.
 *
 * @throws RangeError when the catalog holds no constants at all.
 */
export function chooseConstants(
  engine: string,
  { model, accelerator, layout }: Placement,
  rows: readonly TimeConstantsRow[] = timeConstants,
): ChosenConstants {
  const layoutClass = layoutClassOf(layout);
  const vendor = (row: TimeConstantsRow) => findAccelerator(row.device)?.vendor;
  const cost = (row: TimeConstantsRow) =>
    (row.device === accelerator.id ? 0 : vendor(row) === accelerator.vendor ? 4 : 8) +
    (row.engine === engine ? 0 : row.engine.startsWith(`${engine}-`) ? 1 : 2) +
    (row.layoutClass === layoutClass ? 0 : 1);
  const [nearest] = rows.toSorted((a, b) => cost(a) - cost(b));
  if (nearest === undefined) throw new RangeError('the catalog holds no time constants');
  const deviceWidth = vendor(nearest) === accelerator.vendor ? widths.similar : widths.otherVendor;
  const differs = [
    { is: nearest.engine !== engine, from: `engine ${nearest.engine}`, width: widths.similar },
    {
      is: nearest.device !== accelerator.id,
      from: `device ${nearest.device}`,
      width: deviceWidth,
    },
    {
      is: nearest.layoutClass !== layoutClass,
      from: 'tensor-parallel layouts',
      width: widths.similar,
    },
    {
      is: !nearest.range.models.includes(model.id),
      from: `model ${nearest.range.models[0] ?? ''}`,
      width: widths.similar,
    },
  ];
  const carriedOver = differs.flatMap(({ is, from, width }) => (is ? [{ from, width }] : []));
  return { row: nearest, carriedOver };
}
