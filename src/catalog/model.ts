import { deepseekModels } from './model/deepseek.ts';
import type { ModelRow } from './model/model-row.ts';
import { otherModels } from './model/other.ts';

export const models: readonly ModelRow[] = [...deepseekModels, ...otherModels];
