import { formatRanks } from '../group/ranks.ts';
import type { Check } from '../report.ts';
import type { EngineMetrics, MetricsReading, RankLoad } from './engine-metrics.ts';

/** One endpoint as its metrics are judged. */
export interface EngineTarget {
  /** For example `Pod/llm/dsv32-serve-0`. */
  readonly subject: string;
  /** Data-parallel ranks that answer here. */
  readonly dataRanks: readonly number[];
  /** Devices of one copy of the group. */
  readonly ranks: number;
  /** Whether the spec wants metrics; what it turned off is not required. */
  readonly metricsWanted: boolean;
  /** Global ranks of data-parallel ranks, as text. */
  readonly formatDataRanks: (dataRanks: readonly number[]) => string;
  /** Command that shows the log of the pod. */
  readonly logsCommand: string;
}

/** How the question before ended: with an answer, with none in time, or turned away. */
export type RequestEnd = 'finished' | 'unfinished' | 'failed';

/** How one request to one data-parallel rank ended. */
export interface RankAnswer {
  readonly dataRank: number;
  /**
   * `wrong` is an answer that is not what was asked for; `late` is none in time from a rank that was
   * not seen to stand still.
   */
  readonly ended: 'answered' | 'wrong' | 'failed' | 'late' | 'not-asked';
  readonly detail: string;
}

type Judgement = Omit<Check, 'id' | 'level' | 'subject'>;

/** Judges whether the metrics can be read, and shows load and queue. */
export function judgeMetrics(reading: MetricsReading, target: EngineTarget): Check {
  if (reading.kind === 'unreadable') return engineCheck('metrics', target, blind(reading, target));
  const { running, waiting, kvUsed } = reading.value.total;
  const detail = `${running} running, ${waiting} waiting, KV cache ${percent(kvUsed)} used`;
  const measured = { requestsRunning: running, requestsWaiting: waiting, kvUsedFraction: kvUsed };
  return engineCheck('metrics', target, { outcome: 'passed', detail, measured });
}

/** Judges whether the engine knows exactly the data-parallel ranks of the layout. */
export function judgeRanks(reading: MetricsReading, target: EngineTarget): Check {
  if (reading.kind === 'unreadable') return engineCheck('ranks', target, blind(reading, target));
  const { byRank } = reading.value;
  const wanted = target.dataRanks;
  if (byRank === undefined) return engineCheck('ranks', target, indistinct(target));
  const missing = wanted.filter((rank) => !byRank.has(rank));
  const extra = [...byRank.keys()].filter((rank) => !wanted.includes(rank));
  if (missing.length === 0 && extra.length === 0) {
    const detail = `${wanted.length} of ${wanted.length} data-parallel ranks report`;
    return engineCheck('ranks', target, { outcome: 'passed', detail });
  }
  const found = wanted.length - missing.length;
  const problems = [
    ...(missing.length === 0 ? [] : [`${formatRanks(missing)} absent`]),
    ...(extra.length === 0 ? [] : [`${formatRanks(extra)} not in the layout`]),
  ];
  return engineCheck('ranks', target, {
    outcome: 'failed',
    detail: `${found} of ${wanted.length} data-parallel ranks report: ${problems.join(', ')}`,
    impact: 'The API has less capacity than planned, or other weights than planned.',
    advice: `Compare what runs with the spec: \`dsdeploy plan\` and \`${target.logsCommand}\`.`,
    ...(missing.length === 0 ? {} : { ranks: target.formatDataRanks(missing) }),
  });
}

/**
 * Judges whether the engine works, from its counters around one request.
 *
 * Nothing else tells an engine that hangs from one that is slow: both keep the client waiting, but
 * only the slow one counts tokens meanwhile.
 */
export function judgeProgress(
  readings: { readonly before: MetricsReading; readonly after: MetricsReading },
  request: RequestEnd,
  target: EngineTarget,
): Check {
  const { before, after } = readings;
  if (before.kind === 'unreadable') return engineCheck('progress', target, blind(before, target));
  if (after.kind === 'unreadable') return engineCheck('progress', target, blind(after, target));
  return engineCheck('progress', target, progress(before.value, after.value, { request, target }));
}

