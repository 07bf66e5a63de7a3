import { diffArrays } from 'diff';
import { canonicalJson } from '../../manifest/index.ts';
import { type FieldPath, fieldNames, formatKeys, type PathSegment } from '../field-path.ts';
import { isMap, type JsonMap } from '../json-map.ts';
import { labelOf, nameOf } from './list-label.ts';
import type { ListRule, ListRules } from './list-rules.ts';

/** One place where two JSON values differ; an absent side is `undefined`. */
export interface Difference {
  readonly path: FieldPath;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** Edit scripts longer than this are told item by item: quicker, and unreadable either way. */
const maxEdits = 2000;

/** Finds the smallest places where two JSON values differ, lists compared by their rules. */
export function findDifferences(before: unknown, after: unknown, rules: ListRules): Difference[] {
  return compare({ path: [], before, after }, rules);
}

function compare({ path, before, after }: Difference, rules: ListRules): Difference[] {
  if (isMap(before) && isMap(after)) return compareMaps(path, [before, after], rules);
  if (isList(before) && isList(after)) return compareLists(path, [before, after], rules);
  return canonicalJson(before) === canonicalJson(after) ? [] : [{ path, before, after }];
}

function compareMaps(
  path: FieldPath,
  [before, after]: readonly [JsonMap, JsonMap],
  rules: ListRules,
): Difference[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].toSorted().flatMap((name) => {
    const field: PathSegment = { kind: 'field', name };
    return compare({ path: [...path, field], before: before[name], after: after[name] }, rules);
  });
}

type Lists = readonly [readonly unknown[], readonly unknown[]];

function compareLists(path: FieldPath, lists: Lists, rules: ListRules): Difference[] {
  const rule = rules.find(fieldNames(path)) ?? guessRule(lists);
  if (rule.kind === 'map') {
    const [before, after] = lists.map((list) => indexByKeys(list, rule.keys));
    if (before !== undefined && after !== undefined)
      return compareKeyed(path, [fillKeys(before, after), fillKeys(after, before)], rules);
  }
  if (rule.kind === 'set' && lists.every(isScalarSet)) return compareSets(path, lists);
  return comparePositions(path, lists, rules);
}

/** A list of unknown type whose items all have distinct names is taken for a keyed one. */
function guessRule(lists: Lists): ListRule {
  const byName: ListRule = { kind: 'map', keys: ['name'] };
  return lists.every((list) => indexByKeys(list, byName.keys) !== undefined)
    ? byName
    : { kind: 'atomic' };
}

interface KeyedItem {
  readonly keys: JsonMap;
  readonly item: unknown;
}

type KeyedItems = ReadonlyMap<string, KeyedItem>;

/** Gives items of a manifest that leave a key to the server, such as `protocol`, that of their counterpart. */
function fillKeys(items: KeyedItems, others: KeyedItems): KeyedItems {
  return new Map(
    [...items].map(([id, { keys, item }]) => {
      const given = Object.entries(keys).filter(([, value]) => value !== undefined);
      if (others.has(id) || given.length === Object.keys(keys).length) return [id, { keys, item }];
      const fitting = [...others].filter(
        ([other, { keys: full }]) =>
          !items.has(other) && given.every(([name, value]) => full[name] === value),
      );
      const [only, ...more] = fitting;
      return only === undefined || more.length > 0
        ? [id, { keys, item }]
        : [only[0], { keys: only[1].keys, item }];
    }),
  );
}

/** Indexes a list by its keys, or gives up when an item has no key or two have the same. */
function indexByKeys(
  list: readonly unknown[],
  keyNames: readonly string[],
): KeyedItems | undefined {
  const index = new Map<string, KeyedItem>();
  for (const item of list) {
    if (!isMap(item)) return undefined;
    const keys = Object.fromEntries(keyNames.map((name) => [name, item[name]]));
    const id = formatKeys(keys);
    if (id === '' || index.has(id)) return undefined;
    index.set(id, { keys, item });
  }
  return index;
}

