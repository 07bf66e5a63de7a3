import type { Manifest } from '../../manifest/index.ts';
import { maskSecrets } from './mask.ts';
import { maskShapesIn } from './secret-shapes.ts';

const label = '(secret)';

/** Shorter values occur by chance in any message. */
const shortestValue = 4;

/** The secret values that a manifest holds, in each form in which a server may repeat them. */
export function secretValuesOf(manifest: Manifest): string[] {
  const { kind } = manifest;
  const values = Object.entries(manifest).flatMap(([name, value]) =>
    collect(value, maskSecrets(value, { kind, path: [{ kind: 'field', name }], label })),
  );
  // The server keeps `stringData` in base64, and may repeat `data` decoded.
  const forms = kind === 'Secret' ? values.flatMap((value) => [decode(value), encode(value)]) : [];
  return [...new Set([...values, ...forms])].filter((value) => value.length >= shortestValue);
}

/** Text without the secret values of a manifest, and whatever looks like one; that it is there stays visible. */
export function maskValues(text: string, values: readonly string[]): string {
  const known = values
    .flatMap((value) => [value, JSON.stringify(value).slice(1, -1)])
    .toSorted((a, b) => b.length - a.length)
    .reduce((rest, value) => rest.replaceAll(value, label), text);
  return maskShapesIn(known, label);
}

/** Texts that masking replaced; of `--api-key=value` the value. */
function collect(value: unknown, masked: unknown): string[] {
  if (typeof value === 'string') {
    if (value === masked || typeof masked !== 'string') return [];
    const prefix = masked.slice(0, -label.length);
    return [value.startsWith(prefix) ? value.slice(prefix.length) : value];
  }
  if (typeof value !== 'object' || value === null) return [];
  const inside: Readonly<Record<string, unknown>> =
    typeof masked === 'object' && masked !== null ? { ...masked } : {};
  return Object.entries(value).flatMap(([key, inner]) => collect(inner, inside[key]));
}

function encode(value: string): string {
  return Buffer.from(value).toString('base64');
}

function decode(value: string): string {
  return Buffer.from(value, 'base64').toString('utf8');
}