function progress(
  before: EngineMetrics,
  after: EngineMetrics,
  { request, target }: { readonly request: RequestEnd; readonly target: EngineTarget },
): Judgement {
  const delta = worked(after.total) - worked(before.total);
  if (delta < 0) {
    return {
      outcome: 'unknown',
      detail: 'the counters went back: the engine started again during the check',
      advice: 'Run `dsdeploy health` again.',
    };
  }
  if (delta > 0) return { outcome: 'passed', detail: `${delta} tokens counted meanwhile` };
  if (request === 'finished') {
    return {
      outcome: 'unknown',
      detail: 'a request was answered and no counter moved: the metrics show something else',
      advice: `Check what answers GET /metrics, for example a proxy's cache: \`${target.logsCommand}\`.`,
    };
  }
  if (request === 'failed') return skip('the request was refused, so nothing had to be counted');
  const stuck = stuckRanks(before, after);
  const who = stuck.length === 0 ? '' : `; data-parallel ranks ${formatRanks(stuck)} hold requests`;
  return {
    outcome: 'failed',
    detail: `hangs: a request did not finish and no token was counted meanwhile${who}`,
    impact: 'Requests hang until the client gives up.',
    advice: `Restart the group; first save what it says: \`${target.logsCommand}\`.`,
    ...(stuck.length === 0 ? {} : { ranks: target.formatDataRanks(stuck) }),
  };
}

/** Ranks that hold requests and counted nothing. */
function stuckRanks(before: EngineMetrics, after: EngineMetrics): readonly number[] {
  return [...(after.byRank ?? [])]
    .filter(([rank, load]) => {
      const earlier = before.byRank?.get(rank);
      return load.running > 0 && earlier !== undefined && worked(load) === worked(earlier);
    })
    .map(([rank]) => rank);
}

/**
 * Judges whether each data-parallel rank answers a request that was meant for it.
 *
 * Counters that stood still at a rank whose answer came leave it open: either another rank answered, or
 * the metrics show something else. Where no rank answers, the question before says what there is to
 * say, and metrics without ranks prove that each request was answered, not by whom.
 */
export function judgeRankAnswers(
  answers: readonly RankAnswer[],
  around: {
    readonly request: RequestEnd;
    readonly before: MetricsReading;
    readonly after: MetricsReading;
  },
  target: EngineTarget,
): Check {
  return engineCheck('rank-answers', target, rankAnswers(answers, around, target));
}

function rankAnswers(
  answers: readonly RankAnswer[],
  { request, before, after }: Parameters<typeof judgeRankAnswers>[1],
  target: EngineTarget,
): Judgement {
  if (request === 'failed') return skip('not asked, as the question before was turned away');
  if (answers.length < 2) return skip('one data-parallel rank: its answers are checked below');
  const moved = movedRanks(before, after);
  const isBusy = ({ ended, dataRank }: RankAnswer) => ended === 'late' && moved?.has(dataRank);
  const failed = answers.filter(
    (answer) => answer.ended === 'failed' || (answer.ended === 'late' && !isBusy(answer)),
  );
  if (failed.length === answers.length && request === 'unfinished') {
    return skip('no rank answers, as no question does');
  }
  const answered = answers.filter(({ ended }) => ended === 'answered' || ended === 'wrong');
  const isFollowed = answered.every(({ dataRank }) => moved?.has(dataRank) !== false);
  if (failed.length > 0) {
    if (isFollowed) return blameRanks(failed, answers.length, target);
    return blameHolders(failed, { before, after, asked: answers.length }, target);
  }
  const wrong = answers.filter(({ ended }) => ended === 'wrong');
  // An engine that is wrong at every rank is found by the questions that follow.
  if (wrong.length > 0 && wrong.length < answers.length) {
    return blameWrong(
      wrong,
      { asked: answers.length, isKnown: moved !== undefined && isFollowed },
      target,
    );
  }
  const busy = answers.find(isBusy);
  if (busy !== undefined) {
    const detail = `data-parallel rank ${busy.dataRank} works, and has ${busy.detail}`;
    const advice = 'Look at the queue (check `metrics`), and try again when fewer requests wait.';
    return { outcome: 'unknown', detail, advice };
  }
  const unasked = answers.find(({ ended }) => ended === 'not-asked');
  if (unasked !== undefined) return { outcome: 'unknown', detail: unasked.detail };
  if (moved === undefined) return skip('the metrics do not tell which rank answered');
  const still = answers.filter(({ dataRank }) => !moved.has(dataRank));
  if (still.length > 0) return unmoved(still, answers.length, target);
  return { outcome: 'passed', detail: `each of ${answers.length} data-parallel ranks answered` };
}

/** Ranks that counted tokens meanwhile; `undefined` where the metrics do not tell. */
function movedRanks(
  before: MetricsReading,
  after: MetricsReading,
): ReadonlySet<number> | undefined {
  if (before.kind !== 'read' || after.kind !== 'read') return undefined;
  const { byRank: was } = before.value;
  const { byRank: is } = after.value;
  if (was === undefined || is === undefined) return undefined;
  const moved = [...is].filter(([rank, load]) => {
    const earlier = was.get(rank);
    return earlier !== undefined && worked(load) > worked(earlier);
  });
  return new Set(moved.map(([rank]) => rank));
}

