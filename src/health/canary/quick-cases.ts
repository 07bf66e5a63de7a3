import type { Measurements, SpeedRange } from '../report.ts';
import { findSlow, formatRange } from '../speed/expected-speed.ts';
import {
  type CanaryAnswer,
  type CanaryCase,
  type CanaryContext,
  type CanaryEvidence,
  type Finding,
  fail,
  pass,
} from './canary-case.ts';
import {
  clip,
  parseCompletion,
  parseStream,
  plainText,
  type StreamedAnswer,
} from './chat-answer.ts';
import { copyPrompt, copyText, question, streamed } from './questions.ts';

/** Milliseconds to the first word of a short question from which on people think it is broken. */
export const slowFirstTokenMs = 15_000;

/** An answer that repeats what it was asked to: text comes back as it went in. */
const copy: CanaryCase = {
  id: 'copy',
  impact: 'Questions get no answer.',
  requests: (context) => [question(copyPrompt, context)],
  judge: ({ answers: [answer], context }) => {
    const chat = parseCompletion(answer?.body ?? '');
    if (chat === undefined) return notChat(context.logsCommand);
    if (plainText(chat.content).includes(copyText)) return pass('repeats a line word for word');
    return fail(`was asked to repeat a line and answered "${clip(chat.content)}"`, {
      impact: 'Answers are wrong or gibberish although every request succeeds.',
      advice: `Take the group out of traffic; compare the weights, their format and the flags with \`dsdeploy plan\`, and read \`${context.logsCommand}\`.`,
    });
  },
};

/** The same answer in one piece and streamed, and a stream that comes to its end. */
const stream: CanaryCase = {
  id: 'stream',
  impact: 'Chats that stream get no answer.',
  requests: (context) => [question(copyPrompt, context), question(copyPrompt, context, streamed)],
  judge: ({ answers: [whole, pieces], context }) => {
    const plain = parseCompletion(whole?.body ?? '');
    const flow = pieces === undefined ? undefined : parseStream(pieces);
    if (plain === undefined) return notChat(context.logsCommand);
    if (flow === undefined) {
      return fail('asked to stream, it sent no stream of chat completion chunks', {
        impact: 'Chats that stream fail in the client.',
        advice: portAdvice,
      });
    }
    if (!isComplete(flow)) return broken(flow, context.logsCommand);
    // Parsers leave a line break before an answer in the one and not in the other.
    if (flow.content.trim() !== plain.content.trim()) {
      return fail(`streamed "${clip(flow.content)}", in one piece "${clip(plain.content)}"`, {
        impact: 'Chats that stream show another text than the same request without streaming.',
        advice: `Check the reasoning and tool parsers of the release: \`${context.logsCommand}\`.`,
      });
    }
    return pass('the same text streamed and in one piece');
  },
};

/** Time to the first word and speed after it, of one short request. */
const firstToken: CanaryCase = {
  id: 'first-token',
  impact: 'Chats that stream get no answer.',
  settled: (earlier, context) =>
    earlier
      .map((answer) => judgeFirstToken(answer, context))
      .find(({ measured, outcome }) => measured !== undefined && outcome === 'failed'),
  requests: (context) => [
    question('Count from 1 to 20, numbers separated by spaces.', context, streamed),
  ],
  judge: ({ answers: [answer], context }) => judgeFirstToken(answer, context),
};

function judgeFirstToken(answer: CanaryAnswer | undefined, context: CanaryContext): Finding {
  const flow = answer === undefined ? undefined : parseStream(answer);
  if (flow === undefined) return notChat(context.logsCommand);
  if (flow.firstMs === undefined || !isComplete(flow)) return broken(flow, context.logsCommand);
  const measured = { ...measure(flow, flow.firstMs), ...context.expectedSpeed };
  const detail = speedText(measured);
  if (flow.firstMs <= slowFirstTokenMs) {
    const slow = findSlow(measured);
    const found = pass(detail, measured);
    return slow === undefined ? found : { ...found, warning: slow, advice: slowAdvice(context) };
  }
  const impact = `Users wait ${Math.round(flow.firstMs / 1000)} s before the first word.`;
  const advice = 'Look at the queue (check `metrics`); raise groups[].replicas when it is long.';
  return { ...fail(detail, { impact, advice }), measured };
}

