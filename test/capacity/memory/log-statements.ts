import type { LogStatement } from '../../../src/capacity/index.ts';
import { accelerator, cut, v32 } from '../catalog-rows.ts';

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
