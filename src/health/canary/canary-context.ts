import { findModel, modelAbilities } from '../../catalog/index.ts';
import { engines } from '../../engines/index.ts';
import type { PlacedGroup } from '../../layout/index.ts';
import type { Spec } from '../../spec/index.ts';
import type { CanaryContext } from './canary-case.ts';

/** Tokens a needle is hidden in when nobody says otherwise. */
const defaultNeedleTokens = 8_192;

export interface CanaryContextOptions {
  readonly logsCommand: string;
  /** @default 8192, or half of what the group takes when that is less */
  readonly needleTokens?: number | undefined;
}

/** Collects what the canary has to know of a group. */
export function canaryContext(
  { model, api }: Spec,
  { spec, workloads }: PlacedGroup,
  { logsCommand, needleTokens }: CanaryContextOptions,
): CanaryContext {
  const { contextTokens } = spec;
  const engine = engines[spec.engine];
  const row = findModel(model.id);
  return {
    model: api.servedModelNames[0] ?? model.id,
    reasoningField: engine.reasoningField,
    abilities: row === undefined ? modelAbilities({ family: 'other' }) : engine.abilities(row),
    hasKey: api.keySecret !== 'none',
    contextTokens,
    needleTokens: needleTokens ?? Math.min(defaultNeedleTokens, Math.floor(contextTokens / 2)),
    keepsPrefixes: workloads.every(({ args }) => engine.keepsPrefixes(args)),
    logsCommand,
  };
}
