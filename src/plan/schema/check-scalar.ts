import { isMap } from '../json-map.ts';
import type { Schema } from './open-api.ts';

const typeNames: Readonly<Record<string, string>> = {
  string: 'a string',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
};

/** Says which type a value has to have instead of its own. */
export function typeProblem(value: unknown, schema: Schema): string | undefined {
  if (isIntOrString(schema)) {
    return typeof value === 'string' || Number.isInteger(value)
      ? undefined
      : 'it has to be a whole number or a string';
  }
  const { type } = schema;
  if (type === undefined || isOfType(value, type)) return undefined;
  return `it has to be ${typeNames[type] ?? type}, not ${typeNames[typeOf(value)] ?? typeOf(value)}`;
}

/** Everything a schema may ask of a value of the right type, but its parts. */
export function checkScalar(value: unknown, schema: Schema): string[] {
  return [
    ...checkEnum(value, schema),
    ...(typeof value === 'string' ? checkText(value, schema) : []),
    ...(typeof value === 'number' ? checkNumber(value, schema) : []),
    ...checkSize(value, schema),
  ];
}

function isIntOrString(schema: Schema): boolean {
  return schema['x-kubernetes-int-or-string'] === true || schema.format === 'int-or-string';
}

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(value);
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isMap(value);
    default:
      return typeof value === type;
  }
}

function typeOf(value: unknown): string {
  return Array.isArray(value) ? 'array' : typeof value;
}

function checkEnum(value: unknown, { enum: allowed }: Schema): string[] {
  if (allowed === undefined || allowed.includes(value) || typeof value === 'object') return [];
  return [`it has to be one of ${allowed.map(String).join(', ')}`];
}

function checkText(text: string, { pattern, format, minLength, maxLength }: Schema): string[] {
  // The server counts code points.
  const { length } = Array.from(text);
  return [
    ...(pattern !== undefined && !matches(text, pattern) ? [`it has to match ${pattern}`] : []),
    ...(minLength !== undefined && length < minLength
      ? [`it has to be at least ${String(minLength)} characters long`]
      : []),
    ...(maxLength !== undefined && length > maxLength
      ? [`it may be at most ${String(maxLength)} characters long`]
      : []),
    ...(format === 'byte' && !isBase64(text) ? ['it has to be base64'] : []),
    ...(format === 'date-time' && Number.isNaN(Date.parse(text)) ? ['it has to be a time'] : []),
  ];
}

/** A pattern is written for Go; one that JavaScript cannot read is left to the server. */
function matches(text: string, pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(text);
  } catch {
    return true;
  }
}

function isBase64(text: string): boolean {
  return /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(
    text.replaceAll(/[\r\n]/g, ''),
  );
}

const int32 = 2 ** 31;

function checkNumber(value: number, { format, multipleOf, ...schema }: Schema): string[] {
  const isMultiple = typeof multipleOf !== 'number' || value % multipleOf === 0;
  const fits = format !== 'int32' || (value >= -int32 && value < int32);
  return [
    ...checkLeast(value, schema),
    ...checkMost(value, schema),
    ...(isMultiple ? [] : [`it has to be a multiple of ${String(multipleOf)}`]),
    ...(fits ? [] : ['it does not fit 32 bits']),
  ];
}

function checkLeast(value: number, { minimum, exclusiveMinimum = false }: Schema): string[] {
  if (minimum === undefined || value > minimum) return [];
  if (exclusiveMinimum) return [`it has to be more than ${String(minimum)}`];
  return value === minimum ? [] : [`it has to be at least ${String(minimum)}`];
}

function checkMost(value: number, { maximum, exclusiveMaximum = false }: Schema): string[] {
  if (maximum === undefined || value < maximum) return [];
  if (exclusiveMaximum) return [`it has to be less than ${String(maximum)}`];
  return value === maximum ? [] : [`it has to be at most ${String(maximum)}`];
}

function checkSize(value: unknown, schema: Schema): string[] {
  const { minItems, maxItems, minProperties, maxProperties } = schema;
  if (Array.isArray(value)) return checkBounds(value.length, [minItems, maxItems], 'items');
  if (!isMap(value)) return [];
  return checkBounds(Object.keys(value).length, [minProperties, maxProperties], 'fields');
}

function checkBounds(
  count: number,
  [least, most]: readonly [number | undefined, number | undefined],
  what: string,
): string[] {
  return [
    ...(least !== undefined && count < least ? [`it needs at least ${String(least)} ${what}`] : []),
    ...(most !== undefined && count > most ? [`it may have at most ${String(most)} ${what}`] : []),
  ];
}