/** What was measured, beside what `dsdeploy estimate` expects where it knows. */
function speedText(measured: Measurements): string {
  const { ttftMs, outputTokensPerSecond, expectedTtftMs, expectedOutputTokensPerSecond } = measured;
  const beside = (range: SpeedRange | undefined): string =>
    range === undefined ? '' : `, expected ${formatRange(range)}`;
  const first = `first word after ${ttftMs ?? 0} ms${beside(expectedTtftMs)}`;
  if (outputTokensPerSecond === undefined) return first;
  return `${first}; ${outputTokensPerSecond} tokens/s after it${beside(expectedOutputTokensPerSecond)}`;
}

function slowAdvice({ logsCommand }: CanaryContext): string {
  return `Look at the queue (check \`metrics\`) and for slow networks or kernels in the log: \`${logsCommand}\`; \`dsdeploy estimate\` tells what to expect under load.`;
}

function measure(flow: StreamedAnswer, firstMs: number) {
  const seconds = ((flow.lastMs ?? firstMs) - firstMs) / 1000;
  const later = (flow.completionTokens ?? 0) - 1;
  // Below some milliseconds all pieces came in one packet, and the speed is the network's.
  const isFlow = later > 0 && seconds > 0.02;
  return {
    ttftMs: Math.round(firstMs),
    ...(isFlow ? { outputTokensPerSecond: Math.round(later / seconds) } : {}),
  };
}

/**
 * `max_tokens` reaches the engine: an answer that needs more ends for its length. Whether it is
 * obeyed to the token is `token-limit` of the full canary, which the sandbox's echo cannot do.
 */
const maxTokens: CanaryCase = {
  id: 'max-tokens',
  impact: 'Requests with a limit get no answer.',
  requests: (context) => [question(copyPrompt, context, { max_tokens: 4 })],
  judge: ({ answers: [answer], context }) => {
    const chat = parseCompletion(answer?.body ?? '');
    if (chat === undefined) return notChat(context.logsCommand);
    if (chat.finishReason === 'length') return pass('an answer over the limit ends for its length');
    return fail(`max_tokens 4 ended with finish_reason "${chat.finishReason ?? 'none'}"`, {
      impact: 'Clients cannot bound the length and the cost of an answer.',
      advice: portAdvice,
    });
  },
};

/** A request without the key, or with another, is refused. */
const badKey: CanaryCase = {
  id: 'bad-key',
  impact: 'Nobody can tell whether strangers are kept out.',
  skip: ({ hasKey }) => (hasKey ? undefined : 'the spec has no API key: api.keySecret is none'),
  judgesStatus: true,
  requests: (context) => {
    const { body } = question('Hi', context, { max_tokens: 1 });
    return [
      { body, key: 'wrong' },
      { body, key: 'none' },
    ];
  },
  judge: ({ answers, context }: CanaryEvidence): Finding => {
    const labels = ['a wrong key', 'no key'];
    const open = answers.flatMap(({ status }, index) =>
      status >= 200 && status < 300 ? [labels[index] ?? ''] : [],
    );
    if (open.length > 0) {
      return fail(`answers requests with ${open.join(' and ')}`, {
        impact: 'Anybody who reaches the port can use the model.',
        advice: `Restart the group so that it takes the key of the spec, and check its command: \`${context.logsCommand}\`.`,
      });
    }
    const odd = answers.find(({ status }) => status !== 401 && status !== 403);
    if (odd === undefined) return pass('refuses a wrong key and no key');
    return {
      outcome: 'unknown',
      detail: `answered ${odd.status} to a request that had to be refused with 401`,
      advice: 'Run `dsdeploy health` again.',
    };
  },
};

const portAdvice = 'Check that api.port is the port of the engine and not of something else.';

/** What an answer is that has status 200 and is no chat completion. */
export function notChat(logsCommand: string): Finding {
  return fail('status 200 without a chat completion', {
    impact: 'Clients cannot read the answers.',
    advice: `Check that api.port is the port of the engine: \`${logsCommand}\`.`,
  });
}

function isComplete({ done, finishReason }: StreamedAnswer): boolean {
  return done && finishReason !== undefined;
}

function broken({ content, finishReason }: StreamedAnswer, logsCommand: string): Finding {
  const missing = finishReason === undefined ? 'finish_reason' : '[DONE]';
  return fail(`the stream stopped after "${clip(content)}" without ${missing}`, {
    impact: 'Answers break off in the middle, without an error.',
    advice: `Read what the engine says: \`${logsCommand}\`.`,
  });
}

/** What proves that an endpoint serves; an endpoint that only echoes passes. */
export const quickCases: readonly CanaryCase[] = [copy, stream, firstToken, maxTokens, badKey];
