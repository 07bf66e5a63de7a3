import type { Manifest } from '../../manifest/index.ts';
import { type FieldPath, formatPath } from '../field-path.ts';

/** Fields that are written to and never read back: the server keeps them under another name. */
const writeOnly: ReadonlySet<string> = new Set(['stringData']);

/**
 * Lists the fields of a manifest that are not in what the server made of it.
 *
 * Strict validation refuses a field the server does not know. One that it knows and drops all the
 * same, because a feature is off or a webhook took it away, is found only by this comparison.
 */
export function findLostFields(desired: Manifest, result: Manifest): string[] {
  const { status: _status, ...fields } = desired;
  return findLost(fields, result, []).map(formatPath);
}

function findLost(desired: unknown, result: unknown, path: FieldPath): FieldPath[] {
  if (isEmpty(desired)) return [];
  if (result === undefined) return [path];
  if (Array.isArray(desired) && Array.isArray(result)) {
    // Items that were added or put in another order have no counterpart to compare with.
    if (desired.length !== result.length) return desired.length > result.length ? [path] : [];
    return desired.flatMap((item: unknown, index) =>
      findLost(item, result[index], [...path, { kind: 'index', after: index }]),
    );
  }
  if (!isMap(desired) || !isMap(result)) return [];
  return Object.entries(desired).flatMap(([name, value]) =>
    path.length === 0 && writeOnly.has(name)
      ? []
      : findLost(value, result[name], [...path, { kind: 'field', name }]),
  );
}

/** Go leaves out what is empty. */
function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  if (value === false || value === 0) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isMap(value) && Object.values(value).every(isEmpty);
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
