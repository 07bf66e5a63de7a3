import { describe, expect, test } from 'vitest';
import type { Manifest } from '../../../src/manifest/index.ts';
import { findKindSchema, schemaOfDefinition, validateObject } from '../../../src/plan/index.ts';
import { gateKind, gateSchemas } from './schemas.ts';

const definition: Manifest = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'doors.example.com' },
  spec: {
    group: 'example.com',
    names: { kind: 'Door', plural: 'doors' },
    versions: [
      {
        name: 'v1',
        schema: {
          openAPIV3Schema: { properties: { spec: { properties: { open: { type: 'boolean' } } } } },
        },
      },
      { name: 'v2' },
    ],
  },
};
const doorKind = { apiVersion: 'example.com/v1', kind: 'Door' };

test('findKindSchema() finds a kind by its group, version and name', () => {
  expect(findKindSchema(gateSchemas, gateKind)?.root).toBe(gateSchemas['Gate']);
  expect(findKindSchema(gateSchemas, { ...gateKind, apiVersion: 'v1' })).toBeUndefined();
  expect(findKindSchema(gateSchemas, doorKind)).toBeUndefined();
});

describe('schemaOfDefinition()', () => {
  test.each([
    ['another kind', { ...doorKind, kind: 'Gate' }],
    ['another version', { ...doorKind, apiVersion: 'example.com/v3' }],
    ['a version without schema', { ...doorKind, apiVersion: 'example.com/v2' }],
  ])('gives nothing for %s', (_what, kind) => {
    expect(schemaOfDefinition(definition, kind)).toBeUndefined();
  });

  test('checks what every object has, named or not', () => {
    const schema = schemaOfDefinition(definition, doorKind);
    if (schema === undefined) throw new Error('no schema');
    const door = { ...doorKind, metadata: { name: 'd', labels: {} } };
    expect(validateObject({ ...door, spec: { open: true } }, schema)).toEqual([]);
    expect(validateObject({ ...door, spec: { opne: true } }, schema)).toMatchObject([
      { path: 'spec.opne', suggestion: 'open' },
    ]);
  });
});
