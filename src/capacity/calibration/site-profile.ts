import type { TimeConstants, TimeConstantsRow } from '../../catalog/index.ts';
import type { FitRequest, MeasuredMemory } from '../memory/fit-request.ts';
import type { WeightSharding } from '../memory/weights.ts';
import { outputTokenSeconds, timeParts } from '../time/step-time.ts';
import type { Placement } from '../time/step-work.ts';
import type { BenchmarkRun } from './benchmark-result.ts';
import { fitTimeConstants, type TimedRow } from './calibrate-time.ts';
import { type ChosenConstants, chooseConstants, layoutClassOf } from './choose-constants.ts';
import { leaveOneOut, scoreConstants } from './cross-validate.ts';
import type { StartupLog } from './startup-log.ts';

/** What was measured on one site, in place of catalog values. Plain data: it survives JSON. */
export interface SiteProfile {
  readonly name: string;
  readonly memory?: ProfiledMemory;
  readonly time?: ChosenConstants;
  /** Constants to choose from before those of the catalog. */
  readonly timeRows?: readonly TimeConstantsRow[];
}

export interface ProfiledMemory extends MeasuredMemory {
  /** Layout the log is of: weights hold for it alone, the rest for layouts of its kind. */
  readonly sharding: WeightSharding;
}

/** Begins the ids of a site's own measurements, in `fittedOn` of its constants. */
export const sitePrefix = 'site-';

/** Memory facts of a start-up log; `request` is what was started. */
export function memoryFromLog(
  log: StartupLog,
  request: FitRequest,
  source: string,
): ProfiledMemory {
  const { availableKvBytes, freeBytes } = log;
  const weightsBytes = weightsBesidePool(log, request);
  const { sharding, utilization, accelerator } = request;
  const budget = utilization * accelerator.memoryBytes;
  const counted =
    log.engine === 'sglang' || weightsBytes === undefined || availableKvBytes === undefined
      ? undefined
      : budget - weightsBytes - availableKvBytes;
  return {
    sharding,
    source,
    ...(weightsBytes === undefined ? {} : { weightsBytes }),
    ...(freeBytes === undefined ? {} : { freeBytes }),
    ...(counted === undefined ? {} : { overheadBytes: counted }),
  };
}

/** A draft module counts where it is loaded before the pool is sized. */
function weightsBesidePool(
  { weightsBytes, draftWeightsBytes = 0 }: StartupLog,
  { step }: FitRequest,
): number | undefined {
  if (weightsBytes === undefined) return undefined;
  return weightsBytes + (step?.behaviour.draftAfterPool === true ? 0 : draftWeightsBytes);
}

/** The part of a profile's memory that holds for a layout; undefined when none does. */
export function measuredFor(
  profile: SiteProfile,
  sharding: WeightSharding,
): MeasuredMemory | undefined {
  if (profile.memory === undefined) return undefined;
  const { sharding: seen, source, freeBytes, overheadBytes } = profile.memory;
  if (sameLayout(seen, sharding)) return profile.memory;
  if (layoutClassOf(seen) !== layoutClassOf(sharding)) return undefined;
  return {
    source,
    ...(freeBytes === undefined ? {} : { freeBytes }),
    ...(overheadBytes === undefined ? {} : { overheadBytes }),
  };
}

function sameLayout(a: WeightSharding, b: WeightSharding): boolean {
  return (
    a.tensor === b.tensor && a.data === b.data && a.pipeline === b.pipeline && a.expert === b.expert
  );
}

/** What a benchmark was run against. */
export interface BenchmarkedGroup {
  readonly engine: string;
  readonly placement: Placement;
  /**
   * Draft tokens of the MTP module.
   *
   * @default 0
   */
  readonly mtpTokens?: number;
}

/** Fewest runs at different concurrency that constants are fitted to; fewer only scale them. */
const fewestRuns = 4;

/**
 * Time constants of the site: fitted when the sweep is long enough, else those of the nearest
 * calibrated case scaled so that output tokens are right on average.
 *
 * @throws RangeError when there is no run.
 */
export function timeFromBenchmark(
  runs: readonly BenchmarkRun[],
  { engine, placement, mtpTokens = 0 }: BenchmarkedGroup,
  source: string,
): ChosenConstants {
  if (runs.length === 0) throw new RangeError('a benchmark without runs');
  const rows = runs.map((run, index) =>
    timedRun(run, placement, { id: `${sitePrefix}${index}`, source, mtpTokens }),
  );
  const base = chooseConstants(engine, placement).row;
  const loads = new Set(runs.map(({ concurrency }) => concurrency));
  const constants =
    loads.size >= fewestRuns ? fitTimeConstants(rows) : scaledConstants(base.constants, rows);
  const inputs = runs.map(({ inputTokens }) => inputTokens);
  const concurrencies = runs.map(({ concurrency }) => concurrency);
  const range = {
    models: [placement.model.id],
    inputTokens: [Math.min(...inputs), Math.max(...inputs)],
    concurrency: [Math.min(...concurrencies), Math.max(...concurrencies)],
  } as const;
  const row = {
    ...base,
    error: siteError(rows, constants, base.error),
    engine,
    device: placement.accelerator.id,
    layoutClass: layoutClassOf(placement.layout),
    constants,
    range,
    fittedOn: sitePrefix,
    source,
  };
  return { row, carriedOver: [] };
}

/**
 * Mean errors of the site's own runs: each left out in turn where enough are left to fit, else of what
 * was fitted or scaled to them, which cannot be surer than the case it came from.
 */
function siteError(
  rows: readonly TimedRow[],
  constants: TimeConstants,
  base: TimeConstantsRow['error'],
): TimeConstantsRow['error'] {
  const loads = new Set(rows.map(({ row }) => row.concurrency));
  if (loads.size > fewestRuns) {
    const { tpotMape, ttftMape } = leaveOneOut(rows);
    return { tpot: tpotMape, ttft: ttftMape };
  }
  const { tpotMape, ttftMape } = scoreConstants(rows, constants);
  return { tpot: Math.max(base.tpot, tpotMape), ttft: Math.max(base.ttft, ttftMape) };
}

/** The base constants with step and first-token times scaled by the mean ratio to what was seen. */
function scaledConstants(base: TimeConstants, rows: readonly TimedRow[]): TimeConstants {
  const ratios = rows.map(
    ({ row, parts }) => (row.tpotMs ?? 0) / 1e3 / outputTokenSeconds(parts, base, row.mtpTokens),
  );
  const factor = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
  return {
    ...base,
    stepMs: base.stepMs * factor,
    memoryEfficiency: base.memoryEfficiency / factor,
    prefillEfficiency: base.prefillEfficiency / factor,
    firstTokenMs: base.firstTokenMs * factor,
  };
}

function timedRun(
  run: BenchmarkRun,
  placement: Placement,
  {
    id,
    source,
    mtpTokens,
  }: { readonly id: string; readonly source: string; readonly mtpTokens: number },
): TimedRow {
  const { concurrency, inputTokens, outputTokens, ttftMs, tpotMs } = run;
  const workload = { concurrency, inputTokens, outputTokens, mtpTokens };
  const row = {
    id,
    engine: run.tool,
    model: placement.model.id,
    device: placement.accelerator.id,
    layout: placement.layout,
    kvLayout: 'bf16',
    mtpTokens,
    inputTokens,
    outputTokens,
    lengthSpread: 0.2,
    concurrency,
    ttftMs,
    tpotMs,
    saturated: false,
    source,
  } as const;
  return { row, placement, workload, parts: timeParts(placement, workload) };
}
