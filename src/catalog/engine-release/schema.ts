import type { EngineArgument } from '../engine-release.ts';

/** Where the argument schemas of all releases come from. */
export const argumentSource = 'argument parser of the release, run on CPU (2026-11)';

/** A schema file as arguments: JSON imports know texts, not unions of them. */
export function toArguments(rows: readonly unknown[]): readonly EngineArgument[] {
  return rows as readonly EngineArgument[];
}
