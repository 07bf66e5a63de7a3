export { destroyDeployment } from './destroy-deployment.ts';
export type { DestroyResult } from './destroy-result.ts';
export { type DestroyOptions, planDestroy } from './plan-destroy.ts';
