export { fitDeployment } from './fit-deployment.ts';
export type * from './fit-result.ts';
