import { type ModelFamily, modelFamily } from '../../engines/index.ts';
import type { ModelAbilities } from './canary-case.ts';

const none: ModelAbilities = { thinking: 'never', toolCalls: false, developerRole: false };

/**
 * What the API of each model family can do whatever the engine. Only the encoding of V3.2 has a
 * `developer` role; the templates of the others raise at it or drop it.
 *
 * @source vllm/tokenizers/deepseek_v32_encoding.py; sglang encoding_dsv32.py; model cards
 */
const byFamily: Readonly<Record<ModelFamily, ModelAbilities>> = {
  'deepseek-v3.2': { thinking: 'switch', toolCalls: true, developerRole: true },
  'deepseek-v3.2-exp': { thinking: 'switch', toolCalls: true, developerRole: false },
  'deepseek-v3.2-speciale': { thinking: 'always', toolCalls: false, developerRole: false },
  'deepseek-v3.1': { thinking: 'switch', toolCalls: true, developerRole: false },
  'deepseek-v3': { ...none, toolCalls: true },
  'deepseek-r1': { thinking: 'always', toolCalls: true, developerRole: false },
  'kimi-k2': { ...none, toolCalls: true },
  other: none,
};

export function modelAbilities(modelId: string): ModelAbilities {
  return byFamily[modelFamily({ id: modelId })];
}
