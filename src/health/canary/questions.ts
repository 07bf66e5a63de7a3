import type { CanaryContext, CanaryRequest } from './canary-case.ts';

/** Tokens of an answer without thoughts: bounds what one question costs. */
export const shortAnswerTokens = 64;

/** Tokens of an answer with thoughts. */
const thoughtTokens = 1_024;

/** Text that no model makes up; short enough for any tokenizer to give back unharmed. */
export const copyText = 'violet-4831 harbor-2207 lantern-9154';

export const copyPrompt = `Repeat exactly, and write nothing else: ${copyText}`;

/** A question to a user; a model that can leave its thoughts out is told to. */
export function question(
  prompt: string,
  context: CanaryContext,
  extra: Readonly<Record<string, unknown>> = {},
): CanaryRequest {
  return chat([{ role: 'user', content: prompt }], context, extra);
}

export function chat(
  messages: readonly unknown[],
  context: CanaryContext,
  extra: Readonly<Record<string, unknown>> = {},
): CanaryRequest {
  const { thinking } = context.abilities;
  return {
    body: {
      messages,
      max_tokens: thinking === 'always' ? thoughtTokens : shortAnswerTokens,
      ...(thinking === 'switch' ? { chat_template_kwargs: { thinking: false } } : {}),
      ...extra,
    },
  };
}

/** The same question with room for thoughts, and thinking turned on where that is a choice. */
export function thinkingQuestion(prompt: string, context: CanaryContext): CanaryRequest {
  const on =
    context.abilities.thinking === 'switch' ? { chat_template_kwargs: { thinking: true } } : {};
  return question(prompt, context, { max_tokens: thoughtTokens, ...on });
}

export const streamed = { stream: true, stream_options: { include_usage: true } } as const;
