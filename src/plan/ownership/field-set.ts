import { mapOf } from '../json-map.ts';

/**
 * Fields as `managedFields[].fieldsV1` lists them: `f:NAME` is a field, `k:{...}` an item by its keys,
 * `v:VALUE` a member of a set, `.` the place itself. An empty set stands for the place itself too.
 *
 * @source sigs.k8s.io/structured-merge-diff v6 `fieldpath/serialize.go`
 */
export interface FieldSet {
  readonly [step: string]: FieldSet;
}

/** Reads a set; what is not one counts as empty. */
export function toFieldSet(value: unknown): FieldSet {
  return Object.fromEntries(
    Object.entries(mapOf(value)).map(([step, inner]) => [step, toFieldSet(inner)]),
  );
}

/** The fields of either set. */
export function uniteFields(a: FieldSet, b: FieldSet): FieldSet {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries(
    [...names].map((name): [string, FieldSet] => {
      const [left, right] = [a[name], b[name]];
      if (left === undefined || right === undefined) return [name, left ?? right ?? {}];
      const both = uniteFields(left, right);
      // One of them meant the place itself, which beside children is written as a dot.
      const isPlace = isEmpty(left) !== isEmpty(right);
      return [name, isPlace ? { '.': {}, ...both } : both];
    }),
  );
}

/** The set without one field, and without what is empty then. */
export function withoutField(set: FieldSet, [step, ...rest]: readonly string[]): FieldSet {
  const inner = step === undefined ? undefined : set[step];
  if (step === undefined || inner === undefined) return set;
  const others = Object.fromEntries(Object.entries(set).filter(([name]) => name !== step));
  if (rest.length === 0) return others;
  const left = withoutField(inner, rest);
  return isEmpty(left) ? others : { ...others, [step]: left };
}

/** The fields that an object to be applied does not have. */
export function subtractWanted(set: FieldSet, wanted: unknown): FieldSet {
  return Object.fromEntries(
    Object.entries(set).flatMap(([step, inner]): [string, FieldSet][] => {
      if (step === '.') return [];
      const wish = findPlace(wanted, step);
      if (wish === undefined) return [[step, inner]];
      const left = subtractWanted(inner, wish.value);
      return isEmpty(left) ? [] : [[step, left]];
    }),
  );
}

export interface PruneOptions {
  /** Fields that belonged to the one who applies. */
  readonly owned: FieldSet;
  /** Fields of everybody else, which stay. */
  readonly kept: FieldSet;
  /** What is applied. */
  readonly wanted: unknown;
}

/**
 * Removes from an object what server-side apply removes: fields that were the applier's, are not
 * applied any more, and belong to nobody else.
 */
export function pruneFields(value: unknown, { owned, kept, wanted }: PruneOptions): unknown {
  return Object.entries(owned).reduce<unknown>((current, [step, inner]) => {
    const place = findPlace(current, step);
    if (place === undefined) return current;
    const wish = findPlace(wanted, step)?.value;
    const others = kept[step];
    const isOwned = isEmpty(inner) || inner['.'] !== undefined;
    if (wish === undefined && others === undefined && isOwned) return place.remove();
    const options = { owned: inner, kept: others ?? {}, wanted: wish };
    const pruned = pruneFields(place.value, options);
    const isLeft = wish !== undefined || others !== undefined || !isHollow(pruned);
    return isLeft ? place.replace(pruned) : place.remove();
  }, value);
}

interface Place {
  readonly value: unknown;
  remove(): unknown;
  replace(value: unknown): unknown;
}

function findPlace(value: unknown, step: string): Place | undefined {
  const name = step.slice(2);
  if (step.startsWith('f:')) {
    const map = mapOf(value);
    if (map[name] === undefined) return undefined;
    return {
      value: map[name],
      remove: () => Object.fromEntries(Object.entries(map).filter(([key]) => key !== name)),
      replace: (inner) => ({ ...map, [name]: inner }),
    };
  }
  if (!Array.isArray(value)) return undefined;
  const items: readonly unknown[] = value;
  const position = findItem(items, step.slice(0, 2), parse(name));
  if (position < 0) return undefined;
  return {
    value: items[position],
    remove: () => items.toSpliced(position, 1),
    replace: (inner) => items.with(position, inner),
  };
}

function findItem(items: readonly unknown[], kind: string, wanted: unknown): number {
  if (kind === 'v:') return items.findIndex((item) => item === wanted);
  if (kind !== 'k:') return -1;
  const keys = Object.entries(mapOf(wanted));
  return items.findIndex((item) =>
    // A key that a manifest leaves out has the server's default, `protocol: TCP`.
    keys.every(([key, value]) => [value, undefined].includes(mapOf(item)[key])),
  );
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // Not written by a server; nothing is found by it.
    return undefined;
  }
}

function isEmpty(set: FieldSet): boolean {
  return Object.keys(set).length === 0;
}

function isHollow(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
