import { checkpointBytes } from '../capacity/index.ts';
import type { AcceleratorRow } from '../catalog/index.ts';
import type { Spec } from '../spec/index.ts';
import type { GroupFacts } from './group-facts.ts';
import type { StartupBudget } from './layout.ts';

/** Allowance over the arithmetic: shared storage slows down when every node reads at once. */
const safetyFactor = 2;

/**
 * Never less than what others found necessary for models of this size.
 *
 * @source llm-d wide-EP guide, VLLM_ENGINE_READY_TIMEOUT_S for DeepSeek-R1 on H200; llm-d AMD guide,
 * the same variable and the startupProbe for DeepSeek-V3 on MI355X, where the first start compiles
 * kernels for tens of minutes; the tests of vllm-ascend on A2 and A3
 */
const minimumBudgetSeconds: Readonly<Record<AcceleratorRow['vendor'], number>> = {
  nvidia: 3000,
  amd: 7200,
  huawei: 3000,
};

/**
 * Time a group may take from container start to ready. Every rank of a node walks through all
 * safetensors files, and ranks share the page cache, so a node reads the checkpoint once.
 */
export function startupBudget(
  spec: Spec,
  { model, engine, accelerator }: GroupFacts,
): StartupBudget {
  const readBytesPerNode = checkpointBytes(model);
  const { readBytesPerSecond } = spec.model.weights;
  const loadSeconds = Math.ceil(readBytesPerNode / readBytesPerSecond);
  const warmUpSeconds = engine.warmUp.seconds;
  const minimumSeconds = minimumBudgetSeconds[accelerator.vendor];
  const budgetSeconds = Math.max(minimumSeconds, safetyFactor * (loadSeconds + warmUpSeconds));
  return {
    readBytesPerNode,
    readBytesPerSecond,
    loadSeconds,
    warmUpSeconds,
    safetyFactor,
    minimumSeconds,
    budgetSeconds,
    source: `${engine.warmUp.source}; times ${safetyFactor}, at least ${minimumSeconds} s`,
  };
}
