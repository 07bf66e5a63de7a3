import type { StepSettings } from '../../capacity/index.ts';
import { parseFlags, splitKey, valueOfFlag } from '../argument-check.ts';
import type { LayoutQuestion } from '../engine.ts';

/**
 * What the user's arguments say of a vision tower; `undefined` for models that have none.
 *
 * @source vllm/config/multimodal.py of 0.18.1 and 0.33.0: mm_encoder_tp_mode is `weights` by default
 */
export function visionSettings({
  model,
  group,
}: Pick<LayoutQuestion, 'model' | 'group'>): StepSettings['vision'] {
  if (model.vision === undefined) return undefined;
  const { extraArgs } = group;
  if (isLeftOut(extraArgs)) return { tower: 'none' };
  return {
    tower: valueOfFlag(extraArgs, ['--mm-encoder-tp-mode']) === 'data' ? 'whole' : 'cut',
    profiled: !extraArgs.includes('--skip-mm-profiling'),
  };
}

/** The one kind of item that MoonViT takes; a limit of images or videos leaves the tower where it is. */
const itemKind = 'vision_chunk';

function isLeftOut(extraArgs: readonly string[]): boolean {
  return parseFlags(extraArgs).some(({ flag, values }) => {
    if (flag === '--language-model-only') return true;
    const [name, key] = splitKey(flag);
    if (name !== '--limit-mm-per-prompt') return false;
    const text = values.join(' ');
    return key === undefined ? limitIn(text) === 0 : key === itemKind && Number(text) === 0;
  });
}

function limitIn(json: string): unknown {
  try {
    const limits: unknown = JSON.parse(json);
    return typeof limits === 'object' && limits !== null && itemKind in limits
      ? limits[itemKind]
      : undefined;
  } catch {
    // Broken JSON is told by the check of the argument itself.
    return undefined;
  }
}
