import type { Manifest } from '../../manifest/index.ts';
import type { FieldPath, PathSegment } from '../field-path.ts';
import { maskSecrets } from '../secrets/mask.ts';
import { hasField, managedFieldsOf } from './managed-fields.ts';
import { fieldManager } from './ownership.ts';

/** A value with the way that led to it. */
interface Found {
  readonly path: FieldPath;
  readonly value: unknown;
}

/**
 * Says what a field holds in the cluster and what was wanted, secrets masked; `undefined` when the
 * field cannot be followed.
 *
 * @param field - as the API server names it: `.spec.containers[name="engine"].image`.
 */
export function describeConflict(
  field: string,
  { live, desired }: { readonly live: Manifest; readonly desired: Manifest },
): string | undefined {
  const [theirs, ours] = [live, desired].map((object) => {
    const found = follow(object, field, []);
    if (found === undefined) return undefined;
    const { path, value } = found;
    return JSON.stringify(maskSecrets(value, { kind: object.kind, path, label: '(secret)' }));
  });
  if (theirs === undefined && ours === undefined) return undefined;
  return `it is ${theirs ?? 'absent'} in the cluster and ${ours ?? 'absent'} in the spec`;
}

/** Whether a field was named to be taken; the dot in front may be left out. */
export function isTaken(field: string, take: readonly string[]): boolean {
  const bare = (name: string) => name.replace(/^\./, '').replaceAll('"', '');
  return take.some((name) => bare(name) === bare(field));
}

/**
 * Names the managers beside us that own something in the list a field lies in.
 *
 * @param field - as a validation error names it: `spec.ports[1].name`.
 */
export function coOwnersOf(live: Manifest, field: string): string[] {
  const [list = ''] = field.split('[');
  const steps = list.split('.').map((name) => `f:${name}`);
  return managedFieldsOf(live)
    .filter(({ manager, fields }) => manager !== fieldManager && hasField(fields, steps))
    .map(({ manager }) => manager);
}

function follow(value: unknown, rest: string, path: FieldPath): Found | undefined {
  if (rest === '') return { path, value };
  if (rest.startsWith('[')) return followItem(value, rest, path);
  if (typeof value !== 'object' || value === null || !rest.startsWith('.')) return undefined;
  // Keys of labels and annotations hold dots themselves, so that only the object tells where a key
  // ends; the longest that fits is the one that was meant.
  const text = rest.slice(1);
  const name = Object.keys(value)
    .filter((key) => text.startsWith(key) && /^([.[]|$)/.test(text.slice(key.length)))
    .toSorted((a, b) => b.length - a.length)[0];
  if (name === undefined) return undefined;
  const inner: unknown = Reflect.get(value, name);
  return follow(inner, text.slice(name.length), [...path, { kind: 'field', name }]);
}

function followItem(value: unknown, rest: string, path: FieldPath): Found | undefined {
  const match = /^\[((?:"(?:[^"\\]|\\.)*"|[^\]"])*)\]/.exec(rest);
  if (match === null || !Array.isArray(value)) return undefined;
  const [whole, inside = ''] = match;
  const items: readonly unknown[] = value;
  const keys = parseKeys(inside);
  const index = items.findIndex((item) => hasKeys(item, keys));
  if (Object.keys(keys).length === 0 || index < 0) return undefined;
  const segment: PathSegment = { kind: 'key', keys };
  return follow(items[index], rest.slice(whole.length), [...path, segment]);
}

function parseKeys(text: string): Record<string, unknown> {
  const pairs = text.matchAll(/(\w+)=("(?:[^"\\]|\\.)*"|[^,]*)/g);
  return Object.fromEntries(
    [...pairs].map(([, key = '', json = '']): [string, unknown] => [key, parseScalar(json)]),
  );
}

function parseScalar(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // A bare word, which is its own text.
    return json;
  }
}

function hasKeys(item: unknown, keys: Readonly<Record<string, unknown>>): boolean {
  if (typeof item !== 'object' || item === null) return false;
  return Object.entries(keys).every(([key, value]) => Reflect.get(item, key) === value);
}
