import type { Manifest } from '../../manifest/index.ts';
import { type FieldSet, toFieldSet } from './field-set.ts';

/** One entry of `metadata.managedFields`. */
export interface ManagedFields {
  readonly manager: string;
  readonly operation: string;
  /** API version the fields are written in. */
  readonly apiVersion: string;
  /** Empty for the object itself, else `status` or `scale`. */
  readonly subresource: string;
  /** ISO 8601; absent where the server has not noted it. */
  readonly time?: string;
  readonly fields: FieldSet;
}

/** Reads who set which fields of an object. */
export function managedFieldsOf({ metadata }: Manifest): ManagedFields[] {
  return readManagedFields(metadata['managedFields']);
}

/** Reads `metadata.managedFields` as the server wrote them. */
export function readManagedFields(entries: unknown): ManagedFields[] {
  if (!Array.isArray(entries)) return [];
  return entries.map((entry: unknown) => {
    const { manager, operation, apiVersion, subresource, time, fieldsV1 } = {
      ...(typeof entry === 'object' ? entry : {}),
    } as Readonly<Record<string, unknown>>;
    return {
      manager: text(manager),
      operation: text(operation),
      apiVersion: text(apiVersion),
      subresource: text(subresource),
      ...(typeof time === 'string' ? { time } : {}),
      fields: toFieldSet(fieldsV1),
    };
  });
}

/** Writes an entry as the API server wants it. */
export function toManagedFieldsEntry(entry: ManagedFields): Readonly<Record<string, unknown>> {
  const { fields, subresource, ...rest } = entry;
  return {
    ...rest,
    ...(subresource === '' ? {} : { subresource }),
    fieldsType: 'FieldsV1',
    fieldsV1: fields,
  };
}

/** Whether a set holds a field, by its steps. */
export function hasField(set: FieldSet, [step, ...rest]: readonly string[]): boolean {
  if (step === undefined) return true;
  const inner = set[step];
  return inner !== undefined && hasField(inner, rest);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
