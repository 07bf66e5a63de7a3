export { type AccessRequestInput, findAccessRules } from './access.ts';
export { planWithPreflight, renewFindings } from './plan-with-preflight.ts';
export { assertPreflight, runPreflight } from './preflight.ts';
export { type AccessRoleManifests, renderAccess } from './render-access.ts';
