import { z } from 'zod';
import { type ProbeId, probeLevels } from './probe.ts';
import type { Check } from './report.ts';

/** What came back from one request to a leader, or why nothing did. */
export type ProbeAnswer =
  | { readonly kind: 'answered'; readonly status: number; readonly body: string }
  | LateAnswer
  /** The pod itself said that nothing listens on the port. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** Nothing was proven either way, for example no permission to port-forward. */
  | { readonly kind: 'not-asked'; readonly reason: string; readonly advice?: string };

/** No answer in time. */
export interface LateAnswer {
  readonly kind: 'timed-out';
  readonly afterSeconds: number;
  /** Nothing the engine counts moved meanwhile, so that waiting longer would not have helped. */
  readonly stoodStill?: true;
}

export interface ProbeTarget {
  readonly namespace: string;
  readonly pod: string;
  readonly servedModelNames: readonly string[];
}

type Judgement = Pick<Check, 'outcome' | 'detail' | 'advice' | 'impact'>;

/** What a user of the API notices while a probe fails. */
const impacts = {
  'http-health': 'Requests fail or hang at this endpoint.',
  models: 'Clients cannot use the name of the model.',
  chat: 'Questions get no answer.',
} as const satisfies Record<ProbeId, string>;

const modelList = z.object({ data: z.array(z.object({ id: z.string() })) });

const completion = z.object({
  choices: z
    .array(
      z.object({
        message: z.object({
          content: z.string().nullish(),
          // vLLM renamed the field; older releases and SGLang still say `reasoning_content`.
          reasoning: z.string().nullish(),
          reasoning_content: z.string().nullish(),
        }),
      }),
    )
    .min(1),
  usage: z.object({ completion_tokens: z.int().nullish() }).nullish(),
});

/**
 * Judges the answer of one leader to one probe.
 *
 * Only an answer with the right content passes; one that was refused for lack of permission or
 * route is `unknown`.
 */
export function judgeAnswer(id: ProbeId, answer: ProbeAnswer, target: ProbeTarget): Check {
  const subject = `Pod/${target.namespace}/${target.pod}`;
  const judgement = judge(id, answer, target);
  const impact = judgement.outcome === 'failed' ? { impact: impacts[id] } : {};
  return { id, level: probeLevels[id], subject, ...impact, ...judgement };
}

function judge(id: ProbeId, answer: ProbeAnswer, target: ProbeTarget): Judgement {
  if (answer.kind === 'not-asked') {
    const { reason, advice } = answer;
    return { outcome: 'unknown', detail: reason, ...(advice === undefined ? {} : { advice }) };
  }
  if (answer.kind === 'timed-out') {
    return fail(lateText(answer), logsAdvice(target));
  }
  if (answer.kind === 'refused') return fail(answer.reason, logsAdvice(target));
  switch (id) {
    case 'http-health':
      return judgeHealth(answer.status, target);
    case 'models':
      return judgeStatus(answer.status, target) ?? judgeModels(answer.body, target);
    case 'chat':
      return judgeStatus(answer.status, target) ?? judgeChat(answer.body, target);
  }
}

/** Says how long an answer was waited for. */
export function lateText({ afterSeconds, stoodStill }: LateAnswer): string {
  const late = `no answer within ${afterSeconds} s`;
  return stoodStill === true ? `${late}, in which nothing moved` : late;
}

function judgeHealth(status: number, target: ProbeTarget): Judgement {
  if (status === 200) return pass('GET /health answered 200');
  if (status === 503) return fail('GET /health answered 503: the engine died', logsAdvice(target));
  return fail(`GET /health answered ${status}`, logsAdvice(target));
}

/** Judges what an HTTP status alone says; `undefined` when the body decides. */
function judgeStatus(status: number, target: ProbeTarget): Judgement | undefined {
  if (status === 200) return undefined;
  if (status === 401 || status === 403) {
    const restart = `kubectl delete pod ${target.pod} -n ${target.namespace}`;
    return fail(
      `answered ${status}: the API key of the spec is not the one the engine took at its start`,
      `Put the old key back into the Secret, or restart the group to take the new one: \`${restart}\`.`,
    );
  }
  if (status === 429) {
    const advice = 'Try again when fewer requests wait, or raise groups[].replicas.';
    return { outcome: 'unknown', detail: 'answered 429: too many requests', advice };
  }
  return fail(`answered ${status}`, logsAdvice(target));
}

function judgeModels(body: string, { servedModelNames, ...target }: ProbeTarget): Judgement {
  const list = modelList.safeParse(parseJson(body)).data;
  if (list === undefined) return fail('GET /v1/models answered no model list', portAdvice);
  const ids = list.data.map(({ id }) => id);
  if (ids.length === 0) return fail('GET /v1/models lists no model', logsAdvice(target));
  const missing = servedModelNames.filter((name) => !ids.includes(name));
  if (servedModelNames.length > 0 && missing.length === 0) return pass(`serves ${ids.join(', ')}`);
  return fail(
    `serves ${ids.map(clip).join(', ')}, not ${missing.join(', ')}`,
    'Run `dsdeploy plan` to compare api.servedModelNames with what runs.',
  );
}

function judgeChat(body: string, target: ProbeTarget): Judgement {
  const answer = completion.safeParse(parseJson(body)).data;
  if (answer === undefined) {
    return fail('the answer is no chat completion', portAdvice);
  }
  const message = answer.choices[0]?.message;
  const text = message?.content?.trim();
  const thought = (message?.reasoning ?? message?.reasoning_content)?.trim();
  const count = answer.usage?.completion_tokens;
  if (count === 0 && text) return fail(`answered "${clip(text)}" of no token`, portAdvice);
  const tokens = typeof count === 'number' ? `${count} tokens` : 'tokens not counted';
  if (text) return pass(`answered "${clip(text)}", ${tokens}`);
  if (thought) return pass(`answered in thought only, ${tokens}`);
  return fail(`the answer is empty after ${tokens}`, logsAdvice(target));
}

const portAdvice = 'Check that api.port is the port of the engine and not of something else.';

function logsAdvice({ namespace, pod }: Pick<ProbeTarget, 'namespace' | 'pod'>): string {
  return `Read what the engine says: \`kubectl logs ${pod} -n ${namespace} --tail=200\`.`;
}

/** Parses JSON; a body that is not JSON becomes `undefined`, which no schema accepts. */
function parseJson(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    // Not an error here: the caller reports that the endpoint does not speak the protocol.
    return undefined;
  }
}

function clip(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}

function pass(detail: string): Judgement {
  return { outcome: 'passed', detail };
}

function fail(detail: string, advice: string): Judgement {
  return { outcome: 'failed', detail, advice };
}
