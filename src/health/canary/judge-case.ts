import { lateText, type ProbeAnswer } from '../answer.ts';
import type { MetricsReading } from '../engine/engine-metrics.ts';
import type { Check } from '../report.ts';
import type { CanaryAnswer, CanaryCase, CanaryContext, Finding } from './canary-case.ts';
import { needleProblem } from './long-cases.ts';

/** What came back for one request of a case, or why nothing did. */
export type CanaryReply =
  | (CanaryAnswer & { readonly kind: 'answered' })
  | Exclude<ProbeAnswer, { readonly kind: 'answered' }>;

export interface CaseEvidence {
  readonly subject: string;
  readonly replies: readonly CanaryReply[];
  readonly context: CanaryContext;
  readonly metrics?: { readonly before: MetricsReading; readonly after: MetricsReading };
}

/** The finding of a case that need not be asked after the answers so far, `undefined` for one that has to be. */
export function judgeUnasked(
  { id, skip, settled }: CanaryCase,
  context: CanaryContext,
  earlier: readonly CanaryAnswer[],
): Finding | undefined {
  const reason = skip?.(context);
  if (reason !== undefined) return { outcome: 'skipped', detail: reason };
  const known = settled?.(earlier, context);
  if (known !== undefined) return known;
  const problem = id === 'needle' ? needleProblem(context) : undefined;
  if (problem === undefined) return undefined;
  return { outcome: 'unknown', detail: problem, advice: 'Lower --canary-context.' };
}

/** Judges what came back for one case: first whether there is an answer at all, then the answer. */
export function judgeCase(canaryCase: CanaryCase, evidence: CaseEvidence): Check {
  return toCheck(
    canaryCase,
    evidence.subject,
    findAnswerless(canaryCase, evidence) ?? judge(canaryCase, evidence),
  );
}

/** Gives a finding the form of a check. */
export function toCheck({ id }: CanaryCase, subject: string, finding: Finding): Check {
  return { id, level: 'answer', subject, ...finding };
}

function judge(
  { judge: decide }: CanaryCase,
  { replies, context, metrics }: CaseEvidence,
): Finding {
  const answers = replies.flatMap((reply) => (reply.kind === 'answered' ? [reply] : []));
  return decide({ answers, context, ...(metrics === undefined ? {} : { metrics }) });
}

function findAnswerless(
  { impact, judgesStatus = false }: CanaryCase,
  { replies, context }: CaseEvidence,
): Finding | undefined {
  const advice = `Read what the engine says: \`${context.logsCommand}\`.`;
  for (const reply of replies) {
    switch (reply.kind) {
      case 'not-asked':
        return { outcome: 'unknown', detail: reply.reason, advice: reply.advice ?? advice };
      case 'timed-out':
        return {
          outcome: 'failed',
          detail: lateText(reply),
          impact,
          advice,
        };
      case 'refused':
        return { outcome: 'failed', detail: reply.reason, impact, advice };
      case 'answered': {
        const finding =
          judgesStatus && !isStorm(reply.status) ? undefined : judgeStatus(reply.status);
        if (finding !== undefined) return { impact, advice, ...finding };
      }
    }
  }
  return undefined;
}

function isStorm(status: number): boolean {
  return status === 429 || status >= 500;
}

/** Says what a status means; `undefined` for 200, where the body decides. */
function judgeStatus(status: number): Finding | undefined {
  if (status === 200) return undefined;
  if (status === 429) {
    return {
      outcome: 'unknown',
      detail: 'answered 429 again and again: too many requests',
      impact: 'Requests are turned away while the group is busy.',
      advice: 'Try again when fewer requests wait, or raise groups[].replicas.',
    };
  }
  return { outcome: 'failed', detail: `answered ${status}` };
}
