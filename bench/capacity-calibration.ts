/**
 * Prints how well the time model predicts measurements it was not fitted on.
 *
 *     node bench/capacity-calibration.ts
 *
 * Sections: left out one at a time, held out by load and by prompt length, carried to another
 * device or engine, and the order of layouts where both were measured. Constants for the catalog
 * are printed first. Nothing here writes files.
 */
import {
  type ErrorSummary,
  estimateServing,
  fitRank,
  fitSglangRank,
  fitTimeConstants,
  leaveOneOut,
  predictRow,
  type RowError,
  scoreHeldOut,
  type TimedRow,
  timedRow,
} from '../src/capacity/index.ts';
import { measurements, timeConstants } from '../src/catalog/index.ts';

const rows = measurements.map(timedRow);

/** Measured sets with both times, by the prefix of their ids. */
const sets = timeConstants.map(({ fittedOn }) => fittedOn);

function main(): void {
  console.log('constants fitted on all rows of a set');
  for (const prefix of sets) console.log(`  ${prefix}* ${JSON.stringify(rounded(prefix))}`);

  console.log('\nleave one out, at most 64 requests in flight');
  const all = sets.flatMap((prefix) => {
    const summary = leaveOneOut(rowsOf(prefix));
    report(`${prefix}*`, summary);
    return summary.rows;
  });
  report('all sets', { rows: all, ...means(all) });

  console.log('\nheld out by load: fitted on 4, 16 and 64, scored on 8 and 32');
  for (const prefix of sets) heldOut(prefix, ({ row }) => [4, 16, 64].includes(row.concurrency));

  console.log('\nheld out by prompt length: fitted on 1K prompts, scored on 8K');
  for (const prefix of sets) heldOut(prefix, ({ row }) => row.inputTokens <= 1024);

  console.log('\ncarried over: fitted on one set, scored on another');
  for (const from of sets) {
    for (const to of sets) {
      if (from !== to) report(`${from}* to ${to}*`, scoreHeldOut(rowsOf(from), rowsOf(to)));
    }
  }
  const spread = rows.filter(({ row }) => row.id.startsWith('h200-trtllm-dp8'));
  report('h200-trtllm-tp8-* to DP8', scoreHeldOut(rowsOf('h200-trtllm-tp8-'), spread));

  console.log('\nrows beyond the calibrated range');
  printEstimates();
  printPairs();
}

function rowsOf(prefix: string): TimedRow[] {
  return rows.filter(({ row }) => row.id.startsWith(prefix) && row.concurrency <= 64);
}

function rounded(prefix: string): Record<string, number> {
  const constants: Record<string, number> = { ...fitTimeConstants(rowsOf(prefix)) };
  return Object.fromEntries(
    Object.entries(constants).map(([name, value]) => [name, Number(value.toPrecision(4))]),
  );
}

function heldOut(prefix: string, isTraining: (row: TimedRow) => boolean): void {
  const train = rowsOf(prefix).filter(isTraining);
  const score = rowsOf(prefix).filter((row) => !isTraining(row));
  if (train.length > 2 && score.length > 0) report(`${prefix}*`, scoreHeldOut(train, score));
}

function report(name: string, summary: ErrorSummary): void {
  const worst = Math.max(...summary.rows.map(({ tpot }) => Math.abs(tpot ?? 0)));
  console.log(
    `  ${name.padEnd(44)} ${String(summary.rows.length).padStart(3)} rows  ` +
      `TPOT ${percent(summary.tpotMape)} (worst ${percent(worst)})  TTFT ${percent(summary.ttftMape)}`,
  );
}

function means(all: readonly RowError[]): Omit<ErrorSummary, 'rows'> {
  const mean = (pick: (row: RowError) => number | undefined) => {
    const known = all.flatMap((row) => pick(row) ?? []);
    return known.reduce((sum, value) => sum + Math.abs(value), 0) / known.length;
  };
  return { tpotMape: mean(({ tpot }) => tpot), ttftMape: mean(({ ttft }) => ttft) };
}

/** Prompt and answer tokens per second, the middle and the low end of the band. */
function totalRate({
  row,
  placement,
  workload,
}: TimedRow): { readonly p50: number; readonly low: number } | undefined {
  const { model, accelerator } = placement;
  const memory = (row.engine === 'sglang' ? fitSglangRank : fitRank)({
    model,
    accelerator,
    sharding: row.layout,
    kvLayout: row.kvLayout,
    utilization: 0.88,
    contextTokens: Math.round(row.inputTokens + row.outputTokens),
    mtpTokens: 0,
    blockTokens: 64,
  });
  // The engines' own limits on devices of 70 GiB and more, for each data rank.
  const maxSequencesPerRank = row.engine === 'sglang' ? 2048 : 1024;
  const question = { engine: row.engine, placement, workload, memory, maxSequencesPerRank };
  const estimate = estimateServing(question);
  if (estimate.kind !== 'estimated') return undefined;
  const { outputTokensPerSecond: output, inputTokensPerSecond: input } = estimate;
  return { p50: output.p50 + input.p50, low: output.low + input.low };
}

function printEstimates(): void {
  for (const timed of rows) {
    const { row } = timed;
    if (row.totalTokensPerSecond === undefined) continue;
    const { p50, low } = totalRate(timed) ?? { p50: Number.NaN, low: Number.NaN };
    const error = percent(p50 / row.totalTokensPerSecond - 1);
    console.log(
      `  ${row.id.padEnd(44)} ${p50.toFixed(0)} total tokens/s, from ${low.toFixed(0)}, measured ${row.totalTokensPerSecond} (${error})`,
    );
  }
  const single = rows.find(({ row }) => row.device === 'ascend-a3');
  const base = timeConstants[0];
  if (single === undefined || base === undefined) return;
  const { tpotMs } = predictRow(single, base.constants);
  console.log(
    `  ${single.row.id.padEnd(44)} ${tpotMs.toFixed(1)} ms TPOT, measured ${single.row.tpotMs ?? 0}`,
  );
}

/** Pairs of layouts measured under the same load: slower first. */
const pairs = [
  ['h200-vllm-tp8-sharegpt', 'h200-vllm-dp8-sharegpt'],
  ['h200-sglang-tp8-sharegpt', 'h200-sglang-dp8-sharegpt'],
  ['h200-vllm-tp8-2k-100', 'h200-sglang-dp8-2k-100'],
] as const;

function printPairs(): void {
  console.log('\norder of layouts, slower before faster as measured');
  for (const [slower, faster] of pairs) {
    const [a = 0, b = 0] = [slower, faster].map((id) => {
      const found = rows.find(({ row }) => row.id === id);
      return found === undefined ? undefined : totalRate(found)?.p50;
    });
    const verdict = a < b ? 'right' : 'WRONG';
    console.log(`  ${slower} ${a.toFixed(0)} < ${faster} ${b.toFixed(0)}: ${verdict}`);
  }
}

function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(1)} %`;
}

main();
