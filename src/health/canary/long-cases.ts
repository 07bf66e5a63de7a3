import {
  type CanaryCase,
  type CanaryContext,
  type CanaryEvidence,
  type Finding,
  fail,
  pass,
} from './canary-case.ts';
import { clip, parseCompletion } from './chat-answer.ts';
import { question, shortAnswerTokens } from './questions.ts';
import { notChat } from './quick-cases.ts';

const needle = 'The access code of the archive is 7315-KLM.';
const code = '7315-KLM';

/** Tokens one line of filler takes, about; the report shows what the engine counted. */
const lineTokens = 17;

/** Prompt tokens a second that a busy group still manages, for the time-out. */
const slowPrefillTokensPerSecond = 200;

/** Tokens of the prompt that is sent twice: several blocks of any engine's cache. */
const prefixTokens = 2_048;

const needleCase: CanaryCase = {
  id: 'needle',
  impact: 'Long requests get no answer.',
  requests: (context) => {
    const request = question(hide(needle, context.needleTokens), context);
    return [{ ...request, extraSeconds: context.needleTokens / slowPrefillTokensPerSecond }];
  },
  judge: ({ answers: [answer], context }) => {
    const reply = parseCompletion(answer?.body ?? '');
    if (reply === undefined) return notChat(context.logsCommand);
    const measured = { promptTokens: reply.promptTokens };
    // An echo gives the whole haystack back, which is no find.
    const isFound = reply.content.includes(code) && reply.content.length < 400;
    if (isFound) return pass(`found a sentence in ${reply.promptTokens} tokens`, measured);
    return {
      ...fail(`lost a sentence in ${reply.promptTokens} tokens: "${clip(reply.content)}"`, {
        impact: 'Answers about long documents are wrong.',
        advice: `Check the attention backend, the KV cache format and RoPE scaling: \`${context.logsCommand}\`.`,
      }),
      measured,
    };
  },
};

/** Whether the needle, its question and the answer fit the context; the caller reports the reason. */
export function needleProblem({ needleTokens, contextTokens }: CanaryContext): string | undefined {
  const room = contextTokens - shortAnswerTokens - 1_100;
  if (needleTokens <= room) return undefined;
  return `${needleTokens} tokens and an answer do not fit groups[].contextTokens ${contextTokens}`;
}

const prefixCache: CanaryCase = {
  id: 'prefix-cache',
  impact: 'Long requests get no answer.',
  readsMetrics: true,
  skip: ({ keepsPrefixes }) =>
    keepsPrefixes ? undefined : 'the group runs without a prefix cache',
  requests: (context) => {
    const prompt = hide(
      'Nothing of this matters.',
      Math.min(prefixTokens, context.contextTokens / 4),
    );
    const request = { ...question(prompt, context, { max_tokens: 1 }), pinned: true };
    return [request, request];
  },
  judge: (evidence): Finding => {
    const reply = parseCompletion(evidence.answers[1]?.body ?? '');
    if (reply === undefined) return notChat(evidence.context.logsCommand);
    const { cachedTokens } = reply;
    const hits = cachedTokens === undefined || cachedTokens === 0 ? countHits(evidence) : undefined;
    if ((cachedTokens ?? 0) > 0 || (hits ?? 0) > 0) {
      const cached = cachedTokens || hits || 0;
      const detail = `${cached} of ${reply.promptTokens} tokens came from the cache at the second try`;
      return pass(detail, { cachedTokens: cached, promptTokens: reply.promptTokens });
    }
    if (cachedTokens === undefined && hits === undefined) {
      return {
        outcome: 'unknown',
        detail: 'neither the usage nor the metrics tell of cached tokens',
        advice:
          'See in `dsdeploy plan` whether groups[].extraArgs turns the report of cached tokens off.',
      };
    }
    return fail(`none of ${reply.promptTokens} tokens came from the cache at the second try`, {
      impact: 'Each turn of a long chat waits for the whole prompt again.',
      advice: `Check the prefix cache in the log: \`${evidence.context.logsCommand}\`.`,
    });
  },
};

function countHits({ metrics }: CanaryEvidence): number | undefined {
  if (metrics?.before.kind !== 'read' || metrics.after.kind !== 'read') return undefined;
  const [before, after] = [metrics.before.value.prefixHits, metrics.after.value.prefixHits];
  return before === undefined || after === undefined ? undefined : Math.max(0, after - before);
}

/** Numbered lines with a sentence in the middle, and the question at the end. */
function hide(sentence: string, tokens: number): string {
  const lines = Array.from(
    { length: Math.max(2, Math.ceil(tokens / lineTokens)) },
    (_, index) => `Entry ${index + 1}: the gauge at the north gate read ${(index * 37) % 1000}.`,
  );
  const middle = Math.floor(lines.length / 2);
  const text = [...lines.slice(0, middle), sentence, ...lines.slice(middle)].join('\n');
  return `${text}\n\nWhat is the access code of the archive? Reply with the code only.`;
}

export const longCases: readonly CanaryCase[] = [needleCase, prefixCache];
