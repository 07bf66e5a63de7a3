import { findAccelerator, type MeasurementRow, measurements } from '../../catalog/index.ts';
import type { Placement } from './step-work.ts';
import type { Workload } from './workload.ts';

/** The published measurement that comes nearest to a question, and how it differs. */
export interface NearestMeasurement {
  readonly id: string;
  readonly source: string;
  readonly ttftMs?: number;
  readonly tpotMs?: number;
  readonly outputTokensPerSecond?: number;
  /** What is not as asked, for example `model deepseek-ai/DeepSeek-R1`; empty when all is. */
  readonly differs: readonly string[];
}

interface Difference {
  readonly text: string;
  /** Doublings, or a step that weighs as much. */
  readonly distance: number;
}

/** Finds the nearest published measurement that states a latency; ties go to the first row. */
export function nearestMeasurement(
  engine: string,
  placement: Placement,
  workload: Workload,
): NearestMeasurement | undefined {
  const scored = measurements
    .filter(({ tpotMs, saturated }) => tpotMs !== undefined && !saturated)
    .map((row) => ({ row, differences: differencesOf(row, engine, { placement, workload }) }));
  const total = ({ differences }: { readonly differences: readonly Difference[] }) =>
    differences.reduce((sum, { distance }) => sum + distance, 0);
  const [nearest] = scored.toSorted((a, b) => total(a) - total(b));
  if (nearest === undefined) return undefined;
  const { id, source, ttftMs, tpotMs, outputTokensPerSecond } = nearest.row;
  return {
    id,
    source,
    ...(ttftMs === undefined ? {} : { ttftMs }),
    ...(tpotMs === undefined ? {} : { tpotMs }),
    ...(outputTokensPerSecond === undefined ? {} : { outputTokensPerSecond }),
    differs: nearest.differences.map(({ text }) => text),
  };
}

interface Question {
  readonly placement: Placement;
  readonly workload: Workload;
}

function differencesOf(
  row: MeasurementRow,
  engine: string,
  { placement, workload }: Question,
): Difference[] {
  const { model, accelerator, layout, kvLayout } = placement;
  const sameVendor = findAccelerator(row.device)?.vendor === accelerator.vendor;
  const drafts = workload.mtpTokens ?? 0;
  const { tensor, data } = row.layout;
  return [
    ...different(row.device !== accelerator.id, `device ${row.device}`, sameVendor ? 8 : 16),
    ...different(row.engine !== engine, `engine ${row.engine}`, 3),
    ...different(row.model !== model.id, `model ${row.model}`, 2),
    ...different(tensor !== layout.tensor || data !== layout.data, `TP${tensor} x DP${data}`, 4),
    ...different(row.kvLayout !== kvLayout, `cache ${row.kvLayout}`, 0.5),
    ...different(row.mtpTokens !== drafts, `${row.mtpTokens} draft tokens`, 2),
    ...apart('prompt', row.inputTokens, workload.inputTokens),
    ...apart('answer', row.outputTokens, workload.outputTokens),
    ...apart('concurrency', row.concurrency, workload.concurrency),
  ];
}

function different(is: boolean, text: string, distance: number): Difference[] {
  return is ? [{ text, distance }] : [];
}

function apart(what: string, seen: number, asked: number): Difference[] {
  if (seen === asked) return [];
  return [{ text: `${what} ${seen}`, distance: Math.abs(Math.log2(seen / asked)) }];
}
