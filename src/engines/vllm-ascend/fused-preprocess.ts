import type { LayoutQuestion } from '../engine.ts';
import { isSet, readAdditionalConfig } from './additional-config.ts';

/** MLAPO fuses what comes before the attention, with copies of its weights. */
export const fusedPreprocessVariable = 'VLLM_ASCEND_ENABLE_MLAPO';

/**
 * Whether a group has it: sparse attention alone outside decode servers, and not with a packed cache.
 *
 * @source vllm_ascend/attention of 0.15.0rc1 to 0.23.0: utils.py, enabling_mlapo; sfa_v1.py,
 * AscendSFAImpl
 */
export function usesFusedPreprocess({ model, group }: LayoutQuestion): boolean {
  if (model.architecture.indexer === undefined) return false;
  const config = readAdditionalConfig(group.extraArgs);
  if (isSet(config['enable_sparse_sfa_c8'])) return false;
  if ('enable_mlapo' in config) return isSet(config['enable_mlapo']);
  return Number(group.extraEnv[fusedPreprocessVariable] ?? '1') > 0;
}
