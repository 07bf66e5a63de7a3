import type { KindSchema, Schema } from '../../src/plan/index.ts';
import { isMap } from '../../src/plan/json-map.ts';
import { resolveSchema } from '../../src/plan/schema/open-api.ts';

/** Written by the server alone; the plan neither sends nor compares it. */
const serverOwned: ReadonlySet<string> = new Set([
  'creationTimestamp',
  'deletionGracePeriodSeconds',
  'deletionTimestamp',
  'generateName',
  'generation',
  'managedFields',
  'namespace',
  'resourceVersion',
  'selfLink',
  'uid',
]);

export interface KindRef {
  readonly apiVersion: string;
  readonly kind: string;
}

/**
 * An object with every field of its schema set, each list with one item. A schema that contains itself
 * is unrolled once. Values fit the schema and are plausible by name; rules between fields may still be
 * broken.
 */
export function fullObject(
  { apiVersion, kind }: KindRef,
  schema: KindSchema,
): Record<string, unknown> {
  const {
    metadata,
    status: _status,
    ...fields
  } = fillFields(schema.root, {
    schemas: schema.schemas,
    seen: [],
    name: '',
  });
  const own = Object.entries(isMap(metadata) ? metadata : {}).filter(
    ([name]) => !serverOwned.has(name),
  );
  return { ...fields, apiVersion, kind, metadata: { ...Object.fromEntries(own), name: 'full' } };
}

interface Place {
  readonly schemas: KindSchema['schemas'];
  readonly seen: readonly string[];
  /** Of the field. */
  readonly name: string;
}

function fillFields(given: Schema, place: Place): Record<string, unknown> {
  const { properties = {} } = resolveSchema(given, place.schemas);
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, field]) => {
      const value = fill(field, { ...place, name });
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function fill(given: Schema, place: Place): unknown {
  const ref = refOf(given);
  if (ref !== undefined && place.seen.filter((one) => one === ref).length > 1) return undefined;
  const inner = ref === undefined ? place : { ...place, seen: [...place.seen, ref] };
  const schema = resolveSchema(given, place.schemas);
  if (schema.enum !== undefined) return schema.enum.find((value) => value !== '');
  switch (schema.type ?? '') {
    case 'array': {
      const item = fill(schema.items ?? { type: 'string' }, inner);
      return item === undefined ? undefined : [item];
    }
    case 'object':
      return fillObject(schema, inner);
    case 'boolean':
      return true;
    case 'integer':
    case 'number':
      return numberFor(place.name, schema);
    case 'string':
      return textFor(place.name, schema);
    default:
      return fillUntyped(schema, place.name);
  }
}

function refOf({ $ref, allOf }: Schema): string | undefined {
  return $ref ?? (allOf?.length === 1 ? allOf[0]?.$ref : undefined);
}

function fillObject(schema: Schema, place: Place): unknown {
  if (schema.properties !== undefined) return fillFields(schema, place);
  if (typeof schema.additionalProperties === 'object') {
    const value = fill(schema.additionalProperties, place);
    return value === undefined ? undefined : { key: value };
  }
  // Whatever stands here has to come back: such as a raw extension.
  return { free: { list: [{ a: 1 }] } };
}

/** Quantities, numbers that may be texts, and values of any type. */
function fillUntyped(schema: Schema, name: string): unknown {
  if (schema.oneOf !== undefined || schema['x-kubernetes-int-or-string'] === true)
    return numberFor(name, schema);
  return { any: ['value'] };
}

function numberFor(name: string, { minimum, maximum }: Schema): number {
  const value = /port/i.test(name) ? 8080 : /mode$/i.test(name) ? 0o440 : 3;
  return Math.min(Math.max(value, minimum ?? value), maximum ?? value);
}

const texts: readonly (readonly [RegExp, string])[] = [
  [/^(host|pod|cluster|external|load\w*)?IPs?$/i, '10.1.2.3'],
  [/cidr/i, '10.0.0.0/8'],
  [/(path|devicePath|mountPath)$/i, '/data'],
  [/image$/i, 'example.com/image:1'],
  [/apiVersion/i, 'v1'],
  [/(url|uri)$/i, 'https://example.com/path'],
  [/(expression|rule)$/i, 'true'],
];

function textFor(name: string, { format, pattern, minLength }: Schema): string {
  if (format === 'byte') return 'dmFsdWU=';
  if (format === 'date-time') {
    return /^(eventTime|lastObservedTime|renewTime|acquireTime)$/.test(name)
      ? '2026-11-24T06:00:00.000000Z'
      : '2026-11-24T06:00:00Z';
  }
  const [, text] = texts.find(([match]) => match.test(name)) ?? [undefined, 'value'];
  const fits = pattern === undefined || new RegExp(pattern, 'u').test(text);
  return fits ? text.padEnd(minLength ?? 0, 'x') : '1';
}
