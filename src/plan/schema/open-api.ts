import type { Manifest, ObjectRef } from '../../manifest/index.ts';
import { groupOf } from '../../manifest/index.ts';
import { isMap, mapOf } from '../json-map.ts';

/** An OpenAPI 3 schema as an API server publishes it; keywords beyond these are kept and ignored. */
export interface Schema {
  readonly type?: string;
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly nullable?: boolean;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: boolean;
  readonly exclusiveMaximum?: boolean;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly not?: Schema;
  readonly [keyword: string]: unknown;
}

/** `components.schemas` of one API version, by name. */
export type Schemas = Readonly<Record<string, Schema>>;

/** The schema of one kind, with what its references lead to. */
export interface KindSchema {
  readonly root: Schema;
  readonly schemas: Schemas;
}

type KindRef = Pick<ObjectRef, 'apiVersion' | 'kind'>;

/** Finds a kind in what the server publishes of its API version. */
export function findKindSchema(
  schemas: Schemas,
  { apiVersion, kind }: KindRef,
): KindSchema | undefined {
  const group = groupOf(apiVersion);
  const version = apiVersion.slice(group === '' ? 0 : group.length + 1);
  const root = Object.values(schemas).find((schema) =>
    listOf(schema['x-kubernetes-group-version-kind']).some(
      (gvk) =>
        isMap(gvk) && gvk['group'] === group && gvk['version'] === version && gvk['kind'] === kind,
    ),
  );
  return root === undefined ? undefined : { root, schemas };
}

/** The schema that a CustomResourceDefinition gives to one of its versions; `undefined` if none does. */
export function schemaOfDefinition(
  definition: Manifest,
  { apiVersion, kind }: KindRef,
): KindSchema | undefined {
  if (definition.kind !== 'CustomResourceDefinition') return undefined;
  const spec = mapOf(definition['spec']);
  if (mapOf(spec['names'])['kind'] !== kind) return undefined;
  const version = listOf(spec['versions'])
    .map(mapOf)
    .find(({ name }) => apiVersion === `${String(spec['group'])}/${String(name)}`);
  const schema = mapOf(version?.['schema'])['openAPIV3Schema'];
  if (!isMap(schema)) return undefined;
  return { root: withObjectFields(schema), schemas: {} };
}

/** What every object may have, whether its definition names it or not. */
function withObjectFields(schema: Schema): Schema {
  const properties = {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    ...schema.properties,
    metadata: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  };
  return { ...schema, type: 'object', properties };
}

/** Follows references; a field of a built-in kind wraps its reference into a list of one. */
export function resolveSchema(schema: Schema, schemas: Schemas): Schema {
  let resolved = schema;
  for (;;) {
    const [wrapped, ...others] = resolved.properties === undefined ? (resolved.allOf ?? []) : [];
    const ref = resolved.$ref ?? (others.length === 0 ? wrapped?.$ref : undefined);
    const target = ref === undefined ? undefined : schemas[ref.slice(ref.lastIndexOf('/') + 1)];
    if (target === undefined) return resolved;
    // What stands beside the reference, such as the type of a list, belongs to the field.
    const { $ref: _ref, allOf: _allOf, ...beside } = resolved;
    resolved = { ...target, ...beside };
  }
}

/** The schema of a field, of an entry of a map, or `undefined` when there is none. */
export function schemaOfField(schema: Schema, name: string, schemas: Schemas): Schema | undefined {
  const { properties, additionalProperties } = schema;
  const field = properties !== undefined && Object.hasOwn(properties, name) && properties[name];
  if (field) return resolveSchema(field, schemas);
  return typeof additionalProperties === 'object'
    ? resolveSchema(additionalProperties, schemas)
    : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
