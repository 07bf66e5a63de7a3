import { formatExpectation, formatValue, keyNode, schemaAt } from './field-doc.ts';
import { type Finding, formatPath, type SpecPath } from './issue.ts';
import type { JsonSchema } from './json-schema.ts';
import { annotation, hintFor } from './value-hint.ts';

/** What the wording of a wrong value needs: the schema, the file's value, and its text. */
export interface ValueContext {
  readonly root: JsonSchema;
  readonly value: unknown;
  readonly sourceAt: (path: SpecPath) => string | undefined;
}

/** Longest text shown of a wrong value, in characters. */
const longestShown = 60;

/** Says what is wrong with the entry at `path`: absent, without value, or with a wrong one. */
export function describeValue(path: SpecPath, context: ValueContext): Finding {
  const node = schemaAt(context.root, path);
  const value = valueAt(context.value, path);
  if (value === undefined) return describeMissing('MISSING_KEY', path, node);
  if (value === null) return describeMissing('MISSING_VALUE', path, node);
  if (isWrongKey(path, context.root)) return describeKey(path, context.root);

  const source = context.sourceAt(path);
  const hint = hintFor(node, value, source);
  return {
    code: hasType(node, value) ? 'INVALID_VALUE' : 'WRONG_TYPE',
    path,
    message: `${formatPath(path)} must be ${formatExpectation(node)}, not ${formatReceived(value, source)}`,
    ...(hint === undefined ? {} : { hint }),
  };
}

function isWrongKey(path: SpecPath, root: JsonSchema): boolean {
  const pattern = keyNode(schemaAt(root, path.slice(0, -1)))?.pattern;
  return pattern !== undefined && !new RegExp(pattern).test(String(path.at(-1)));
}

function describeKey(path: SpecPath, root: JsonSchema): Finding {
  const parent = path.slice(0, -1);
  const node = keyNode(schemaAt(root, parent));
  const key = String(path.at(-1));
  const hint = hintFor(node, key, key);
  return {
    code: 'INVALID_VALUE',
    path,
    at: 'key',
    message: `A key of ${formatPath(parent)} must be ${formatExpectation(node)}, not "${key}"`,
    ...(hint === undefined ? {} : { hint }),
  };
}

function describeMissing(
  code: 'MISSING_KEY' | 'MISSING_VALUE',
  path: SpecPath,
  node: JsonSchema | undefined,
): Finding {
  const state = code === 'MISSING_KEY' ? 'is missing' : 'has no value';
  const purpose = node?.description === undefined ? '' : `: ${asClause(node.description)}`;
  return {
    code,
    path,
    at: 'key',
    message: `${formatPath(path)} ${state}${purpose}`,
    hint: missingHint(String(path.at(-1)), node),
  };
}

function missingHint(key: string, node: JsonSchema | undefined): string {
  if (node?.default !== undefined) {
    return `Remove the key to get ${formatValue(node.default)}, or give it a value.`;
  }
  const find = annotation(node, 'find');
  if (find !== undefined) return find;
  const example = node?.examples?.[0];
  if (example !== undefined) return `Add it, for example ${key}: ${formatValue(example)}.`;
  return `Add ${formatExpectation(node)}; \`dsdeploy init\` writes a file to copy it from.`;
}

/** The first sentence of a description, to go on after a colon. */
function asClause(description: string): string {
  const sentence = description.replace(/\.(?:\s.*)?$/s, '');
  // Leaves "CPU cores", "PersistentVolumeClaim" and "NCCL_IB_HCA" alone.
  return /^[A-Z][a-z]*\b(?![A-Z_])/.test(sentence)
    ? sentence.charAt(0).toLowerCase() + sentence.slice(1)
    : sentence;
}

function hasType(node: JsonSchema | undefined, value: unknown): boolean {
  const type = node?.type;
  if (type === undefined) return typeof value !== 'object';
  if (type === 'integer') return typeof value === 'number';
  if (type === 'array') return Array.isArray(value);
  return typeof value === type && !Array.isArray(value);
}

function formatReceived(value: unknown, source: string | undefined): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object' && value !== null) {
    return Object.keys(value).length === 0 ? 'an empty mapping' : 'a mapping';
  }
  if (typeof value !== 'string') return `the ${typeof value} ${source ?? String(value)}`;
  const text = value.length > longestShown ? `${value.slice(0, longestShown)}…` : value;
  return JSON.stringify(text);
}

function valueAt(value: unknown, path: SpecPath): unknown {
  return path.reduce<unknown>((current, step) => {
    if (typeof current !== 'object' || current === null) return undefined;
    return Object.entries(current).find(([key]) => key === String(step))?.[1];
  }, value);
}
