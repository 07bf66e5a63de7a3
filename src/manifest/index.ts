export { canonicalJson, sortKeys } from './canonical-json.ts';
export { compareRefs, sortManifests } from './kind-order.ts';
export {
  formatRef,
  groupOf,
  identityOf,
  type Json,
  type JsonObject,
  type Manifest,
  type ManifestMetadata,
  type ObjectRef,
  refOf,
} from './manifest.ts';
