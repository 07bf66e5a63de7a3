import { z } from 'zod';
import type { Arrival, CanaryAnswer } from './canary-case.ts';

const usage = z.object({
  prompt_tokens: z.int().nullish(),
  completion_tokens: z.int().nullish(),
  prompt_tokens_details: z.object({ cached_tokens: z.int().nullish() }).nullish(),
});

const message = z.object({
  content: z.string().nullish(),
  reasoning: z.string().nullish(),
  reasoning_content: z.string().nullish(),
});

const called = z.object({ name: z.string().nullish(), arguments: z.string().nullish() });

const toolCall = z.object({ function: called });

/** Pieces of one call carry its index; those after the first may lack all but the arguments. */
const toolCallPiece = z.object({ index: z.int().nullish(), function: called.nullish() });

const completion = z.object({
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullish(),
        message: message.extend({ tool_calls: z.array(toolCall).nullish() }),
      }),
    )
    .min(1),
  usage: usage.nullish(),
});

const chunk = z.object({
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullish(),
        delta: message.extend({ tool_calls: z.array(toolCallPiece).nullish() }).prefault({}),
      }),
    )
    .default([]),
  usage: usage.nullish(),
});

/** One chat completion, streamed or not. */
export interface ChatAnswer {
  readonly content: string;
  /** Thoughts by the name of the field they came in; empty when there are none. */
  readonly thoughts: Readonly<Record<'reasoning' | 'reasoning_content', string>>;
  readonly toolCalls: readonly { readonly name: string; readonly arguments: string }[];
  /** Absent when the engine gave none, as in a stream that broke off. */
  readonly finishReason?: string;
  readonly promptTokens: number;
  /** Absent when the engine does not tell. */
  readonly completionTokens?: number;
  /** Absent when the engine does not tell. */
  readonly cachedTokens?: number;
}

/** Reads a completion that was not streamed; `undefined` when it is none. */
export function parseCompletion(body: string): ChatAnswer | undefined {
  const parsed = completion.safeParse(parseJson(body)).data;
  const choice = parsed?.choices[0];
  if (parsed === undefined || choice === undefined) return undefined;
  return {
    content: choice.message.content ?? '',
    thoughts: {
      reasoning: choice.message.reasoning ?? '',
      reasoning_content: choice.message.reasoning_content ?? '',
    },
    toolCalls: (choice.message.tool_calls ?? []).map(({ function: call }) => ({
      name: call.name ?? '',
      arguments: call.arguments ?? '',
    })),
    ...(choice.finish_reason ? { finishReason: choice.finish_reason } : {}),
    ...readUsage(parsed.usage),
  };
}

/** A stream put together again. */
export interface StreamedAnswer extends ChatAnswer {
  /** Whether the stream came to its proper end, `data: [DONE]`. */
  readonly done: boolean;
  /** Arrival of the first and the last piece of text or thought; absent when there was none. */
  readonly firstMs?: number;
  readonly lastMs?: number;
}

/** Reads server-sent events; `undefined` when there is none or one is not a chunk. */
export function parseStream({ body, arrivals }: CanaryAnswer): StreamedAnswer | undefined {
  const stream = new StreamReader(arrivals);
  for (const match of body.matchAll(/^data:(.*)$/gm)) {
    if (!stream.add(match[1]?.trim() ?? '', match.index + match[0].length)) return undefined;
  }
  return stream.result();
}

class StreamReader {
  readonly #arrivals: readonly Arrival[];
  readonly #thoughts = { reasoning: '', reasoning_content: '' };
  readonly #calls: { name: string; arguments: string }[] = [];
  #content = '';
  #finishReason: string | undefined;
  #usage: z.infer<typeof usage> | undefined;
  #done = false;
  #events = 0;
  readonly #timesMs: number[] = [];

  constructor(arrivals: readonly Arrival[]) {
    this.#arrivals = arrivals;
  }

  /** Adds one event; `false` when it is not a chunk of a chat completion. */
  add(data: string, endsAt: number): boolean {
    this.#events += 1;
    if (data === '[DONE]') {
      this.#done = true;
      return true;
    }
    const parsed = chunk.safeParse(parseJson(data)).data;
    if (parsed === undefined) return false;
    this.#usage = parsed.usage ?? this.#usage;
    const [choice] = parsed.choices;
    if (choice === undefined) return true;
    this.#finishReason = choice.finish_reason ?? this.#finishReason;
    this.#addDelta(choice.delta, endsAt);
    return true;
  }

  result(): StreamedAnswer | undefined {
    if (this.#events === 0) return undefined;
    const [firstMs, lastMs] = [this.#timesMs[0], this.#timesMs.at(-1)];
    return {
      content: this.#content,
      thoughts: this.#thoughts,
      toolCalls: this.#calls,
      ...(this.#finishReason === undefined ? {} : { finishReason: this.#finishReason }),
      ...readUsage(this.#usage),
      done: this.#done,
      ...(firstMs === undefined ? {} : { firstMs }),
      ...(lastMs === undefined ? {} : { lastMs }),
    };
  }

  #addDelta(delta: NonNullable<z.infer<typeof chunk>['choices'][number]>['delta'], at: number) {
    const { content, reasoning, reasoning_content: reasoningContent, tool_calls: calls } = delta;
    this.#content += content ?? '';
    this.#thoughts.reasoning += reasoning ?? '';
    this.#thoughts.reasoning_content += reasoningContent ?? '';
    for (const { index, function: piece } of calls ?? []) {
      const call = (this.#calls[index ?? 0] ??= { name: '', arguments: '' });
      call.name += piece?.name ?? '';
      call.arguments += piece?.arguments ?? '';
    }
    if (!content && !reasoning && !reasoningContent) return;
    const arrival = this.#arrivals.find(({ characters }) => characters >= at);
    if (arrival !== undefined) this.#timesMs.push(arrival.afterMs);
  }
}

function readUsage(
  used: z.infer<typeof usage> | null | undefined,
): Pick<ChatAnswer, 'promptTokens' | 'completionTokens' | 'cachedTokens'> {
  const cachedTokens = used?.prompt_tokens_details?.cached_tokens ?? undefined;
  const completionTokens = used?.completion_tokens ?? undefined;
  return {
    promptTokens: used?.prompt_tokens ?? 0,
    ...(completionTokens === undefined ? {} : { completionTokens }),
    ...(cachedTokens === undefined ? {} : { cachedTokens }),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // No schema accepts `undefined`: the caller reports that this is not a completion.
    return undefined;
  }
}

/** The number a reply ends with, if any: models like to repeat the sum before it. */
export function lastNumber(text: string): number | undefined {
  const last = text
    .replaceAll(/(?<=\d),(?=\d{3})/g, '')
    .match(/\d+/g)
    ?.at(-1);
  return last === undefined ? undefined : Number(last);
}

/** A text as it is compared: what a model may write differently and mean the same is left out. */
export function plainText(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim().toLowerCase();
}

/** Shortens an answer for one line of a report. */
export function clip(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}
