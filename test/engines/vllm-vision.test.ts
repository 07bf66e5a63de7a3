import { describe, expect, test } from 'vitest';
import type { StepSettings } from '../../src/capacity/index.ts';
import { findModel } from '../../src/catalog/index.ts';
import { visionSettings } from '../../src/engines/vllm/vision-settings.ts';
import { aGroup } from '../fixtures/a-spec.ts';

function settingsOf(line: string, id = 'moonshotai/Kimi-K2.5'): StepSettings['vision'] {
  const model = findModel(id);
  if (model === undefined) throw new Error(id);
  return visionSettings({ model, group: aGroup({ extraArgs: line.split(' ').filter(Boolean) }) });
}

describe('the vision tower by the arguments of a group', () => {
  test.each<{ line: string; settings: StepSettings['vision'] }>([
    { line: '', settings: { tower: 'cut', profiled: true } },
    { line: '--mm-encoder-tp-mode data', settings: { tower: 'whole', profiled: true } },
    { line: '--mm-encoder-tp-mode=weights', settings: { tower: 'cut', profiled: true } },
    { line: '--skip-mm-profiling', settings: { tower: 'cut', profiled: false } },
    { line: '--language-model-only', settings: { tower: 'none' } },
    { line: '--limit-mm-per-prompt {"vision_chunk":0}', settings: { tower: 'none' } },
    { line: '--limit-mm-per-prompt.vision_chunk 0', settings: { tower: 'none' } },
    // A limit of another kind of item does not reach the tower, and broken JSON is told elsewhere.
    { line: '--limit-mm-per-prompt {"image":0}', settings: { tower: 'cut', profiled: true } },
    { line: '--limit-mm-per-prompt {', settings: { tower: 'cut', profiled: true } },
  ])('"$line"', ({ line, settings }) => {
    expect(settingsOf(line)).toEqual(settings);
  });

  test('says nothing of a model that does not see', () => {
    expect(settingsOf('--language-model-only', 'deepseek-ai/DeepSeek-V3.2')).toBeUndefined();
  });
});
