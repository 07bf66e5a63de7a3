import { isNode, type JsonSchema } from './json-schema.ts';
import { nearestName, toKubernetesName } from './nearest.ts';

/** Reads one of our own annotations from a schema node. */
export function annotation(
  node: JsonSchema | undefined,
  key: 'expects' | 'find' | 'fix',
): string | undefined {
  const text = node?.[key];
  return typeof text === 'string' ? text : undefined;
}

/**
 * Returns how to mend a wrong value: a name nearby, the type that was meant, or the field's own
 * advice.
 *
 * @param source - the value as written in the file; `yes` and `0.30` look different once read.
 */
export function hintFor(
  node: JsonSchema | undefined,
  value: unknown,
  source: string | undefined,
): string | undefined {
  if (node === undefined) return undefined;
  const text = source ?? scalarText(value);
  return (
    nameHint(node, text) ??
    typeHint(node, value, text) ??
    annotation(node, 'fix') ??
    annotation(node, 'find')
  );
}

/** Mappings and lists have no text; and a mapping's own `toString` key would break `String()`. */
function scalarText(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

function nameHint(node: JsonSchema, value: string): string | undefined {
  const near = nearestName(value, node.enum?.map(String) ?? []);
  if (near !== undefined) return `Write ${near}.`;
  const slug = toKubernetesName(value);
  const fits = node.slug === true && node.pattern !== undefined && matches(node.pattern, slug);
  return fits && slug !== value ? `Write ${slug}.` : undefined;
}

function typeHint(node: JsonSchema, value: unknown, source: string): string | undefined {
  const { type } = node;
  if (type === 'string') return textHint(node, value, source);
  if (type === 'array') return listHint(node, value);
  if (type === 'boolean') return booleanHint(source);
  const isNumber = type === 'integer' || type === 'number';
  const isQuotedNumber = typeof value === 'string' && /^\d+(?:\.\d+)?$/.test(value);
  return isNumber && isQuotedNumber ? `Remove the quotes: ${value}.` : undefined;
}

function booleanHint(word: string): string | undefined {
  const folded = word.toLowerCase();
  if (['yes', 'y', 'on', 'true', '1'].includes(folded)) return `Write true, ${reason(word)}.`;
  if (['no', 'n', 'off', 'false', '0'].includes(folded)) return `Write false, ${reason(word)}.`;
  return undefined;
}

function reason(word: string): string {
  return /^(?:true|false)$/i.test(word)
    ? 'without quotes'
    : `since ${word} is no boolean in YAML 1.2`;
}

function textHint(node: JsonSchema, value: unknown, source: string): string | undefined {
  if (typeof value !== 'number' && typeof value !== 'boolean') return undefined;
  // Quotes help only where the quoted text would pass.
  if (node.pattern !== undefined && !matches(node.pattern, source)) return undefined;
  if (node.enum !== undefined || annotation(node, 'fix') !== undefined) return undefined;
  return `Quote it, so that it is text: "${source}".`;
}

function listHint({ items }: JsonSchema, value: unknown): string | undefined {
  if (typeof value !== 'string' || !isNode(items) || items.type !== 'string') return undefined;
  return `Write a list: [${value
    .trim()
    .split(/[\s,]+/)
    .join(', ')}].`;
}

function matches(pattern: string, text: string): boolean {
  return new RegExp(pattern).test(text);
}
