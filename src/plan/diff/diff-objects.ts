import type { Manifest } from '../../manifest/index.ts';
import { formatPath } from '../field-path.ts';
import { normalise } from '../observed-object.ts';
import type { FieldChange } from '../plan.ts';
import { maskSecrets } from '../secrets/mask.ts';
import { type Difference, findDifferences } from './find-differences.ts';
import { defaultListRules, type ListRules } from './list-rules.ts';

export interface DiffOptions {
  /**
   * How lists are compared.
   *
   * @default defaultListRules
   */
  readonly listRules?: ListRules;
}

/**
 * Lists the fields in which an object would change.
 *
 * Fields owned by the server are left out. Secret values are masked, after the comparison, so that
 * a changed secret is still a change.
 *
 * @param live - the object in the cluster.
 * @param result - what the server answered to a dry-run of the desired object.
 */
export function diffObjects(
  live: Manifest,
  result: Manifest,
  { listRules = defaultListRules }: DiffOptions = {},
): FieldChange[] {
  const differences = findDifferences(normalise(live), normalise(result), listRules);
  return differences.map((difference) => toFieldChange(difference, live.kind));
}

/** A difference as it is shown, secrets masked. */
export function toFieldChange({ path, before, after }: Difference, kind: string): FieldChange {
  const left = maskSecrets(before, { kind, path, label: '(secret, before)' });
  const right = maskSecrets(after, { kind, path, label: '(secret, after)' });
  const last = path.at(-1);
  const flag = last?.kind === 'index' && last.label?.startsWith('-') ? last.label : undefined;
  return {
    path: formatPath(path),
    ...(flag === undefined ? {} : { flag }),
    ...(left === undefined ? {} : { before: left }),
    ...(right === undefined ? {} : { after: right }),
  };
}
