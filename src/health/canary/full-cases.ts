import { type CanaryCase, type Finding, fail, pass } from './canary-case.ts';
import { clip, lastNumber, parseCompletion, plainText } from './chat-answer.ts';
import { longCases } from './long-cases.ts';
import { chat, copyPrompt, copyText, question } from './questions.ts';
import { notChat } from './quick-cases.ts';
import { thinkingCases } from './thinking-cases.ts';
import { toolCases } from './tool-cases.ts';

const wrongAnswers = {
  impact: 'Answers are wrong although every request succeeds.',
  advice:
    'Take the group out of traffic; compare weights, quantization and kernels with `dsdeploy plan`.',
} as const;

const copyExact: CanaryCase = {
  id: 'copy-exact',
  impact: 'Questions get no answer.',
  requests: (context) => [question(copyPrompt, context)],
  judge: ({ answers: [answer], context }) => {
    const reply = parseCompletion(answer?.body ?? '');
    if (reply === undefined) return notChat(context.logsCommand);
    const text = plainText(reply.content).replaceAll(/^["'`*]+|["'`*.]+$/g, '');
    if (text === copyText) return pass('repeats a line and adds nothing');
    return fail(`was asked to repeat a line only and answered "${clip(reply.content)}"`, {
      impact: 'The model does not follow instructions: its chat format may be the wrong one.',
      advice: `Check the chat template and the tokenizer mode: \`${context.logsCommand}\`.`,
    });
  },
};

/** Sums a 671B model does in its sleep; numerical faults of kernels show here first. */
const sums = [
  { prompt: 'What is 17 * 24?', result: 408 },
  { prompt: 'What is 391 + 846?', result: 1237 },
] as const;

const arithmetic: CanaryCase = {
  id: 'arithmetic',
  impact: 'Questions get no answer.',
  requests: (context) =>
    sums.map(({ prompt }) => question(`${prompt} Reply with the number only.`, context)),
  judge: ({ answers, context }): Finding => {
    const replies = answers.map(({ body }) => parseCompletion(body)?.content);
    if (replies.includes(undefined)) return notChat(context.logsCommand);
    const wrong = sums.filter(({ result }, index) => lastNumber(replies[index] ?? '') !== result);
    if (wrong.length === 0) return pass(`${sums.length} sums right`);
    const shown = wrong.map((sum) => `${sum.prompt} "${clip(replies[sums.indexOf(sum)] ?? '')}"`);
    return fail(`wrong sums: ${shown.join(', ')}`, wrongAnswers);
  },
};

const stop: CanaryCase = {
  id: 'stop',
  impact: 'Requests with stop texts get no answer.',
  requests: (context) => [question(copyPrompt, context, { stop: ['lantern'] })],
  judge: ({ answers: [answer], context }) => {
    const reply = parseCompletion(answer?.body ?? '');
    if (reply === undefined) return notChat(context.logsCommand);
    const { content, finishReason } = reply;
    const text = plainText(content);
    const isCut = text.includes('violet') && !text.includes('lantern');
    if (isCut && finishReason === 'stop') return pass('ends before a stop text');
    return fail(`stop "lantern" gave "${clip(content)}", ${finishReason ?? 'no finish_reason'}`, {
      impact: 'Agents and templates that rely on stop texts get too much text.',
      advice: `Check the release for known faults of stop texts: \`${context.logsCommand}\`.`,
    });
  },
};

const tokenLimit: CanaryCase = {
  id: 'token-limit',
  impact: 'Requests with a limit get no answer.',
  requests: (context) => [question(copyPrompt, context, { max_tokens: 4 })],
  judge: ({ answers: [answer], context }) => {
    const reply = parseCompletion(answer?.body ?? '');
    if (reply === undefined) return notChat(context.logsCommand);
    const { completionTokens, content } = reply;
    const isBound =
      completionTokens === undefined || (completionTokens > 0 && completionTokens <= 4);
    if (isBound && !plainText(content).includes(copyText))
      return pass('never more than max_tokens');
    return fail(`max_tokens 4 gave ${completionTokens ?? 'all'} tokens`, {
      impact: 'Answers run past the limit the client pays for.',
      advice: `Check the release for known faults of max_tokens: \`${context.logsCommand}\`.`,
    });
  },
};

const developerRole: CanaryCase = {
  id: 'developer-role',
  impact: 'Requests with a developer message fail.',
  skip: ({ abilities }) =>
    abilities.developerRole ? undefined : 'the chat format of the model has no developer role',
  judgesStatus: true,
  requests: (context) => [
    chat(
      [
        { role: 'developer', content: 'Answer in one word.' },
        { role: 'user', content: 'Which colour has the sky on a clear day?' },
      ],
      context,
    ),
  ],
  judge: ({ answers: [answer], context }) => {
    const reply = answer?.status === 200 ? parseCompletion(answer.body) : undefined;
    if (reply !== undefined && reply.content.trim() !== '') return pass('accepted');
    return fail(`a developer message was answered with status ${answer?.status ?? 0}`, {
      impact: 'Clients of newer OpenAI libraries, which send developer messages, fail.',
      advice: `Check that the engine uses the encoding of the model: \`${context.logsCommand}\`.`,
    });
  },
};

/** What only the model itself can get right. */
export const fullCases: readonly CanaryCase[] = [
  copyExact,
  arithmetic,
  ...thinkingCases,
  ...toolCases,
  stop,
  tokenLimit,
  developerRole,
  ...longCases,
];
