import { DsdeployError } from '../../errors/index.ts';

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
    coerce: (value: string): readonly number[] => readNumbers(name, value),
  } as const;
}

/** Names the whole value: an empty part says nothing alone. */
function readNumbers(name: string, value: string | readonly string[]): readonly number[] {
  const parts = typeof value === 'string' ? value.split(',') : [];
  const numbers = parts.map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (numbers.length > 0 && numbers.every(Number.isFinite)) return numbers;
  throw new DsdeployError(
    'USAGE',
    `Cannot read --${name}: "${String(value)}" is not a list of numbers with one comma between two`,
    { subject: `--${name}`, hint: `Write it once, for example --${name} 4,16,64.` },
  );
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
