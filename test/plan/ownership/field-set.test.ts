import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type FieldSet,
  pruneFields,
  subtractWanted,
  uniteFields,
  withoutField,
} from '../../../src/plan/ownership/field-set.ts';

const place = { '.': {} };

/** What is left of an object; each row is one rule of server-side apply. */
const pruned: readonly {
  readonly rule: string;
  readonly value: unknown;
  readonly owned: FieldSet;
  readonly kept?: FieldSet;
  readonly wanted: unknown;
  readonly left: unknown;
}[] = [
  {
    rule: 'a field that is not wanted goes',
    value: { a: 1, b: 2 },
    owned: { 'f:a': {}, 'f:b': {} },
    wanted: { a: 1 },
    left: { a: 1 },
  },
  {
    rule: 'a field that was not the applier’s stays',
    value: { a: 1, b: 2 },
    owned: { 'f:a': {} },
    wanted: { a: 1 },
    left: { a: 1, b: 2 },
  },
  {
    rule: 'a field of somebody else too stays',
    value: { a: 1 },
    owned: { 'f:a': {} },
    kept: { 'f:a': {} },
    wanted: {},
    left: { a: 1 },
  },
  {
    rule: 'a map goes with its last field',
    value: { labels: { a: 1 }, x: 1 },
    owned: { 'f:labels': { 'f:a': {} } },
    wanted: {},
    left: { x: 1 },
  },
  {
    rule: 'a map that is wanted stays, though empty',
    value: { labels: { a: 1 } },
    owned: { 'f:labels': { 'f:a': {} } },
    wanted: { labels: {} },
    left: { labels: {} },
  },
  {
    rule: 'a map with a field of somebody else keeps that',
    value: { labels: { a: 1, b: 2 } },
    owned: { 'f:labels': { ...place, 'f:a': {} } },
    kept: { 'f:labels': { 'f:b': {} } },
    wanted: {},
    left: { labels: { b: 2 } },
  },
  {
    rule: 'an item goes with the fields in it that are in nobody’s name',
    value: {
      ports: [
        { port: 80, protocol: 'TCP' },
        { port: 81, protocol: 'TCP' },
      ],
    },
    owned: {
      'f:ports': {
        'k:{"port":80,"protocol":"TCP"}': { ...place, 'f:port': {} },
        'k:{"port":81,"protocol":"TCP"}': { ...place, 'f:port': {} },
      },
    },
    wanted: { ports: [{ port: 80 }] },
    left: { ports: [{ port: 80, protocol: 'TCP' }] },
  },
  {
    rule: 'a member of a set goes',
    value: { finalizers: ['a', 'b'] },
    owned: { 'f:finalizers': { 'v:"a"': {}, 'v:"b"': {} } },
    wanted: { finalizers: ['b'] },
    left: { finalizers: ['b'] },
  },
];

describe('pruneFields()', () => {
  test.each(pruned)('$rule', ({ value, owned, kept = {}, wanted, left }) => {
    expect(pruneFields(value, { owned, kept, wanted })).toEqual(left);
  });
});

/** Sets of a few fields, two deep. */
const fieldSets: fc.Arbitrary<FieldSet> = fc.dictionary(
  fc.constantFrom('f:a', 'f:b', '.'),
  fc.dictionary(fc.constantFrom('f:c', 'f:d', '.'), fc.constant({})),
);

describe('uniteFields()', () => {
  test('is the same either way round, and twice', () => {
    fc.assert(
      fc.property(fieldSets, fieldSets, (a, b) => {
        const both = uniteFields(a, b);
        expect(uniteFields(b, a)).toEqual(both);
        expect(uniteFields(both, b)).toEqual(both);
      }),
    );
  });

  test('keeps the place itself beside the fields in it', () => {
    expect(uniteFields({ 'f:a': {} }, { 'f:a': { 'f:b': {} } })).toEqual({
      'f:a': { '.': {}, 'f:b': {} },
    });
  });
});

test('withoutField() drops what is empty then', () => {
  const set = { 'f:data': { 'f:key': {} }, 'f:type': {} };
  expect(withoutField(set, ['f:data', 'f:key'])).toEqual({ 'f:type': {} });
  expect(withoutField(set, ['f:data', 'f:other'])).toEqual(set);
});

test('subtractWanted() leaves what an object does not have', () => {
  const set = {
    'f:data': { ...place, 'f:a': {}, 'f:b': {} },
    'f:containers': { 'k:{"name":"x"}': { ...place, 'f:name': {}, 'f:image': {} } },
  };
  expect(subtractWanted(set, { data: { a: '1' }, containers: [{ name: 'x' }] })).toEqual({
    'f:data': { 'f:b': {} },
    'f:containers': { 'k:{"name":"x"}': { 'f:image': {} } },
  });
});
