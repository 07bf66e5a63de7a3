export { destroyDeployment } from './destroy-deployment.ts';
export type { DestroyResult } from './destroy-result.ts';
export { namespaceKinds } from './foreign-objects.ts';
export { type DestroyOptions, planDestroy } from './plan-destroy.ts';
