import type { LayoutQuestion } from '../engine.ts';
import { batchSizes } from '../vllm/batch-sizes.ts';
import { type AdditionalConfig, isSet, readAdditionalConfig } from './additional-config.ts';
import { captureSizes } from './capture-sizes.ts';

/**
 * FlashComm 1 splits sequences over the tensor ranks between the layers.
 *
 * @source every V3.2 configuration of vllm-ascend 0.23.0.post1: tutorial, nightly and weekly tests
 */
export const flashCommVariable = 'VLLM_ASCEND_ENABLE_FLASHCOMM1';

const flashCommKey = 'enable_flashcomm1';

/** What the user says of it, by key or by variable; the key wins, as in the engine. */
export function wantsFlashComm(
  config: AdditionalConfig,
  extraEnv: Readonly<Record<string, string>>,
): boolean | undefined {
  if (flashCommKey in config) return isSet(config[flashCommKey]);
  const value = extraEnv[flashCommVariable];
  return value === undefined ? undefined : Number(value) > 0;
}

/**
 * Whether a layout can have it: experts are spread, and a decode step that is captured is a whole number
 * of tokens per tensor rank.
 */
export function canFlashComm(question: LayoutQuestion): boolean {
  const { group, parallelism, model, podsPerGroup } = question;
  const { tensor, expert } = parallelism;
  const { sequences } = batchSizes(question);
  // On one node every size up to a full step is captured.
  const largest = sequences * (1 + group.mtpTokens);
  const divides =
    podsPerGroup === 1 ? largest >= tensor : captureSizes.some((size) => size % tensor === 0);
  return tensor > 1 && divides && (expert || model.architecture.routedExperts === 0);
}

/** Whether a group runs with it: where the user says so, else wherever it can. */
export function usesFlashComm(question: LayoutQuestion): boolean {
  const { extraArgs, extraEnv } = question.group;
  return wantsFlashComm(readAdditionalConfig(extraArgs), extraEnv) ?? canFlashComm(question);
}
