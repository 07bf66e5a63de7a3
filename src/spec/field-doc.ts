import type { SpecPath } from './issue.ts';
import { isNode, type JsonSchema } from './json-schema.ts';

/**
 * Returns the schema node at `path`, or `undefined` for a path the schema does not know.
 *
 * Of alternatives it takes the one that has the next step.
 */
export function schemaAt(root: JsonSchema, path: SpecPath): JsonSchema | undefined {
  let nodes: readonly JsonSchema[] = [root];
  for (const step of path) {
    nodes = nodes.flatMap(alternatives).flatMap((node) => child(node, step));
    if (nodes.length === 0) return undefined;
  }
  return nodes[0];
}

/** Keys a mapping may have, or an empty list for a mapping with free keys. */
export function validKeys(node: JsonSchema | undefined): readonly string[] {
  if (node === undefined) return [];
  return alternatives(node).flatMap(({ properties }) => Object.keys(properties ?? {}));
}

/** The schema of the keys of a mapping with free keys. */
export function keyNode(node: JsonSchema | undefined): JsonSchema | undefined {
  return isNode(node?.propertyNames) ? node.propertyNames : undefined;
}

/** Completes "must be …", with an example where there is one. */
export function formatExpectation(node: JsonSchema | undefined): string {
  if (node === undefined) return 'something else';
  const expected = expectation(node);
  const example = node.examples?.[0];
  const listsAll = node.enum !== undefined || node.const !== undefined || node.type === 'boolean';
  if (example === undefined || listsAll) return expected;
  return `${expected}, such as ${formatValue(example)}`;
}

/** Writes a value as it would stand in the file, on one line. */
export function formatValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(formatValue).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, item]) => `${key}: ${formatValue(item)}`);
    return `{ ${entries.join(', ')} }`;
  }
  return String(value);
}

/** Joins names for people: `a, b or c`. */
export function formatChoice(names: readonly string[]): string {
  if (names.length <= 1) return names[0] ?? '';
  return `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}

function expectation(node: JsonSchema): string {
  if (typeof node.expects === 'string') return node.expects;
  if (node.const !== undefined) return String(node.const);
  if (node.enum !== undefined) return formatChoice(node.enum.map(String));
  if (node.anyOf !== undefined) return formatChoice(alternatives(node).map(expectation));
  if (node.type === 'object') {
    const keys = validKeys(node);
    return keys.length === 0 ? 'a mapping' : `a mapping with ${describeKeys(node, keys)}`;
  }
  return typeWords[String(node.type)] ?? 'something else';
}

const typeWords: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  integer: 'a whole number',
  number: 'a number',
  string: 'text',
};

function describeKeys(node: JsonSchema, keys: readonly string[]): string {
  const required = keys.filter((key) => node.required?.includes(key));
  return required.length > 0 ? required.join(', ') : `some of ${keys.join(', ')}`;
}

function alternatives(node: JsonSchema): readonly JsonSchema[] {
  return node.anyOf === undefined ? [node] : node.anyOf.filter(isNode);
}

function child(node: JsonSchema, step: string | number): readonly JsonSchema[] {
  const { items, properties, additionalProperties } = node;
  if (typeof step === 'number') return isNode(items) ? [items] : [];
  if (properties !== undefined && Object.hasOwn(properties, step)) {
    return [properties[step]].filter(isNode);
  }
  return [additionalProperties].filter(isNode);
}
