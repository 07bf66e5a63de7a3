import { expect, test } from 'vitest';
import { defaultListRules, listRulesOf } from '../../../src/plan/index.ts';
import { gateSchema } from './schemas.ts';

const rules = listRulesOf(gateSchema, defaultListRules);

test.each([
  ['a list of keys', 'spec.ports', { kind: 'map', keys: ['port', 'protocol'] }],
  ['an atomic list', 'spec.args', { kind: 'atomic' }],
  ['a set', 'spec.hosts', { kind: 'set' }],
  ['a list with a merge key only', 'spec.mounts', { kind: 'map', keys: ['path'] }],
  ['a list inside the schema itself', 'spec.inner.inner.hosts', { kind: 'set' }],
  ['a list without a type, by the table', 'spec.env', { kind: 'map', keys: ['name'] }],
  ['a list without a type that the table lacks', 'spec.free.things', undefined],
])('listRulesOf() knows %s', (_what, path, rule) => {
  expect(rules.find(path.split('.'))).toEqual(rule);
});
