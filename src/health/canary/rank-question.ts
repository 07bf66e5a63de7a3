import type { Canary } from './canary.ts';
import type { CanaryContext, CanaryRequest } from './canary-case.ts';
import { clip, parseCompletion, plainText } from './chat-answer.ts';
import { copyPrompt, copyText, question } from './questions.ts';

/** One request that any instruction-tuned model answers in a few tokens. */
export const chatPrompt = 'Reply with the single word: ready';

/**
 * What each data-parallel rank is asked: one token to see whether it answers, a line to repeat where
 * the answer has to be right. Weights or memory that went bad on one device show in its answers only.
 */
export function rankQuestion(canary: Canary, context: CanaryContext): CanaryRequest['body'] {
  if (canary === 'full') return question(copyPrompt, context).body;
  return { messages: [{ role: 'user', content: chatPrompt }], max_tokens: 1 };
}

/** Says what is wrong with the answer of a rank; one that was cut off for its length proves nothing. */
export function rankAnswerProblem(canary: Canary, body: string): string | undefined {
  if (canary !== 'full') return undefined;
  const chat = parseCompletion(body);
  if (chat === undefined) return 'answered no chat completion';
  if (chat.finishReason === 'length' || plainText(chat.content).includes(copyText))
    return undefined;
  return `was asked to repeat a line and answered "${clip(chat.content)}"`;
}
