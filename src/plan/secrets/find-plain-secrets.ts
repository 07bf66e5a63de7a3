import type { Manifest } from '../../manifest/index.ts';
import { findDifferences } from '../diff/find-differences.ts';
import { defaultListRules } from '../diff/list-rules.ts';
import { formatPath } from '../field-path.ts';
import { maskSecrets } from './mask.ts';

/** A value that Kubernetes fills in from a variable, such as `$(API_KEY)`, is not a secret itself. */
const reference = /^(-[^=]*=)?\$\([\w.-]+\)$/;

/** Lists where a manifest holds a secret value in plain text. */
export function findPlainSecrets(manifest: Manifest): string[] {
  const { kind } = manifest;
  const label = '(secret)';
  const fields = Object.entries(manifest).map(([name, value]): [string, unknown] => {
    const path = [{ kind: 'field', name }] as const;
    return [name, maskSecrets(value, { kind, path, label })];
  });
  const masked: unknown = Object.fromEntries(fields);
  return findDifferences(manifest, masked, defaultListRules)
    .filter(({ before }) => typeof before !== 'string' || !reference.test(before))
    .map(({ path }) => formatPath(path));
}
