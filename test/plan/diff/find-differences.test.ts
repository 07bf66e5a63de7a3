import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Difference, findDifferences } from '../../../src/plan/diff/find-differences.ts';
import { defaultListRules } from '../../../src/plan/diff/list-rules.ts';
import { type FieldPath, formatKeys, formatPath } from '../../../src/plan/field-path.ts';

function find(before: unknown, after: unknown): Difference[] {
  return findDifferences(before, after, defaultListRules);
}

function lines(before: unknown, after: unknown): string[] {
  return find(before, after).map(
    ({ path, before: left, after: right }) =>
      `${formatPath(path)}: ${JSON.stringify(left)} -> ${JSON.stringify(right)}`,
  );
}

const cases: readonly {
  readonly scenario: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly expected: readonly string[];
}[] = [
  {
    scenario: 'a changed scalar',
    before: { spec: { replicas: 1 } },
    after: { spec: { replicas: 2 } },
    expected: ['spec.replicas: 1 -> 2'],
  },
  {
    scenario: 'an added and a removed field',
    before: { a: 1 },
    after: { b: { c: 2 } },
    expected: ['a: 1 -> undefined', 'b: undefined -> {"c":2}'],
  },
  {
    scenario: 'a name with dots in quotes',
    before: { annotations: { 'example.com/x': 'a' } },
    after: { annotations: { 'example.com/x': 'b' } },
    expected: ['annotations["example.com/x"]: "a" -> "b"'],
  },
  {
    scenario: 'a container by its name, though it moved',
    before: { containers: [{ name: 'a' }, { name: 'engine', image: 'x:1' }] },
    after: { containers: [{ name: 'engine', image: 'x:2' }] },
    expected: [
      'containers[name=a]: {"name":"a"} -> undefined',
      'containers[name=engine].image: "x:1" -> "x:2"',
    ],
  },
  {
    scenario: 'an inserted argument alone, not all that follow',
    before: { args: ['a', 'b', 'c'] },
    after: { args: ['a', 'x', 'b', 'c'] },
    expected: ['args[1]: undefined -> "x"'],
  },
  {
    scenario: 'a replaced argument as one change',
    before: { args: ['serve', '--tp', '8'] },
    after: { args: ['serve', '--tp', '16'] },
    expected: ['args[2]: "8" -> "16"'],
  },
  {
    scenario: 'another order of variables, which may refer to each other',
    before: { env: [{ name: 'A' }, { name: 'B' }] },
    after: { env: [{ name: 'B' }, { name: 'A' }] },
    expected: ['env (order): ["name=A","name=B"] -> ["name=B","name=A"]'],
  },
  {
    scenario: 'a container port by number and protocol',
    before: { containers: [{ name: 'e', ports: [{ containerPort: 80, protocol: 'TCP' }] }] },
    after: {
      containers: [{ name: 'e', ports: [{ containerPort: 80, protocol: 'TCP', name: 'http' }] }],
    },
    expected: ['containers[name=e].ports[containerPort=80,protocol=TCP].name: undefined -> "http"'],
  },
  {
    scenario: 'a duplicate name by position',
    before: {
      env: [
        { name: 'A', value: '1' },
        { name: 'A', value: '2' },
      ],
    },
    after: {
      env: [
        { name: 'A', value: '1' },
        { name: 'A', value: '3' },
      ],
    },
    expected: ['env[1].value: "2" -> "3"'],
  },
  {
    scenario: 'a finalizer, order left aside',
    before: { metadata: { finalizers: ['a', 'b'] } },
    after: { metadata: { finalizers: ['b', 'a', 'c'] } },
    expected: ['metadata.finalizers[c]: undefined -> "c"'],
  },
  {
    scenario: 'a field inside an item of an atomic list',
    before: { spec: { ingress: [{ from: [{ podSelector: { matchLabels: { a: '1' } } }] }] } },
    after: { spec: { ingress: [{ from: [{ podSelector: { matchLabels: { a: '2' } } }] }] } },
    expected: ['spec.ingress[0].from[0].podSelector.matchLabels.a: "1" -> "2"'],
  },
  {
    scenario: 'null and absent as two things',
    before: { a: null },
    after: {},
    expected: ['a: null -> undefined'],
  },
  {
    scenario: 'a list that became a map',
    before: { a: [1] },
    after: { a: { b: 1 } },
    expected: ['a: [1] -> {"b":1}'],
  },
];

describe('findDifferences()', () => {
  test.each(cases)('tells $scenario', ({ before, after, expected }) => {
    expect(lines(before, after)).toEqual(expected);
  });

  test('tells a long list that is all new without hanging', () => {
    const before = Array.from({ length: 5000 }, (_, at) => `a${String(at)}`);
    const after = Array.from({ length: 5000 }, (_, at) => `b${String(at)}`);
    expect(find({ args: before }, { args: after })).toHaveLength(5000);
  });
});

