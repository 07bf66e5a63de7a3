import { dump } from 'js-yaml';
import type { Manifest } from '../manifest/index.ts';

/** Formats objects as YAML, one document each. */
export function toYaml(manifests: readonly Manifest[]): string {
  return manifests.map((manifest) => dump(manifest, { noRefs: true, lineWidth: -1 })).join('---\n');
}
