import { dump } from 'js-yaml';
import type { Manifest } from '../manifest/index.ts';

/** Formats objects as YAML, one document each. */
export function toYaml(manifests: readonly Manifest[]): string {
  return manifests.map(dumpYaml).join('---\n');
}

/** Formats one value as a YAML document. */
export function dumpYaml(value: object): string {
  return dump(value, { noRefs: true, lineWidth: -1 });
}