const leaf = fc.oneof(fc.string({ maxLength: 3 }), fc.integer({ max: 3 }), fc.constant(null));

/** Objects whose lists have known keys, unknown types, scalars and duplicates. */
const json: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, leaf, tie('map'), tie('list')),
  map: fc.dictionary(
    fc.constantFrom('a', 'containers', 'env', 'args', 'finalizers', 'tolerations', 'x.y/z'),
    tie('value'),
    { maxKeys: 4 },
  ),
  list: fc.oneof(
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.record({ name: fc.constantFrom('p', 'q', 'r'), value: tie('value') }), {
      maxLength: 4,
    }),
  ),
})).map;

describe('findDifferences() of any values', () => {
  test('finds nothing between a value and itself', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(find(value, structuredClone(value))).toEqual([]);
      }),
    );
  });

  test('reports what is on either side', () => {
    fc.assert(
      fc.property(json, json, (before, after) => {
        for (const difference of find(before, after)) {
          if (difference.path.at(-1)?.kind === 'order') continue;
          expect(valueAt(before, difference.path, 'before')).toEqual(difference.before);
          expect(valueAt(after, difference.path, 'after')).toEqual(difference.after);
        }
      }),
    );
  });

  test('explains every difference: without the reported places both sides are equal', () => {
    fc.assert(
      fc.property(json, json, (before, after) => {
        const paths = find(before, after).map(({ path }) => path);
        expect(without(before, paths, 'before')).toEqual(without(after, paths, 'after'));
      }),
      { numRuns: 500 },
    );
  });
});

type Side = 'before' | 'after';

/** Finds the place a segment means in a value of one side. */
function step(value: unknown, segment: FieldPath[number], side: Side): string | number | undefined {
  if (segment.kind === 'field') return segment.name;
  if (segment.kind === 'index') return segment[side];
  if (!Array.isArray(value)) return undefined;
  const items: unknown[] = value;
  if (segment.kind === 'member') return items.indexOf(segment.value);
  if (segment.kind === 'order') return undefined;
  return items.findIndex((item) => keysOf(item, segment.keys) === formatKeys(segment.keys));
}

function keysOf(item: unknown, keys: Readonly<Record<string, unknown>>): string {
  const fields: Record<string, unknown> =
    typeof item === 'object' && item !== null ? { ...item } : {};
  return formatKeys(Object.fromEntries(Object.keys(keys).map((key) => [key, fields[key]])));
}

function valueAt(root: unknown, path: FieldPath, side: Side): unknown {
  return path.reduce<unknown>((value, segment) => {
    const key = step(value, segment, side);
    return typeof value === 'object' && value !== null && key !== undefined && key !== -1
      ? Object.getOwnPropertyDescriptor(value, key)?.value
      : undefined;
  }, root);
}

const erased = Symbol('erased');

/** Copies a value without the places; lists without order are sorted. */
function without(root: unknown, paths: readonly FieldPath[], side: Side): unknown {
  const holder: { root: unknown } = { root: structuredClone(root) };
  const places = paths.map((path) => {
    const keys = path.map((_, depth) => depth);
    const parent = keys.slice(0, -1).reduce<unknown>((value, depth) => {
      const segment = path[depth];
      const key = segment === undefined ? undefined : step(value, segment, side);
      return typeof value === 'object' && value !== null && key !== undefined && key !== -1
        ? Object.getOwnPropertyDescriptor(value, key)?.value
        : undefined;
    }, holder.root);
    const last = path.at(-1);
    return { parent, last, key: last === undefined ? undefined : step(parent, last, side) };
  });
  const unordered = new Set<unknown>();
  for (const { parent, last, key } of places) {
    if (typeof parent !== 'object' || parent === null || last === undefined) continue;
    if (last.kind === 'order') unordered.add(parent);
    else if (key !== undefined && key !== -1 && Object.hasOwn(parent, key))
      Reflect.set(parent, key, erased);
  }
  return settle(holder.root, unordered);
}

/** Drops what was erased; sorts lists whose order has no meaning or is reported. */
function settle(value: unknown, unordered: ReadonlySet<unknown>): unknown {
  if (Array.isArray(value)) {
    const items = value.filter((item) => item !== erased).map((item) => settle(item, unordered));
    const texts = items.map((item) => JSON.stringify(item));
    return unordered.has(value) ? texts.toSorted() : texts;
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) => {
      if (inner === erased) return [];
      const settled = settle(inner, unordered);
      return [
        [name, name === 'finalizers' && Array.isArray(settled) ? settled.toSorted() : settled],
      ];
    }),
  );
}