function compareKeyed(
  path: FieldPath,
  [before, after]: readonly [KeyedItems, KeyedItems],
  rules: ListRules,
): Difference[] {
  const ids = [...new Set([...before.keys(), ...after.keys()])];
  const items = ids.flatMap((id) => {
    const [left, right] = [before.get(id), after.get(id)];
    const keys = (right ?? left)?.keys ?? {};
    const segment: PathSegment = { kind: 'key', keys };
    return compare({ path: [...path, segment], before: left?.item, after: right?.item }, rules);
  });
  return [...items, ...compareOrder(path, [[...before.keys()], [...after.keys()]])];
}

/** The order of init containers and of environment variables has a meaning. */
function compareOrder(
  path: FieldPath,
  [before, after]: readonly [readonly string[], readonly string[]],
): Difference[] {
  const [inBefore, inAfter] = [new Set(before), new Set(after)];
  const left = before.filter((id) => inAfter.has(id));
  const right = after.filter((id) => inBefore.has(id));
  if (left.every((id, position) => id === right[position])) return [];
  return [{ path: [...path, { kind: 'order' }], before: left, after: right }];
}

function compareSets(path: FieldPath, [before, after]: Lists): Difference[] {
  const [left, right] = [new Set(before), new Set(after)];
  const removed = before.filter((value) => !right.has(value));
  const added = after.filter((value) => !left.has(value));
  return [
    ...removed.map((value) => ({ path: [...path, member(value)], before: value })),
    ...added.map((value) => ({ path: [...path, member(value)], after: value })),
  ];
}

function member(value: unknown): PathSegment {
  return { kind: 'member', value };
}

function comparePositions(path: FieldPath, lists: Lists, rules: ListRules): Difference[] {
  return alignPositions(lists).flatMap(({ left, right }) => {
    const segment = indexSegment(lists, { left, right });
    const before = left === undefined ? undefined : lists[0][left];
    const after = right === undefined ? undefined : lists[1][right];
    const here = { path: [...path, segment], before, after };
    // Items of different names are two things: reporting them whole keeps names beside values,
    // which masking needs.
    return left === undefined || right === undefined || nameOf(before) !== nameOf(after)
      ? [here]
      : compare(here, rules);
  });
}

interface PositionPair {
  readonly left?: number | undefined;
  readonly right?: number | undefined;
}

/** Pairs of positions that differ, by the shortest edit script; a lone side was added or removed. */
function alignPositions([before, after]: Lists): readonly PositionPair[] {
  const chunks = diffArrays(before.map(canonicalJson), after.map(canonicalJson), {
    maxEditLength: maxEdits,
  });
  if (chunks === undefined) return pairUp([0, before.length], [0, after.length]);
  const pairs: PositionPair[] = [];
  let [left, right] = [0, 0];
  let removed = 0;
  for (const chunk of chunks) {
    if (chunk.removed) {
      removed = chunk.count;
      continue;
    }
    const added = chunk.added ? chunk.count : 0;
    pairs.push(...pairUp([left, removed], [right, added]));
    left += removed + (chunk.added ? 0 : chunk.count);
    right += chunk.count;
    removed = 0;
  }
  return [...pairs, ...pairUp([left, removed], [right, 0])];
}

/** Pairs two runs, each given as start and length, position by position. */
function pairUp(
  [left, leftLength]: readonly [number, number],
  [right, rightLength]: readonly [number, number],
): PositionPair[] {
  return Array.from({ length: Math.max(leftLength, rightLength) }, (_, offset) => ({
    left: offset < leftLength ? left + offset : undefined,
    right: offset < rightLength ? right + offset : undefined,
  }));
}

function indexSegment([before, after]: Lists, { left, right }: PositionPair): PathSegment {
  const label = right === undefined ? labelOf(before, left ?? 0) : labelOf(after, right);
  return {
    kind: 'index',
    ...(left === undefined ? {} : { before: left }),
    ...(right === undefined ? {} : { after: right }),
    ...(label === undefined ? {} : { label }),
  };
}

function isScalarSet(list: readonly unknown[]): boolean {
  return !list.some((item) => typeof item === 'object') && new Set(list).size === list.length;
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}
