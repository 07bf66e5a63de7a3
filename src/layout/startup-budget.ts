import { checkpointBytes } from '../capacity/index.ts';
import type { Spec } from '../spec/index.ts';
import type { GroupFacts } from './group-facts.ts';
import type { StartupBudget } from './layout.ts';

/** Allowance over the arithmetic: shared storage slows down when every node reads at once. */
const safetyFactor = 2;

/**
 * Never less than what others found necessary for this model.
 *
 * @source llm-d wide-EP guide, startupProbe of 2,700 s for DeepSeek-R1 on H200
 */
const minimumBudgetSeconds = 2700;

/**
 * Time a group may take from container start to ready. Every rank of a node walks through all
 * safetensors files, and ranks share the page cache, so a node reads the checkpoint once.
 */
export function startupBudget(spec: Spec, { model, engine }: GroupFacts): StartupBudget {
  const readBytesPerNode = checkpointBytes(model);
  const { readBytesPerSecond } = spec.model.weights;
  const loadSeconds = Math.ceil(readBytesPerNode / readBytesPerSecond);
  const warmUpSeconds = engine.warmUp.seconds;
  const budgetSeconds = Math.max(
    minimumBudgetSeconds,
    safetyFactor * (loadSeconds + warmUpSeconds),
  );
  return {
    readBytesPerNode,
    readBytesPerSecond,
    loadSeconds,
    warmUpSeconds,
    safetyFactor,
    minimumSeconds: minimumBudgetSeconds,
    budgetSeconds,
    source: `${engine.warmUp.source}; times ${safetyFactor}, at least ${minimumBudgetSeconds} s`,
  };
}
