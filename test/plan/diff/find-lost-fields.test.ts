import { expect, test } from 'vitest';
import { findLostFields } from '../../../src/plan/index.ts';

const base = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' } };

test.each<[string, object, object, string[]]>([
  ['a field', { spec: { a: 1, b: 2 } }, { spec: { a: 1 } }, ['spec.b']],
  ['a field of an item', { l: [{ a: 1, b: 2 }] }, { l: [{ a: 1 }] }, ['l[0].b']],
  ['an item', { l: ['a', 'b'] }, { l: ['a'] }, ['l']],
  ['a map as a whole', { spec: { a: { b: 1 } } }, { spec: {} }, ['spec.a']],
  ['no value that was put in another way', { cpu: 1000 }, { cpu: '1k' }, []],
  ['no default that was added', { spec: { a: 1 } }, { spec: { a: 1, b: 2 } }, []],
  ['no sidecar that was added', { l: [{ a: 1 }] }, { l: [{ b: 1 }, { a: 1 }] }, []],
  ['nothing empty', { spec: { a: {}, b: [], c: null, d: '', e: 0 } }, {}, []],
  ['no stringData, which becomes data', { stringData: { a: 'x' } }, { data: { a: 'eA==' } }, []],
  ['no status, which is not ours', { status: { a: 1 } }, {}, []],
])('findLostFields() names %s', (_what, desired, result, lost) => {
  expect(findLostFields({ ...base, ...desired }, { ...base, ...result })).toEqual(lost);
});
