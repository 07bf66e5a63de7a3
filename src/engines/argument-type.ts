/**
 * What is wrong with a value, in words that follow "needs", such as `an integer`; `undefined` when the
 * engine's parser takes it.
 */
export type ValueType = (value: string) => string | undefined;

/** Type functions of a parser by the name its schema gives them. */
export type ValueTypes = Readonly<Partial<Record<string, ValueType>>>;

/** How an engine's parser reads values. */
export interface ParserDialect {
  readonly types: ValueTypes;
  /** Types whose options take single keys too, as in `--kernel-config.moe_backend`. */
  readonly keyedTypes: ReadonlySet<string>;
  /** Types that rewrite a value before it is looked up among the choices. */
  readonly rewrites: Readonly<Partial<Record<string, (value: string) => string>>>;
}

/** Python's `int()`. */
export function isInteger(value: string): boolean {
  return /^\s*[+-]?\d+(?:_\d+)*\s*$/.test(value);
}

/** Python's `float()`. */
function isFloat(value: string): boolean {
  const number = /^\s*[+-]?(?:\d[\d_]*\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*$/i;
  return number.test(value) || /^\s*[+-]?(?:inf(?:inity)?|nan)\s*$/i.test(value);
}

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    // That it does not parse is the answer.
    return false;
  }
}

export function isJsonObject(text: string): boolean {
  return /^\s*\{/.test(text) && isJson(text);
}

export const json: ValueType = (value) => (isJson(value) ? undefined : 'JSON');

export const jsonObject: ValueType = (value) => (isJsonObject(value) ? undefined : 'a JSON object');

/** Types that Python has, the same in every parser. */
export const plainTypes = {
  int: (value) => (isInteger(value) ? undefined : 'an integer'),
  float: (value) => (isFloat(value) ? undefined : 'a number'),
  loads: json,
} as const satisfies ValueTypes;
