import {
  type BenchmarkRun,
  estimateServing,
  type MemoryEntry,
  memoryFromLog,
  type SiteProfile,
  type SiteProfileDocument,
  type StartupLog,
  timeFromBenchmark,
} from '../../capacity/index.ts';
import type { GroupSpec, Spec } from '../../spec/index.ts';
import type { Comparison } from './calibrate-result.ts';
import { type SiteQuestion, siteQuestion } from './site-question.ts';

/** Entries for a profile, and how well they predict what they were made from. */
export interface Learned extends Pick<SiteProfileDocument, 'memory' | 'time'> {
  readonly comparisons: readonly Comparison[];
}

/** Memory facts of a start of the group. */
export function learnFromLogs(
  spec: Spec,
  group: GroupSpec,
  { log, path }: { readonly log: StartupLog; readonly path: string },
): Learned {
  const question = siteQuestion(spec, group);
  const { facts, request } = question;
  const batchedTokens = request.step?.batchedTokens;
  const { contextTokens, mtpTokens } = group;
  const settings = { contextTokens, mtpTokens };
  const entry: MemoryEntry = {
    engine: group.engine,
    release: group.release,
    model: facts.model.id,
    device: facts.accelerator.id,
    settings: batchedTokens === undefined ? settings : { ...settings, batchedTokens },
    ...memoryFromLog(log, request, `start-up log ${path}`),
  };
  return { memory: [entry], time: [], comparisons: compareMemory(question, log, entry) };
}

function compareMemory(
  { facts: { engine }, request }: SiteQuestion,
  log: StartupLog,
  measured: MemoryEntry,
): Comparison[] {
  const before = engine.fit(request);
  const after = engine.fit({ ...request, measured });
  const { kvTokens } = log;
  const { weightsBytes } = measured;
  return [
    ...(weightsBytes === undefined
      ? []
      : [
          {
            quantity: 'weights' as const,
            unit: 'bytes' as const,
            observed: weightsBytes,
            before: before.weightsBytesPerRank,
            after: after.weightsBytesPerRank,
          },
        ]),
    ...(kvTokens === undefined
      ? []
      : [
          {
            quantity: 'kv-tokens' as const,
            unit: 'tokens' as const,
            observed: kvTokens,
            before: before.kvTokensPerRank,
            after: after.kvTokensPerRank,
          },
        ]),
  ];
}

/** Time constants of the group from the site's own benchmark. */
export function learnFromBenchmark(
  spec: Spec,
  group: GroupSpec,
  { runs, path }: { readonly runs: readonly BenchmarkRun[]; readonly path: string },
): Learned {
  const question = siteQuestion(spec, group);
  const { model, accelerator } = question.facts;
  const { kvLayout } = question.request;
  const placement = { model, accelerator, layout: question.parallelism, kvLayout };
  const { engine, mtpTokens } = group;
  const time = timeFromBenchmark(runs, { engine, placement, mtpTokens }, `benchmark ${path}`);
  const after = { name: path, time };
  const comparisons = runs.flatMap((run) => compareTimes(question, run, { placement, after }));
  return { memory: [], time: [time.row], comparisons };
}

interface TimeSides {
  readonly placement: Parameters<typeof timeFromBenchmark>[1]['placement'];
  readonly after: SiteProfile;
}

function compareTimes(
  { facts, request }: SiteQuestion,
  run: BenchmarkRun,
  { placement, after }: TimeSides,
): Comparison[] {
  const { concurrency, inputTokens, outputTokens } = run;
  const common = {
    engine: facts.group.engine,
    placement,
    workload: { concurrency, inputTokens, outputTokens, mtpTokens: facts.group.mtpTokens },
    memory: facts.engine.fit(request),
  };
  const old = estimateServing(common);
  const fresh = estimateServing({ ...common, profile: after });
  if (old.kind !== 'estimated' || fresh.kind !== 'estimated') return [];
  const ms = { unit: 'ms', concurrency } as const;
  return [
    {
      quantity: 'tpot',
      ...ms,
      observed: run.tpotMs,
      before: old.tpotMs.p50,
      after: fresh.tpotMs.p50,
    },
    {
      quantity: 'ttft',
      ...ms,
      observed: run.ttftMs,
      before: old.ttftMs.p50,
      after: fresh.ttftMs.p50,
    },
  ];
}
