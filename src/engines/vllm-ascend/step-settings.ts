import type { StepSettings } from '../../capacity/index.ts';
import type { LayoutQuestion } from '../engine.ts';
import { vllmStep } from '../vllm/step-settings.ts';
import { isSet, readAdditionalConfig } from './additional-config.ts';
import { usesFlashComm } from './flash-comm.ts';
import { usesFusedPreprocess } from './fused-preprocess.ts';

/** What one step of the release holds on this layout, and what the plug-in does with the weights. */
export function ascendStep(question: LayoutQuestion): StepSettings | undefined {
  const step = vllmStep(question);
  return step === undefined ? undefined : { ...step, npu: npuWeights(question) };
}

/** A group prefills and decodes, so `q_b` is never spread by layers. */
function npuWeights(question: LayoutQuestion): NonNullable<StepSettings['npu']> {
  const { model, group } = question;
  const config = readAdditionalConfig(group.extraArgs);
  const flashComm = usesFlashComm(question) || isSet(config['enable_shared_expert_dp']);
  const isSparse = model.architecture.indexer !== undefined;
  return {
    flashComm,
    fusedPreprocess: usesFusedPreprocess(question),
    ...(flashComm && isSparse && isSet(config['enable_dsa_cp'])
      ? { contextParallel: 'mixed' }
      : {}),
  };
}
