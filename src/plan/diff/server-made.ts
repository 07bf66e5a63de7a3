import type { Manifest } from '../../manifest/index.ts';
import type { FieldChange } from '../plan.ts';
import { generatedKeyOf } from '../secrets/generated-key.ts';
import { type DiffOptions, diffObjects } from './diff-objects.ts';

interface Answer {
  readonly desired: Manifest;
  /** What the server answered to a dry-run of it. */
  readonly result: Manifest;
}

/** Marks the changes that are not in the manifest: defaults, and what a webhook makes of it. */
export function markServerMade(
  fields: readonly FieldChange[],
  { desired, result }: Answer,
  options: DiffOptions,
): FieldChange[] {
  // A key to come is in neither, and not of the server's making.
  if (generatedKeyOf(desired) !== undefined) return [...fields];
  const made = diffObjects(desired, result, options).map(({ path }) => path);
  return fields.map((field) =>
    made.some((path) => isWithin(field.path, path)) ? { ...field, by: 'server' } : field,
  );
}

/** Values of a new object that the server answers with others; defaults are not among them. */
export function replacedByServer({ desired, result }: Answer, options: DiffOptions): FieldChange[] {
  return diffObjects(desired, result, options)
    .filter(({ before, after }) => before !== undefined && after !== undefined)
    .map((field) => ({ ...field, by: 'server' }));
}

function isWithin(path: string, outer: string): boolean {
  return path === outer || path.startsWith(`${outer}.`) || path.startsWith(`${outer}[`);
}
