export { buildApp } from './build-app.ts';
export { renderManifests } from './render-manifests.ts';
export { dumpYaml, toYaml } from './to-yaml.ts';
