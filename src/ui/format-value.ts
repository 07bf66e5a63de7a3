import { canonicalJson } from '../manifest/index.ts';

/** Formats a field value on one line: plain when it cannot be misread, JSON otherwise. */
export function formatValue(value: unknown): string {
  if (typeof value === 'string' && /^[\w./:@%+~-]+$/.test(value)) return value;
  return canonicalJson(value);
}

/** Tells whether a value is text of several lines, which is compared line by line. */
export function isMultiline(value: unknown): value is string {
  return typeof value === 'string' && value.includes('\n');
}
