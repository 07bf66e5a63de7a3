import type { Manifest, ObjectRef } from '../manifest/index.ts';
import { refOf } from '../manifest/index.ts';
import { toFieldChange } from './diff/diff-objects.ts';
import { findDifferences } from './diff/find-differences.ts';
import { defaultListRules } from './diff/list-rules.ts';
import { type FieldPath, formatPath, type PathSegment } from './field-path.ts';
import { type JsonMap, mapOf } from './json-map.ts';
import { normalise } from './observed-object.ts';
import { type FieldOwner, ownedFieldsOf, ownersOf, ownsField } from './ownership/field-owner.ts';
import { fieldManager } from './ownership/ownership.ts';
import type { YieldedField } from './plan.ts';
import { maskSecrets } from './secrets/mask.ts';

/** One applied object compared with what is live now. */
export interface DriftObject {
  readonly ref: ObjectRef;
  /** `unknown` when it could not be compared; `problem` says why. */
  readonly state: 'same' | 'changed' | 'missing' | 'unknown';
  /** Fields that are not as they were applied. */
  readonly fields: readonly DriftField[];
  /** Fields that others set beside ours; apply leaves them alone, so they are no drift. */
  readonly added: readonly AddedField[];
  /** Fields that an autoscaler decides, so that they are no drift either. */
  readonly yields?: readonly YieldedField[];
  readonly problem?: string;
}

/** Values are masked where they are secret; an absent side is absent in the object. */
export interface DriftField {
  readonly path: string;
  /** For an argument of a command line, the flag before it. */
  readonly flag?: string;
  readonly applied?: unknown;
  readonly live?: unknown;
  /** Who owns the field now, the latest first; empty when it was removed, which leaves no trace. */
  readonly owners: readonly FieldOwner[];
}

export interface AddedField {
  readonly path: string;
  readonly live?: unknown;
  readonly owner: FieldOwner;
}

/**
 * Compares a live object with what the server would make of the applied one.
 *
 * @param result - the answer to a dry-run that takes every field it names.
 */
export function findDrift(live: Manifest, result: Manifest): DriftObject {
  const differences = findDifferences(normalise(live), normalise(result), defaultListRules);
  const fields = differences.map((difference): DriftField => {
    const { path, flag, before, after } = toFieldChange(difference, live.kind);
    const owners = ownersOf(live, difference.path);
    const others = owners.filter(({ manager }) => !isOurs(manager));
    return {
      path,
      ...(flag === undefined ? {} : { flag }),
      ...(after === undefined ? {} : { applied: relabel(after) }),
      ...(before === undefined ? {} : { live: relabel(before) }),
      owners: others.length > 0 ? others : owners,
    };
  });
  const state = fields.length === 0 ? 'same' : 'changed';
  const known = new Set(fields.map(({ path }) => path));
  const added = findAdded(live, result).filter(({ path }) => !known.has(path));
  return { ref: refOf(live), state, fields, added };
}

/** "before" and "after" are the words of a plan; here it is one side and the other. */
function relabel(value: unknown): unknown {
  if (value === '(secret, before)') return '(secret, live)';
  return value === '(secret, after)' ? '(secret, applied)' : value;
}

/** Controllers of the cluster write into objects as part of their work. */
const controllers = /^(kube-|lws$|kubelet$)/;

function isOurs(manager: string): boolean {
  return manager === fieldManager || manager === `${fieldManager}-generated`;
}

/** What the dry-run says is ours, because an edit by somebody else took the field from us. */
function findAdded(live: Manifest, result: Manifest): AddedField[] {
  const ours = ownedFieldsOf(result)
    .filter(({ manager }) => isOurs(manager))
    .map(({ fields }) => fields);
  return ownedFieldsOf(live)
    .filter(({ manager }) => !isOurs(manager) && !controllers.test(manager))
    .flatMap(({ fields, ...owner }) =>
      findForeign(fields, { path: [], value: live, ours }).map(({ path, value }): AddedField => {
        const shown = maskSecrets(value, { kind: live.kind, path, label: '(secret, live)' });
        return {
          path: formatPath(path),
          ...(shown === undefined ? {} : { live: shown }),
          owner,
        };
      }),
    );
}

interface Place {
  readonly path: FieldPath;
  readonly value: unknown;
  readonly ours: readonly JsonMap[];
}

/** The topmost places of a set of fields in which nothing is ours. */
function findForeign(
  fields: JsonMap,
  { path, value, ours }: Place,
): { readonly path: FieldPath; readonly value: unknown }[] {
  return Object.entries(fields).flatMap(([key, inner]) => {
    const segment = toSegment(key);
    if (segment === undefined) return [];
    const here = { path: [...path, segment], value: valueAt(value, segment), ours };
    if (!ours.some((set) => ownsField(set, here.path)))
      return here.value === undefined ? [] : [{ path: here.path, value: here.value }];
    return findForeign(mapOf(inner), here);
  });
}

function toSegment(key: string): PathSegment | undefined {
  const text = key.slice(2);
  if (key.startsWith('f:')) return { kind: 'field', name: text };
  if (key.startsWith('k:')) return { kind: 'key', keys: mapOf(JSON.parse(text)) };
  if (key.startsWith('v:')) return { kind: 'member', value: JSON.parse(text) as unknown };
  return undefined;
}

function valueAt(value: unknown, segment: PathSegment): unknown {
  if (segment.kind === 'field') return mapOf(value)[segment.name];
  if (segment.kind === 'member') return segment.value;
  if (segment.kind !== 'key' || !Array.isArray(value)) return undefined;
  const items: readonly unknown[] = value;
  return items.find((item) =>
    Object.entries(segment.keys).every(([name, wanted]) => mapOf(item)[name] === wanted),
  );
}
