import { DsdeployError } from '../errors/index.ts';

/** Declares a number; what it may be is for the action to say. */
export function numberOption(name: string, describe: string) {
  return {
    type: 'string',
    requiresArg: true,
    describe,
    coerce: (value: string): number => readNumber(name, value),
  } as const;
}

/** Declares numbers with commas between them. */
export function numbersOption(name: string, defaultText: string, describe: string) {
  return {
    type: 'string',
    default: defaultText,
    requiresArg: true,
    describe,
    coerce: (value: string): readonly number[] =>
      value.split(',').map((text) => readNumber(name, text)),
  } as const;
}

/**
 * Reads a finite number.
 *
 * @throws DsdeployError `USAGE`.
 */
export function readNumber(name: string, value: string | readonly string[]): number {
  const text = typeof value === 'string' ? value.trim() : '';
  const number = Number(text);
  if (text !== '' && Number.isFinite(number)) return number;
  throw new DsdeployError('USAGE', `Cannot read --${name}: "${String(value)}" is not a number`, {
    subject: `--${name}`,
    hint: `Write it once, as digits, for example --${name} 64.`,
  });
}
