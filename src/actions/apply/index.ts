export { applyPlan } from './apply-plan.ts';
export type { AppliedObject, ApplyOutcomeName, ApplyResult } from './apply-result.ts';
export { checkBindings, checkTarget } from './check-bindings.ts';
export { runStages, type Step } from './step.ts';
