export { readSavedPlan } from './read-saved-plan.ts';
export { writeSavedPlan } from './write-saved-plan.ts';
