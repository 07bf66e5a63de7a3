import type { LogStatement } from '../../../src/capacity/index.ts';
import { accelerator, cut, model, v32 } from '../catalog-rows.ts';

/** What a log of V3.2 at TP8 on H200 states under a release of vLLM; a test states what differs. */
export function vllm(release: string, fraction: number): LogStatement {
  return {
    engine: 'vllm',
    release,
    model: v32,
    accelerator: accelerator('h200'),
    sharding: cut(8),
    kvLayout: 'fp8-ds-mla',
    fraction,
    contextTokens: 163_840,
    batchedTokens: 8192,
    blockTokens: 64,
  };
}

/**
 * What the logs of GLM-5.2-FP8 on 8 x B200 state; a test states what differs.
 *
 * @source crinex/b200_glm_poc, results/b200_D_run_output_baseline.txt
 */
export const onB200: LogStatement = {
  ...vllm('0.28.0', 0.93),
  model: model('zai-org/GLM-5.2-FP8'),
  accelerator: accelerator('b200'),
  kvLayout: 'fp8-plain',
  contextTokens: 16_384,
  batchedTokens: 16_384,
  maxSequences: 256,
};
