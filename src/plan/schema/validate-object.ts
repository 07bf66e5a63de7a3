import { closest, distance } from 'fastest-levenshtein';
import type { Manifest } from '../../manifest/index.ts';
import { type FieldPath, formatKeys, formatPath } from '../field-path.ts';
import { isMap } from '../json-map.ts';
import { checkScalar, typeProblem } from './check-scalar.ts';
import { ruleOf } from './list-rules-of.ts';
import { type KindSchema, resolveSchema, type Schema, schemaOfField } from './open-api.ts';

/** What is wrong with one field. Values are never in the message: they may be secret. */
export interface SchemaProblem {
  /** For example `spec.ports[0].port`; empty for the object itself. */
  readonly path: string;
  readonly message: string;
  /** The field that was probably meant. */
  readonly suggestion?: string;
}

/**
 * Checks an object against its schema as strict decoding by the server would: unknown fields, types,
 * required fields, enumerations, bounds and keys of lists.
 *
 * Walks the object and not the schema: a compiled validator of a LeaderWorkerSet takes 0.7 s and
 * 100 MB, because its schema holds two whole pod templates. Rules in CEL are left to the server.
 */
export function validateObject(object: Manifest, { root, schemas }: KindSchema): SchemaProblem[] {
  return checkValue(object, root, { path: [], schemas, isComplete: true });
}

interface Place {
  readonly path: FieldPath;
  readonly schemas: KindSchema['schemas'];
  /** Whether the schema names every field; the alternatives of `anyOf` and such do not. */
  readonly isComplete: boolean;
}

function checkValue(value: unknown, given: Schema, place: Place): SchemaProblem[] {
  // The server takes null for an absent field.
  if (value === null || value === undefined) return [];
  const schema = resolveSchema(given, place.schemas);
  const wrongType = typeProblem(value, schema);
  if (wrongType !== undefined) return [problem(place, wrongType)];
  return [
    ...checkScalar(value, schema).map((message) => problem(place, message)),
    ...(isMap(value) ? checkMap(value, schema, place) : []),
    ...(Array.isArray(value) ? checkList(value, schema, place) : []),
    ...checkAlternatives(value, schema, { ...place, isComplete: false }),
  ];
}

function checkMap(
  value: Readonly<Record<string, unknown>>,
  schema: Schema,
  place: Place,
): SchemaProblem[] {
  const fields = Object.entries(value).flatMap(([name, inner]): SchemaProblem[] => {
    const here: Place = { ...place, path: [...place.path, { kind: 'field', name }] };
    const field = schemaOfField(schema, name, place.schemas);
    if (field !== undefined) return checkValue(inner, field, here);
    return place.isComplete && isClosed(schema, name) ? [unknownField(name, schema, here)] : [];
  });
  return [
    ...(schema.required ?? [])
      .filter((name) => value[name] === undefined && !isFilledIn(schema, name))
      .map((name) => problem(place, `the required field "${name}" is missing`)),
    ...fields,
  ];
}

/** Whether a field that the schema does not name is an error. */
function isClosed(schema: Schema, name: string): boolean {
  if (schema['x-kubernetes-preserve-unknown-fields'] === true) return false;
  if (schema.additionalProperties === true) return false;
  const isEmbedded = schema['x-kubernetes-embedded-resource'] === true;
  if (isEmbedded && ['apiVersion', 'kind', 'metadata'].includes(name)) return false;
  // A schema that says nothing about fields, such as that of a raw extension, allows them all.
  return schema.properties !== undefined || schema.additionalProperties !== undefined;
}

/** The zero values of Go stand in the schema as defaults too, and mean nothing. */
function isFilledIn({ properties }: Schema, name: string): boolean {
  const value = properties?.[name]?.['default'];
  return value !== undefined && value !== '' && value !== 0 && value !== false;
}

function unknownField(name: string, { properties = {} }: Schema, place: Place): SchemaProblem {
  const message = `unknown field "${formatPath(place.path)}"`;
  const names = Object.keys(properties);
  const near = names.length === 0 ? undefined : closest(name, names);
  // Two letters that changed places count as two.
  const isNear = near !== undefined && distance(name, near) <= Math.min(name.length / 2, 4);
  if (!isNear) return problem(place, message);
  return { ...problem(place, `${message}, did you mean "${near}"?`), suggestion: near };
}

function checkList(value: readonly unknown[], schema: Schema, place: Place): SchemaProblem[] {
  const { items } = schema;
  return [
    ...findDuplicates(value, schema, place).map((message) => problem(place, message)),
    ...value.flatMap((item, index): SchemaProblem[] => {
      const path: FieldPath = [...place.path, { kind: 'index', after: index }];
      if (items === undefined) return [];
      return checkValue(item, items, { ...place, path });
    }),
  ];
}

function findDuplicates(list: readonly unknown[], schema: Schema, { schemas }: Place): string[] {
  const rule = ruleOf(schema);
  if (rule === undefined || rule.kind === 'atomic') return [];
  const item = schema.items === undefined ? {} : resolveSchema(schema.items, schemas);
  const seen = new Set<string>();
  const duplicates = new Set<string>();
  for (const value of list) {
    if (rule.kind === 'map' && !isMap(value)) continue;
    const id =
      rule.kind === 'map' && isMap(value)
        ? formatKeys(
            Object.fromEntries(
              rule.keys.map((key) => [key, value[key] ?? item.properties?.[key]?.['default']]),
            ),
          )
        : JSON.stringify(value);
    if (seen.has(id)) duplicates.add(id);
    seen.add(id);
  }
  return [...duplicates].map((id) => `two entries have the key [${id}]`);
}

function checkAlternatives(value: unknown, schema: Schema, place: Place): SchemaProblem[] {
  const { allOf = [], anyOf = [], oneOf = [], not } = schema;
  const fits = (one: Schema) => checkValue(value, one, place).length === 0;
  const count = oneOf.filter(fits).length;
  return [
    ...allOf.flatMap((one) => checkValue(value, one, place)),
    ...(anyOf.length > 0 && !anyOf.some(fits) ? [problem(place, 'it fits no allowed form')] : []),
    ...(oneOf.length > 0 && count !== 1 ? [problem(place, describeCount(count))] : []),
    ...(not !== undefined && fits(not) ? [problem(place, 'it has a form that is refused')] : []),
  ];
}

function describeCount(count: number): string {
  return count === 0 ? 'it fits no allowed form' : 'it fits several forms, of which one is allowed';
}

function problem({ path }: Place, message: string): SchemaProblem {
  return { path: formatPath(path), message };
}
