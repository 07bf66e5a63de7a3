import type { ListRule, ListRules } from '../diff/list-rules.ts';
import { type KindSchema, resolveSchema, type Schema, schemaOfField } from './open-api.ts';

/**
 * How the server itself tells list items of a kind apart, with a fallback for lists whose schema does
 * not say: parts of a custom resource that stand there without a type.
 */
export function listRulesOf({ root, schemas }: KindSchema, fallback: ListRules): ListRules {
  return {
    find: (names) => {
      let schema: Schema | undefined = resolveSchema(root, schemas);
      for (const name of names) {
        const parent: Schema | undefined =
          schema === undefined ? undefined : itemOf(schema, schemas);
        schema = parent === undefined ? undefined : schemaOfField(parent, name, schemas);
      }
      return (schema === undefined ? undefined : ruleOf(schema)) ?? fallback.find(names);
    },
  };
}

/** The schema of the items of a list, of lists in lists too; anything else is given back. */
function itemOf(schema: Schema, schemas: Schema['properties'] & object): Schema {
  let item = schema;
  while (item.type === 'array' && item.items !== undefined)
    item = resolveSchema(item.items, schemas);
  return item;
}

/** What one schema says about the list it describes. */
export function ruleOf(schema: Schema): ListRule | undefined {
  const type = schema['x-kubernetes-list-type'];
  if (type === 'set' || type === 'atomic') return { kind: type };
  const keys = type === 'map' ? schema['x-kubernetes-list-map-keys'] : mergeKeyOf(schema);
  if (!Array.isArray(keys) || keys.length === 0) return undefined;
  return { kind: 'map', keys: keys.map(String) };
}

/** Older schemas tell the key of a list for strategic merge only. */
function mergeKeyOf(schema: Schema): readonly unknown[] | undefined {
  const key = schema['x-kubernetes-patch-merge-key'];
  return typeof key === 'string' ? [key] : undefined;
}