/** Ranks that answer, and not what they were asked for; named where the counters show who answered. */
function blameWrong(
  wrong: readonly RankAnswer[],
  { asked, isKnown }: { readonly asked: number; readonly isKnown: boolean },
  { formatDataRanks, logsCommand }: EngineTarget,
): Judgement {
  const dataRanks = wrong.map(({ dataRank }) => dataRank);
  const named = `data-parallel ranks ${formatRanks(dataRanks)} of ${asked}`;
  const who = isKnown ? `${named} answer wrong` : `requests meant for ${named} got wrong answers`;
  return {
    outcome: 'failed',
    detail: `${who}: ${wrong[0]?.detail ?? ''}`,
    impact: `About ${percent(wrong.length / asked)} of all answers are wrong or gibberish although every request succeeds.`,
    advice: `Take the group out of traffic; compare the weights on the node of the rank with those of the others, and look for memory errors of its device: \`${logsCommand}\`.`,
    ...(isKnown ? { ranks: formatDataRanks(dataRanks) } : {}),
  };
}

/** Every answer came, and not every rank counted it: some rank is not proven. */
function unmoved(
  still: readonly RankAnswer[],
  asked: number,
  { formatDataRanks, logsCommand }: EngineTarget,
): Judgement {
  const dataRanks = still.map(({ dataRank }) => dataRank);
  return {
    outcome: 'unknown',
    detail: `each of ${asked} requests was answered, and data-parallel ranks ${formatRanks(dataRanks)} counted nothing: something between does not pass on X-data-parallel-rank, or the metrics show something else`,
    advice: `Check what answers at the port of the engine, for example a router or a proxy: \`${logsCommand}\`.`,
    ranks: formatDataRanks(dataRanks),
  };
}

/** Where requests go to any rank, the one at fault is who holds requests and counts nothing. */
function blameHolders(
  failed: readonly RankAnswer[],
  around: {
    readonly before: MetricsReading;
    readonly after: MetricsReading;
    readonly asked: number;
  },
  target: EngineTarget,
): Judgement {
  const { before, after, asked } = around;
  const stuck =
    before.kind === 'read' && after.kind === 'read' ? stuckRanks(before.value, after.value) : [];
  if (stuck.length > 0) {
    const detail = failed[0]?.detail ?? '';
    const holders = stuck.map((dataRank) => ({ dataRank, ended: 'failed', detail }) as const);
    return blameRanks(holders, target.dataRanks.length, target);
  }
  return {
    outcome: 'failed',
    detail: `${failed.length} of ${asked} requests got no answer, and the engine spreads them over its ranks as it likes: ${failed[0]?.detail ?? ''}`,
    impact: `${percent(failed.length / asked)} of all requests hang or fail.`,
    advice: `See which rank fell silent: \`${target.logsCommand}\`.`,
  };
}

function blameRanks(
  failed: readonly RankAnswer[],
  asked: number,
  { formatDataRanks, logsCommand }: EngineTarget,
): Judgement {
  const dataRanks = failed.map(({ dataRank }) => dataRank);
  return {
    outcome: 'failed',
    detail: `data-parallel ranks ${formatRanks(dataRanks)} of ${asked} do not answer: ${failed[0]?.detail ?? ''}`,
    impact: `${percent(failed.length / asked)} of all requests hang or fail.`,
    advice: `Restart the group; first save what it says: \`${logsCommand}\`.`,
    ranks: formatDataRanks(dataRanks),
  };
}

/** Metrics without ranks show an engine at work; of several ranks they do not show which. */
function indistinct({ dataRanks, logsCommand }: EngineTarget): Judgement {
  if (dataRanks.length === 1) return { outcome: 'passed', detail: 'the only rank reports' };
  return {
    outcome: 'unknown',
    detail: `the metrics do not tell ${dataRanks.length} data-parallel ranks apart`,
    impact: 'None yet; but a rank that is missing would not be seen.',
    advice: `Check that GET /metrics is the engine's, and see how many ranks started: \`${logsCommand}\`.`,
  };
}

/** Unreadable metrics leave a required check open, unless the spec asked for no metrics. */
function blind(
  { reason, advice }: Extract<MetricsReading, { kind: 'unreadable' }>,
  { metricsWanted, logsCommand }: EngineTarget,
): Judgement {
  if (!metricsWanted) return skip(`${reason}; observability.metrics is off in the spec`);
  return {
    outcome: 'unknown',
    detail: reason,
    impact: 'None yet; but a queue that grows or a rank that hangs would not be seen.',
    advice: advice ?? `Check that GET /metrics is the engine's: \`${logsCommand}\`.`,
  };
}

function worked({ promptTokens, generationTokens }: RankLoad): number {
  return promptTokens + generationTokens;
}

function percent(fraction: number): string {
  return `${Math.round(fraction * 100)} %`;
}

function skip(detail: string): Judgement {
  return { outcome: 'skipped', detail };
}

function engineCheck(id: string, { subject }: EngineTarget, judgement: Judgement): Check {
  return { id, level: 'engine', subject, ...judgement };
}
