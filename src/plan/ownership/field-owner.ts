import { canonicalJson, type Manifest } from '../../manifest/index.ts';
import type { FieldPath, PathSegment } from '../field-path.ts';
import { type JsonMap, mapOf } from '../json-map.ts';
import type { FieldSet } from './field-set.ts';
import { managedFieldsOf } from './managed-fields.ts';

/** Who set a field, as the API server keeps it. */
export interface FieldOwner {
  readonly manager: string;
  /** `Apply` for server-side apply, `Update` for anything else. */
  readonly operation: string;
  /** When this manager last changed the object, ISO 8601; not necessarily this field. */
  readonly time?: string;
  /** What it wrote through, for example `scale`; absent for the object itself. */
  readonly subresource?: string;
}

/** One manager with its fields. */
export interface OwnedFields extends FieldOwner {
  readonly fields: FieldSet;
}

/** Managers of an object, without those of its status. */
export function ownedFieldsOf(object: Manifest): OwnedFields[] {
  return managedFieldsOf(object).flatMap(
    ({ manager, operation, time, subresource, fields }): OwnedFields[] => {
      if (subresource === 'status') return [];
      return [
        {
          manager,
          operation,
          ...(time === undefined ? {} : { time }),
          ...(subresource === '' ? {} : { subresource }),
          fields,
        },
      ];
    },
  );
}

/** Who owns a field or anything in it, the latest first. */
export function ownersOf(object: Manifest, path: FieldPath): FieldOwner[] {
  return ownedFieldsOf(object)
    .filter(({ fields }) => ownsField(fields, path))
    .map(({ fields: _fields, ...owner }) => owner)
    .toSorted((a, b) => ((a.time ?? '') < (b.time ?? '') ? 1 : -1));
}

/** Whether a set of fields has the one at a path, something in it, or all around it. */
export function ownsField(fields: JsonMap, path: FieldPath): boolean {
  const [segment, ...rest] = path;
  if (segment === undefined) return true;
  const key = findKey(fields, segment);
  if (key === undefined) return false;
  const inner = mapOf(fields[key]);
  // A leaf stands for all of its value: a scalar, or a list that is replaced as a whole.
  return Object.keys(inner).length === 0 || ownsField(inner, rest);
}

function findKey(fields: JsonMap, segment: PathSegment): string | undefined {
  return Object.keys(fields).find((key) => {
    const text = key.slice(2);
    switch (segment.kind) {
      case 'field':
        return key === `f:${segment.name}`;
      case 'key':
        return key.startsWith('k:') && hasSameKeys(text, segment.keys);
      case 'member':
        return key.startsWith('v:') && text === canonicalJson(segment.value);
      case 'index':
        return key === `i:${String(segment.before ?? segment.after ?? 0)}`;
      case 'order':
        return key !== '.';
    }
  });
}

/** Our keys may lack one that has a default, such as the protocol of a port. */
function hasSameKeys(text: string, keys: JsonMap): boolean {
  const theirs = mapOf(JSON.parse(text));
  const ours = Object.entries(keys).filter(([, value]) => value !== undefined);
  return ours.length > 0 && ours.every(([name, value]) => theirs[name] === value);
}
