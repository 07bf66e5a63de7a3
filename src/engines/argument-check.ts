import {
  type EngineArgument,
  type EngineId,
  type EngineReleaseRow,
  findArgument,
} from '../catalog/index.ts';
import type { ParserDialect } from './argument-type.ts';
import type { Reason } from './reason.ts';
import { sglangParser } from './sglang/parser.ts';
import { explainUnknownFlag } from './unknown-flag.ts';
import { vllmParser } from './vllm/parser.ts';

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

/** What a command line says after any of these names; empty for a switch, `undefined` without it. */
export function valueOfFlag(args: readonly string[], names: readonly string[]): string | undefined {
  return parseFlags(args)
    .find(({ flag }) => names.includes(flag))
    ?.values.join(' ');
}

const parsers: Readonly<Record<EngineId, ParserDialect>> = {
  vllm: vllmParser,
  'vllm-ascend': vllmParser,
  sglang: sglangParser,
};

/** Checks every flag of a command line against the release's own argument parser. */
export function checkArguments(args: readonly string[], release: EngineReleaseRow): Reason[] {
  return parseFlags(args).flatMap((given) => checkFlag(given, release));
}

/** Whether an argument is a flag; `-1` is a value, and `--` or `--=3` a flag no release has. */
export function isFlag(arg: string): boolean {
  return /^--|^-[A-Za-z]/.test(arg);
}

function checkFlag({ flag, values }: ParsedFlag, release: EngineReleaseRow): Reason[] {
  const [name, key] = splitKey(flag);
  const known = findArgument(release, name);
  if (known === undefined) return [unknownFlag(name, release)];
  const keyed = key !== undefined;
  if (keyed && !parsers[release.engine].keyedTypes.has(known.type ?? '')) {
    return [
      reason(
        'KEYED',
        flag,
        release,
        `has no keys: ${name} takes no JSON object`,
        `Write ${name} and its value.`,
      ),
    ];
  }
  return [
    ...checkCount(flag, values, { takes: keyed ? 'one' : known.takes, known, release }),
    // One key may be anything: the engine makes JSON, a number or a text of it.
    ...(keyed ? [] : values.flatMap((value) => checkValue(flag, value, { known, release }))),
  ];
}

/** Flag and key of `--kernel-config.moe_backend`, which sets one key of a JSON option. */
export function splitKey(flag: string): readonly [flag: string, key?: string] {
  const dot = flag.indexOf('.');
  return dot < 0 ? [flag] : [flag.slice(0, dot), flag.slice(dot + 1)];
}

interface Option {
  readonly known: EngineArgument;
  readonly release: EngineReleaseRow;
}

function checkCount(
  flag: string,
  values: readonly string[],
  { takes, known, release }: Option & Pick<EngineArgument, 'takes'>,
): Reason[] {
  if (takes === 'none' && values.length > 0) {
    return [
      reason(
        'TAKES_NO_VALUE',
        flag,
        release,
        `takes no value, got "${values.join(' ')}"`,
        `Remove the value.`,
      ),
    ];
  }
  if (takes !== 'none' && values.length === 0 && known.valueOptional !== true) {
    return [
      reason(
        'NEEDS_VALUE',
        flag,
        release,
        'needs a value',
        `Write "${flag}=value", or "${flag}" and "value".`,
      ),
    ];
  }
  if (takes === 'one' && values.length > 1) {
    const [first, ...others] = values;
    return [
      reason(
        'TOO_MANY_VALUES',
        flag,
        release,
        `takes one value, "${first ?? ''}", and is followed by "${others.join(' ')}"`,
        'Remove what is too much, or quote a value with blanks as one.',
      ),
    ];
  }
  return [];
}

function checkValue(flag: string, value: string, { known, release }: Option): Reason[] {
  // A value that Kubernetes or the start script fills in is checked when it is known.
  if (value.includes('$(')) return [];
  const { types, rewrites } = parsers[release.engine];
  const type = known.type ?? '';
  const choice = rewrites[type]?.(value) ?? value;
  if (known.choices !== undefined && !known.choices.map(String).includes(choice)) {
    const choices = known.choices.filter((name) => name !== null).join(', ');
    return [reason('CHOICE', flag, release, `has no choice "${value}"`, `Use one of ${choices}.`)];
  }
  const wanted = types[type]?.(value);
  if (wanted === undefined) return [];
  const problem = `needs ${wanted}, got "${value}"`;
  if (!wanted.includes('JSON')) return [reason('TYPE', flag, release, problem)];
  return [reason('JSON', flag, release, problem, 'Write JSON, with double quotes: {"key": 1}.')];
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
