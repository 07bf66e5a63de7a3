import type { ReasoningField } from '../../engines/index.ts';
import { type CanaryCase, type Finding, fail, pass } from './canary-case.ts';
import { type ChatAnswer, clip, lastNumber, parseCompletion } from './chat-answer.ts';
import { question, thinkingQuestion } from './questions.ts';
import { notChat } from './quick-cases.ts';

const prompt = 'What is 23 * 19? Reply with the number only.';
const result = 437;

const thinkMark = /<\/?think>/;

const thinkingOn: CanaryCase = {
  id: 'thinking-on',
  impact: 'Requests with thinking get no answer.',
  skip: ({ abilities }) =>
    abilities.thinking === 'never' ? 'the model does not think' : undefined,
  requests: (context) => [thinkingQuestion(prompt, context)],
  judge: ({ answers: [answer], context }) => {
    const reply = parseCompletion(answer?.body ?? '');
    if (reply === undefined) return notChat(context.logsCommand);
    // Clients written for the one engine do not find the thoughts of another.
    const field = context.reasoningField;
    const advice = `Check the reasoning parser: \`dsdeploy plan\` and \`${context.logsCommand}\`.`;
    const misplaced = findMisplaced(reply, field);
    if (misplaced !== undefined) return fail(misplaced.detail, { ...misplaced, advice });
    if (lastNumber(reply.content) === result) return pass(`thoughts in ${field}, answer right`);
    return fail(`thought, then answered "${clip(reply.content)}" instead of ${result}`, {
      impact: 'Answers after thinking are wrong, or missing because thoughts used up the tokens.',
      advice,
    });
  },
};

function findMisplaced(
  { content, thoughts }: ChatAnswer,
  field: ReasoningField,
): { readonly detail: string; readonly impact: string } | undefined {
  if (thinkMark.test(content)) {
    return {
      detail: 'the thoughts are inside content, marks and all',
      impact: 'Users see the thoughts of the model as a part of its answer.',
    };
  }
  if (thoughts[field].trim() !== '') return undefined;
  const other = field === 'reasoning' ? 'reasoning_content' : 'reasoning';
  if (thoughts[other].trim() === '') {
    return {
      detail: `thinking is on and ${field} is missing`,
      impact: 'Users who ask for thinking get none, or get it inside the answer.',
    };
  }
  return {
    detail: `the thoughts are in ${other}, this engine's clients read ${field}`,
    impact: 'Clients do not find the thoughts.',
  };
}

const thinkingOff: CanaryCase = {
  id: 'thinking-off',
  impact: 'Requests without thinking get no answer.',
  skip: ({ abilities }) =>
    abilities.thinking === 'switch' ? undefined : 'the model has no switch for thinking',
  requests: (context) => [question(prompt, context)],
  judge: ({ answers: [answer], context }): Finding => {
    const reply = parseCompletion(answer?.body ?? '');
    if (reply === undefined) return notChat(context.logsCommand);
    const advice = `Check the reasoning parser and chat_template_kwargs: \`${context.logsCommand}\`.`;
    const { reasoning, reasoning_content: reasoningContent } = reply.thoughts;
    if (
      reasoning.trim() !== '' ||
      reasoningContent.trim() !== '' ||
      thinkMark.test(reply.content)
    ) {
      const impact = 'Every answer is slower and costs the tokens of thoughts nobody asked for.';
      return fail('thinks although thinking is off', { impact, advice });
    }
    if (lastNumber(reply.content) === result) return pass('no thoughts, answer right');
    return fail(`answered "${clip(reply.content)}" instead of ${result}`, {
      impact: 'Answers without thinking are wrong.',
      advice,
    });
  },
};

export const thinkingCases: readonly CanaryCase[] = [thinkingOn, thinkingOff];
