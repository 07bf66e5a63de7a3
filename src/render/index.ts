export { buildApp } from './build-app.ts';
export { podSecurityOf } from './pod-security.ts';
export { renderManifests } from './render-manifests.ts';
export { toYaml } from './to-yaml.ts';
