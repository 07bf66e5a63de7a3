import {
  findAccelerator,
  findModel,
  type MeasurementRow,
  type TimeConstants,
} from '../../catalog/index.ts';
import {
  firstTokenSeconds,
  outputTokenSeconds,
  stepSeconds,
  type TimeParts,
  timeParts,
  waveWait,
} from '../time/step-time.ts';
import type { Placement } from '../time/step-work.ts';
import type { Workload } from '../time/workload.ts';
import { type Equation, solveRelative } from './least-squares.ts';

/** A measurement as the time model sees it. */
export interface TimedRow {
  readonly row: MeasurementRow;
  readonly placement: Placement;
  readonly workload: Workload;
  readonly parts: TimeParts;
}

/**
 * Prepares a measurement; mean lengths follow from the nominal ones and their spread.
 *
 * @throws RangeError when the row names a model or device that the catalog lacks.
 */
export function timedRow(row: MeasurementRow): TimedRow {
  const model = findModel(row.model);
  const accelerator = findAccelerator(row.device);
  if (model === undefined || accelerator === undefined) {
    throw new RangeError(`measurement ${row.id} names ${row.model} or ${row.device}`);
  }
  const mean = 1 - row.lengthSpread / 2;
  const workload = {
    inputTokens: row.inputTokens * mean,
    outputTokens: row.outputTokens * mean,
    concurrency: row.concurrency,
    lengthSpread: row.lengthSpread / mean,
    mtpTokens: row.mtpTokens,
  };
  const placement = { model, accelerator, layout: row.layout, kvLayout: row.kvLayout };
  return { row, placement, workload, parts: timeParts(placement, workload) };
}

/** Reasonable range of each constant; memory never faster than 85 % of its peak. */
const bounds = {
  step: [0.5e-3, 60e-3],
  inverseMemory: [1 / 0.85, 1 / 0.2],
  inversePrefill: [1 / 0.7, 1 / 0.02],
  firstToken: [0, 2],
  firstTokenSteps: [0, 40],
} as const;

/**
 * Prefill reaches about a fifth of the 8-bit peak; rows with short prompts alone cannot tell. Half
 * of that value off weighs as much as a 4 % error of one row.
 *
 * @source the fits on 8 x H200 with prompts up to 8K: 0.20 for SGLang 0.5.9, 0.22 for TensorRT-LLM
 */
const prefillPrior: Equation = { coefficients: [0, 0, 1], target: 5, scale: (5 * 0.5) / 0.04 };

/** Fits the constants of one engine, device and layout class to rows without draft tokens. */
export function fitTimeConstants(rows: readonly TimedRow[]): TimeConstants {
  const perToken = [...rows.flatMap(({ row, parts }) => tokenEquation(row, parts)), prefillPrior];
  const [step = 0, inverseMemory = 1, inversePrefill = 1] = solveRelative(perToken, [
    bounds.step,
    bounds.inverseMemory,
    bounds.inversePrefill,
  ]);
  const partial = {
    stepMs: step * 1e3,
    memoryEfficiency: 1 / inverseMemory,
    prefillEfficiency: 1 / inversePrefill,
    firstTokenMs: 0,
    firstTokenSteps: 0,
  };
  const first = rows.flatMap((timed) => firstEquation(timed, partial));
  const [base = 0, steps = 0] = solveRelative(first, [bounds.firstToken, bounds.firstTokenSteps]);
  return { ...partial, firstTokenMs: base * 1e3, firstTokenSteps: steps };
}

function tokenEquation({ tpotMs }: MeasurementRow, parts: TimeParts): Equation[] {
  if (tpotMs === undefined) return [];
  const interference = parts.prefillsPerToken * parts.prefillSeconds;
  return [
    {
      coefficients: [1, parts.memorySeconds, interference],
      target: tpotMs / 1e3 - parts.extraSeconds,
      scale: tpotMs / 1e3,
    },
  ];
}

/** Saturated rows say nothing about the constants: their time is a queue. */
function firstEquation({ row, parts, workload }: TimedRow, known: TimeConstants): Equation[] {
  if (row.ttftMs === undefined || row.saturated) return [];
  const explained =
    parts.prefillSeconds / known.prefillEfficiency + waveWait(parts, known, workload);
  const scale = row.ttftMs / 1e3;
  const coefficients = [1, stepSeconds(parts, known, 0)];
  return [{ coefficients, target: scale - explained, scale }];
}

/** Predicted times of a row, milliseconds. */
export function predictRow(
  { row, parts, workload }: TimedRow,
  constants: TimeConstants,
): { readonly tpotMs: number; readonly ttftMs: number } {
  return {
    tpotMs: 1e3 * outputTokenSeconds(parts, constants, row.mtpTokens),
    ttftMs: 1e3 * firstTokenSeconds(parts, constants, workload),
  };
}
