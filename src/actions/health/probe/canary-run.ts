import {
  type CanaryAnswer,
  type CanaryCase,
  type CanaryContext,
  type CanaryReply,
  type CanaryRequest,
  type Check,
  judgeCase,
  judgeUnasked,
  toCheck,
} from '../../../health/index.ts';
import type { Clock } from '../../host.ts';
import type { LifeWatch } from './life-watch.ts';
import type { ProbeConnection } from './probe-connection.ts';
import type { MetricsReader } from './read-metrics.ts';

export const chatPath = '/v1/chat/completions';

/** Milliseconds all questions of one endpoint may take; what is left then is not asked. */
const budgetMs = 600_000;

export interface CanaryRun {
  readonly connection: ProbeConnection;
  readonly life: LifeWatch;
  readonly metrics: MetricsReader;
  readonly context: CanaryContext;
  readonly subject: string;
  readonly cases: readonly CanaryCase[];
  /** First data-parallel rank of the endpoint, for requests that have to meet the same cache. */
  readonly firstRank: number | undefined;
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/**
 * Asks the questions of a canary one after the other, and judges each. After one that got no answer in
 * time the others are not asked, as each could wait as long again.
 */
export async function runCanary(run: CanaryRun): Promise<readonly Check[]> {
  const { cases, clock, context, subject } = run;
  let spentMs = 0;
  let late: ReturnType<typeof judgeUnasked>;
  const earlier: CanaryAnswer[] = [];
  const checks: Check[] = [];
  for (const canaryCase of cases) {
    const startedMs = clock.nowMs();
    const unasked = judgeUnasked(canaryCase, context, earlier) ?? late ?? outOfTime(spentMs);
    if (unasked !== undefined) {
      checks.push(toCheck(canaryCase, subject, unasked));
      continue;
    }
    const { check, replies } = await askCase(canaryCase, run);
    spentMs += replies.reduce((total, reply) => total + durationOf(reply), 0);
    if (replies.some(({ kind }) => kind === 'timed-out')) late = afterTimeout(canaryCase);
    earlier.push(...replies.filter((reply) => reply.kind === 'answered'));
    checks.push({ ...check, durationMs: Math.round(clock.nowMs() - startedMs) });
  }
  return checks;
}

function afterTimeout({ id }: CanaryCase) {
  const detail = `not asked, as the question of "${id}" got no answer in time`;
  return { outcome: 'unknown', detail } as const;
}

function outOfTime(spentMs: number) {
  if (spentMs < budgetMs) return undefined;
  const detail = `not asked, as the questions before took ${budgetMs / 1000} s`;
  return { outcome: 'unknown', detail } as const;
}

async function askCase(
  canaryCase: CanaryCase,
  run: CanaryRun,
): Promise<{ readonly check: Check; readonly replies: readonly CanaryReply[] }> {
  const { context, subject, metrics } = run;
  const before = canaryCase.readsMetrics === true ? await metrics.read() : undefined;
  const replies: CanaryReply[] = [];
  for (const request of canaryCase.requests(context)) {
    const reply = await askRequest(request, run);
    replies.push(reply);
    if (reply.kind !== 'answered') break;
  }
  const around =
    before === undefined ? undefined : { before, after: await metrics.readSettled(() => false) };
  const evidence = { subject, replies, context };
  const check = judgeCase(
    canaryCase,
    around === undefined ? evidence : { ...evidence, metrics: around },
  );
  return { check, replies };
}

/** Milliseconds a request took; one that could not be sent took none worth counting. */
function durationOf(reply: CanaryReply): number {
  switch (reply.kind) {
    case 'answered':
      return reply.tookMs;
    case 'timed-out':
      return reply.afterSeconds * 1000;
    case 'refused':
    case 'not-asked':
      return 0;
  }
}

async function askRequest(
  { body, key = 'right', pinned = false, extraSeconds = 0 }: CanaryRequest,
  { connection, life, context, firstRank, timeoutMs }: CanaryRun,
): Promise<CanaryReply> {
  const dataRank = pinned ? firstRank : undefined;
  return life.during(dataRank, (giveUp) =>
    connection.insist({
      path: chatPath,
      body: { model: context.model, temperature: 0, ...body },
      key,
      headers: pinned ? rankHeader(0) : undefined,
      timeoutMs: timeoutMs + extraSeconds * 1000,
      giveUp,
    }),
  );
}

/**
 * Sends a request to one of the data-parallel ranks behind an endpoint.
 *
 * A server counts those it balances over, from 0, and refuses any other number: not the rank of the
 * group, by which its metrics tell ranks apart. The two differ on pods and ports with a share of it.
 *
 * @param place Of the rank among those of the endpoint, ascending.
 * @source vLLM 0.18.1 to 0.33.0, v1/engine/input_processor.py `num_ranks` and v1/engine/core_client.py
 * `get_core_engine_for_request`; SGLang DataParallelController
 */
export function rankHeader(place: number): Readonly<Record<string, string>> {
  return { 'x-data-parallel-rank': String(place) };
}
