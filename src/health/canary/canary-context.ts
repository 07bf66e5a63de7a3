import type { PlacedGroup } from '../../layout/index.ts';
import type { Spec } from '../../spec/index.ts';
import type { CanaryContext } from './canary-case.ts';
import { modelAbilities } from './model-abilities.ts';

/** Tokens a needle is hidden in when nobody says otherwise. */
const defaultNeedleTokens = 8_192;

/** Flags of the engines that turn the prefix cache off; it is on by default. */
const cacheOffFlags: ReadonlySet<string> = new Set([
  '--no-enable-prefix-caching',
  '--disable-radix-cache',
]);

export interface CanaryContextOptions {
  readonly logsCommand: string;
  /** @default 8192, or half of what the group takes when that is less */
  readonly needleTokens?: number | undefined;
}

/** Collects what the canary has to know of a group. */
export function canaryContext(
  { model, api }: Spec,
  { spec }: PlacedGroup,
  { logsCommand, needleTokens }: CanaryContextOptions,
): CanaryContext {
  const { contextTokens, engine, extraArgs } = spec;
  return {
    model: api.servedModelNames[0] ?? model.id,
    engine,
    abilities: modelAbilities(model.id),
    hasKey: api.keySecret !== 'none',
    contextTokens,
    needleTokens: needleTokens ?? Math.min(defaultNeedleTokens, Math.floor(contextTokens / 2)),
    keepsPrefixes: !extraArgs.some((argument) => cacheOffFlags.has(argument)),
    logsCommand,
  };
}
