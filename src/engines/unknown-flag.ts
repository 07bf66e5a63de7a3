import { closest } from 'fastest-levenshtein';
import { type EngineReleaseRow, engineReleases, findArgument } from '../catalog/index.ts';

/** What to say about a flag that a release does not have. */
export interface UnknownFlag {
  readonly problem: string;
  readonly hint: string;
}

/** Successors that no schema shows, since the flag became part of another option. */
const successors: Readonly<Record<string, string>> = {
  '--num-redundant-experts': 'groups[].redundantExperts',
  '--swap-space': 'nothing: there is no swap space any more',
  '--use-v2-block-manager': 'nothing: it is the only one',
};

/**
 * Explains an unknown flag from the schemas of the other releases: gone since, not there yet, or
 * known to none of them.
 */
export function explainUnknownFlag(flag: string, release: EngineReleaseRow): UnknownFlag {
  const dashed = flag.replaceAll('_', '-');
  if (dashed !== flag && findArgument(release, dashed) !== undefined) {
    return { problem: 'is written with underscores', hint: `Use ${dashed}.` };
  }
  const whole = abbreviated(flag, release);
  if (whole.length > 0) {
    return {
      problem: 'is cut short, which the parser of the engine takes for the whole name',
      hint: `Write ${whole.join(' or ')}.`,
    };
  }
  const siblings = engineReleases.filter(({ engine }) => engine === release.engine);
  const index = siblings.findIndex(({ version }) => version === release.version);
  const older = siblings.slice(index + 1).find((row) => findArgument(row, flag) !== undefined);
  if (older !== undefined) {
    return {
      problem: `was removed; release ${older.version} still has it`,
      hint: `Use ${successorOf(flag, older, release)}.`,
    };
  }
  const newer = siblings.slice(0, Math.max(index, 0)).filter((row) => findArgument(row, flag));
  const first = newer.at(-1);
  if (first !== undefined) {
    return {
      problem: 'does not exist yet',
      hint: `Use release ${first.version} or newer, the first of the catalog that has it.`,
    };
  }
  const known = successors[flag];
  const hint =
    known === undefined ? `The nearest name is ${nearestOf(flag, release)}.` : `Use ${known}.`;
  return { problem: 'does not exist', hint };
}

/**
 * The flag with the same meaning: another spelling of the same option, for example `--disable-x` for
 * `--no-enable-x`, else the nearest name.
 */
function successorOf(flag: string, older: EngineReleaseRow, release: EngineReleaseRow): string {
  const known = successors[flag];
  if (known !== undefined) return known;
  const spellings = findArgument(older, flag)?.flags ?? [];
  const now = release.arguments.find(({ flags }) => flags.some((name) => spellings.includes(name)));
  const renamed = now?.flags.find((name) => !spellings.includes(name));
  return renamed ?? `the nearest name, ${nearestOf(flag, release)}, if it means the same`;
}

/** Long names that start with a flag; of many none is meant more than another. */
function abbreviated(flag: string, release: EngineReleaseRow): string[] {
  if (!/^--\w.{2}/.test(flag)) return [];
  const names = release.arguments.flatMap(({ flags }) =>
    flags.filter((name) => name.startsWith(flag)),
  );
  return names.length <= 3 ? names : [];
}

function nearestOf(flag: string, release: EngineReleaseRow): string {
  return closest(
    flag,
    release.arguments.flatMap(({ flags }) => flags),
  );
}
