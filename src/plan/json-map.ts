/** An object of JSON whose members are not known. */
export type JsonMap = Readonly<Record<string, unknown>>;

export function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value, or nothing in its place where it is no object. */
export function mapOf(value: unknown): JsonMap {
  return isMap(value) ? value : {};
}
