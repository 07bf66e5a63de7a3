import { type EngineReleaseRow, findArgument } from '../catalog/index.ts';
import { checkArguments, isFlag, type ParsedFlag, parseFlags, splitKey } from './argument-check.ts';
import { explainOwner } from './owner.ts';
import type { Note, Reason } from './reason.ts';

/**
 * Flags `extraArgs` may not have, one spelling each: with the place in the spec that sets them, or
 * `nothing: ` and why they are not for a user.
 */
export type OwnedFlags = Readonly<Partial<Record<string, string>>>;

type Parser = Pick<EngineReleaseRow, 'arguments'>;

/** Rules the user's own arguments break, by the parser of the release and by what dsdeploy writes. */
export function checkExtraArgs(
  extraArgs: readonly string[],
  release: EngineReleaseRow,
  owned: OwnedFlags,
): Reason[] {
  const [first] = extraArgs;
  return [
    ...(first === undefined || isFlag(first) ? [] : [positional(first, release)]),
    ...checkArguments(extraArgs, release),
    ...parseFlags(extraArgs).flatMap(({ flag }) => ownedFlag(flag, release, owned)),
    ...repeated(extraArgs, release),
  ];
}

function positional(arg: string, { engine }: EngineReleaseRow): Reason {
  return {
    code: 'ENGINE_ARGUMENT_POSITIONAL',
    message: `extraArgs starts with "${arg}", which is not a flag`,
    hint: 'Start with a flag, for example "--seed".',
    source: `${engine} takes nothing but the model and flags`,
  };
}

function ownedFlag(flag: string, release: Parser, owned: OwnedFlags): Reason[] {
  const owner = ownerOf(flag, release, owned);
  if (owner === undefined) return [];
  return [
    {
      code: 'ENGINE_ARGUMENT_OWNED',
      ...explainOwner(`extraArgs repeats ${flag}`, owner),
      source: 'a second value would make pods of one group, or plan and engine, disagree',
    },
  ];
}

/** What sets a flag, whichever of its spellings is used; `undefined` for flags that are free. */
function ownerOf(flag: string, release: Parser, owned: OwnedFlags): string | undefined {
  return spellingsOf(flag, release)
    .map((spelling) => owned[spelling])
    .find((owner) => owner !== undefined);
}

/** The parser takes the last of two values, which is not always the one that was meant. */
function repeated(extraArgs: readonly string[], release: EngineReleaseRow): Reason[] {
  const given = parseFlags(extraArgs).map(({ flag }) => flag);
  return given.flatMap((flag, index) => {
    const before = given.slice(0, index).find((other) => isSameValue(flag, other, release));
    if (before === undefined || findArgument(release, flag)?.repeatable === true) return [];
    const both = before === flag ? `${flag} twice` : `${before} and ${flag}, which are one option`;
    return [
      {
        code: 'ENGINE_ARGUMENT_TWICE',
        message: `${release.engine} ${release.version}: extraArgs has ${both}`,
        hint: 'Keep one; the engine would take the last.',
        source: release.source,
      },
    ];
  });
}

/**
 * Arguments of dsdeploy followed by the user's; where both set an option that is the user's to set,
 * the user's value is the only one on the line.
 */
export function joinArguments(
  generated: readonly string[],
  extraArgs: readonly string[],
  release: Parser,
): string[] {
  const replaced = replacedFlags(generated, extraArgs, release);
  let keep = true;
  const kept = generated.filter((arg) => {
    if (isFlag(arg)) keep = !replaced.some(({ flag }) => flag === arg);
    return keep;
  });
  return [...kept, ...extraArgs];
}

/** What the user's arguments replace, and which of them the release is about to drop. */
export function extraArgNotes(
  generated: readonly string[],
  extraArgs: readonly string[],
  release: EngineReleaseRow,
): Note[] {
  const replaced = replacedFlags(generated, extraArgs, release).map(
    ({ flag, values }): Note => ({
      code: 'EXTRA_ARG_REPLACES',
      level: 'warning',
      message: `extraArgs replaces ${[flag, ...values].join(' ')}, which dsdeploy chose`,
    }),
  );
  const deprecated = parseFlags(extraArgs)
    .filter(({ flag }) => findArgument(release, splitKey(flag)[0])?.deprecated === true)
    .map(
      ({ flag }): Note => ({
        code: 'EXTRA_ARG_DEPRECATED',
        level: 'warning',
        message: `${release.engine} ${release.version} calls ${flag} deprecated: look for its successor before the next release`,
      }),
    );
  return [...replaced, ...deprecated];
}

function replacedFlags(
  generated: readonly string[],
  extraArgs: readonly string[],
  release: Parser,
): ParsedFlag[] {
  const own = parseFlags(extraArgs).map(({ flag }) => flag);
  return parseFlags(generated).filter(({ flag }) =>
    own.some((other) => isSame(splitKey(other)[0], flag, release)),
  );
}

/** Two keys of one JSON option stand side by side, but not beside the whole of it. */
function isSameValue(flag: string, other: string, release: Parser): boolean {
  if (flag === other) return true;
  const [name, key] = splitKey(flag);
  const [otherName, otherKey] = splitKey(other);
  return (key === undefined || otherKey === undefined) && isSame(name, otherName, release);
}

function isSame(flag: string, other: string, release: Parser): boolean {
  return flag === other || spellingsOf(flag, release).includes(other);
}

function spellingsOf(flag: string, release: Parser): readonly string[] {
  const [name] = splitKey(flag);
  return findArgument(release, name)?.flags ?? [name];
}
