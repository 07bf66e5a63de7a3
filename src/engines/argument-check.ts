import { type EngineArgument, type EngineReleaseRow, findArgument } from '../catalog/index.ts';
import type { Reason } from './reason.ts';
import { explainUnknownFlag } from './unknown-flag.ts';

/** One flag with its values, as given on a command line. */
export interface ParsedFlag {
  readonly flag: string;
  readonly values: readonly string[];
}

/**
 * Splits a command line into flags: `--a 1 2 --b=3 --c` gives three. Both engines' parsers accept
 * abbreviated flags, so whole names are compared elsewhere, never prefixes.
 */
export function parseFlags(args: readonly string[]): ParsedFlag[] {
  const flags: { flag: string; values: string[] }[] = [];
  for (const arg of args) {
    if (isFlag(arg)) {
      const equals = arg.indexOf('=');
      if (equals < 0) flags.push({ flag: arg, values: [] });
      else flags.push({ flag: arg.slice(0, equals), values: [arg.slice(equals + 1)] });
    } else {
      flags.at(-1)?.values.push(arg);
    }
  }
  return flags;
}

/** Checks every flag of a command line against the release's own argument parser. */
export function checkArguments(args: readonly string[], release: EngineReleaseRow): Reason[] {
  return parseFlags(args).flatMap((given) => checkFlag(given, release));
}

function isFlag(arg: string): boolean {
  return /^--?[A-Za-z]/.test(arg);
}

function checkFlag({ flag, values }: ParsedFlag, release: EngineReleaseRow): Reason[] {
  // `--kernel-config.key` sets one key of a JSON option.
  const name = flag.split('.')[0] ?? flag;
  const known = findArgument(release, name);
  if (known === undefined) return [unknownFlag(name, release)];
  if (known.takes === 'none' && values.length > 0) {
    return [reason('TAKES_NO_VALUE', flag, release, `takes no value, got "${values.join(' ')}"`)];
  }
  if (known.takes !== 'none' && values.length === 0) {
    return [reason('NEEDS_VALUE', flag, release, 'needs a value')];
  }
  return values.flatMap((value) => checkValue(flag, value, { known, release }));
}

function checkValue(
  flag: string,
  value: string,
  { known, release }: { known: EngineArgument; release: EngineReleaseRow },
): Reason[] {
  // A value that Kubernetes or the start script fills in is checked when it is known.
  if (value.includes('$(')) return [];
  if (known.choices !== undefined && !known.choices.map(String).includes(value)) {
    const choices = known.choices.filter((choice) => choice !== null).join(', ');
    return [reason('CHOICE', flag, release, `has no choice "${value}"`, `Use one of ${choices}.`)];
  }
  if (known.type === 'int' && !/^-?\d+$/.test(value)) {
    return [reason('TYPE', flag, release, `needs an integer, got "${value}"`)];
  }
  if (known.type === 'float' && (value.trim() === '' || !Number.isFinite(Number(value)))) {
    return [reason('TYPE', flag, release, `needs a number, got "${value}"`)];
  }
  if (/^\s*[{[]/.test(value) && !isJson(value)) {
    return [reason('JSON', flag, release, `needs JSON, got ${value}`)];
  }
  return [];
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    // That it does not parse is the answer.
    return false;
  }
}

function unknownFlag(flag: string, release: EngineReleaseRow): Reason {
  const { problem, hint } = explainUnknownFlag(flag, release);
  return reason('UNKNOWN', flag, release, problem, hint);
}

function reason(
  kind: string,
  flag: string,
  release: EngineReleaseRow,
  ...[problem, hint]: [problem: string, hint?: string]
): Reason {
  return {
    code: `ENGINE_ARGUMENT_${kind}`,
    message: `${release.engine} ${release.version}: ${flag} ${problem}`,
    hint: hint ?? `Check \`${release.engine} serve --help\` of release ${release.version}.`,
    source: release.source,
  };
}
