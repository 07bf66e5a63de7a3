import type { ModelRow } from '../catalog/index.ts';

/** Models that share chat format, tool calls and way of thinking. */
export type ModelFamily =
  | 'deepseek-v3.2'
  | 'deepseek-v3.2-exp'
  | 'deepseek-v3.2-speciale'
  | 'deepseek-v3.1'
  | 'deepseek-v3'
  | 'deepseek-r1'
  | 'kimi-k2'
  | 'other';

/** The most special name first; the first that the id contains wins. */
const familyNames: readonly (readonly [RegExp, ModelFamily])[] = [
  [/deepseek-v3\.2-speciale/, 'deepseek-v3.2-speciale'],
  [/deepseek-v3\.2-exp/, 'deepseek-v3.2-exp'],
  [/deepseek-v3\.2/, 'deepseek-v3.2'],
  [/deepseek-v3\.1/, 'deepseek-v3.1'],
  [/deepseek-v3/, 'deepseek-v3'],
  [/deepseek-r1/, 'deepseek-r1'],
  [/kimi-k2/, 'kimi-k2'],
];

/** Family of a model, from its name: quantised and tuned variants keep the name they come from. */
export function modelFamily({ id }: Pick<ModelRow, 'id'>): ModelFamily {
  const name = id.toLowerCase().replaceAll('_', '.');
  return familyNames.find(([pattern]) => pattern.test(name))?.[1] ?? 'other';
}
