import {
  type AcceleratorRow,
  findModel,
  type MeasurementRow,
  type ModelRow,
  measurements,
} from '../../catalog/index.ts';
import { activeParameters } from './step-work.ts';
import type { Workload } from './workload.ts';

/** A published run that can stand beside estimates: same device, and a load much like it. */
export interface ComparableMeasurement {
  readonly id: string;
  readonly engine: string;
  readonly release?: string;
  readonly model: string;
  readonly layout: MeasurementRow['layout'];
  readonly mtpTokens: number;
  /** Nominal lengths. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Requests in flight in the whole group. */
  readonly concurrency: number;
  readonly tpotMs: number;
  readonly ttftMs?: number;
  /** Of one sequence, after its first token. */
  readonly outputTokensPerSecondPerUser: number;
  readonly outputTokensPerSecondPerDevice: number;
  /** Whether the rate was published, or follows from the published times and the requests in flight. */
  readonly rateFrom: 'publication' | 'times';
  /** Requests queued without bound. */
  readonly saturated: boolean;
  readonly source: string;
}

/** Lengths within this factor, and active parameters within this share, compare. */
const near = { lengthFactor: 2, activeShare: 0.1 };

/** Published runs on a device with a model of much the same size and a load much like the one given. */
export function comparableMeasurements(
  { model, accelerator }: { readonly model: ModelRow; readonly accelerator: AcceleratorRow },
  workload: Pick<Workload, 'inputTokens' | 'outputTokens'>,
): ComparableMeasurement[] {
  return measurements
    .filter((row) => row.device === accelerator.id && isSameSize(row, model))
    .filter(
      (row) =>
        isNear(row.inputTokens, workload.inputTokens) &&
        isNear(row.outputTokens, workload.outputTokens),
    )
    .flatMap(toComparable);
}

function isNear(seen: number, asked: number): boolean {
  return Math.max(seen / asked, asked / seen) <= near.lengthFactor;
}

function isSameSize(row: MeasurementRow, asked: ModelRow): boolean {
  const measured = findModel(row.model);
  if (measured === undefined) return false;
  return Math.abs(activeParameters(measured) / activeParameters(asked) - 1) <= near.activeShare;
}

/** None for a row that states no time between tokens: it has no place on the speed axis. */
function toComparable(row: MeasurementRow): ComparableMeasurement[] {
  const { tpotMs, release, ttftMs } = row;
  const rate = publishedRate(row) ?? rateFromTimes(row);
  if (tpotMs === undefined || rate === undefined) return [];
  const { tensor, data, pipeline } = row.layout;
  return [
    {
      id: row.id,
      engine: row.engine,
      ...(release === undefined ? {} : { release }),
      model: row.model,
      layout: row.layout,
      mtpTokens: row.mtpTokens,
      inputTokens: row.inputTokens,
      outputTokens: row.outputTokens,
      concurrency: row.concurrency,
      tpotMs,
      ...(ttftMs === undefined ? {} : { ttftMs }),
      outputTokensPerSecondPerUser: 1e3 / tpotMs,
      outputTokensPerSecondPerDevice: rate / (tensor * data * pipeline),
      rateFrom: publishedRate(row) === undefined ? 'times' : 'publication',
      saturated: row.saturated,
      source: row.source,
    },
  ];
}

function publishedRate(row: MeasurementRow): number | undefined {
  const { outputTokensPerSecond, totalTokensPerSecond, inputTokens, outputTokens } = row;
  const share = outputTokens / (inputTokens + outputTokens);
  return outputTokensPerSecond ?? (totalTokensPerSecond && totalTokensPerSecond * share);
}

/** A queue makes the times of a saturated run say nothing about its rate. */
function rateFromTimes(row: MeasurementRow): number | undefined {
  const { concurrency, outputTokens, lengthSpread, ttftMs = 0, tpotMs, saturated } = row;
  if (tpotMs === undefined || saturated) return undefined;
  const answer = outputTokens * (1 - lengthSpread / 2);
  return (1e3 * concurrency * answer) / (ttftMs + (answer - 1) * tpotMs);
}
