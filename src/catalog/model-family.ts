/** Models that share chat format, tool calls and way of thinking, whatever weights they have. */
export type ModelFamily =
  | 'deepseek-v3.2'
  | 'deepseek-v3.2-exp'
  | 'deepseek-v3.2-speciale'
  | 'deepseek-v3.1'
  | 'deepseek-v3'
  | 'deepseek-r1'
  | 'kimi-k2'
  | 'other';

/** What chats of a model can do, whatever serves it. */
export interface ModelAbilities {
  /** Whether the model thinks before it answers, and whether a request can turn that on and off. */
  readonly thinking: 'switch' | 'always' | 'never';
  readonly toolCalls: boolean;
  /** Whether the chat format has a `developer` beside the `system`. */
  readonly developerRole: boolean;
}

const plain: ModelAbilities = { thinking: 'never', toolCalls: false, developerRole: false };

/**
 * Only the encoding of V3.2 has a `developer` role; the templates of the others raise at it or drop
 * it.
 *
 * @source encoding/encoding_dsv32.py of deepseek-ai/DeepSeek-V3.2; model cards
 */
const byFamily: Readonly<Record<ModelFamily, ModelAbilities>> = {
  'deepseek-v3.2': { thinking: 'switch', toolCalls: true, developerRole: true },
  'deepseek-v3.2-exp': { thinking: 'switch', toolCalls: true, developerRole: false },
  'deepseek-v3.2-speciale': { thinking: 'always', toolCalls: false, developerRole: false },
  'deepseek-v3.1': { thinking: 'switch', toolCalls: true, developerRole: false },
  'deepseek-v3': { ...plain, toolCalls: true },
  'deepseek-r1': { thinking: 'always', toolCalls: true, developerRole: false },
  'kimi-k2': { ...plain, toolCalls: true },
  other: plain,
};

export function modelAbilities({ family }: { readonly family: ModelFamily }): ModelAbilities {
  return byFamily[family];
}
