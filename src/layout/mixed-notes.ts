import { engines, type Note } from '../engines/index.ts';
import type { GroupSpec, Spec } from '../spec/index.ts';
import type { GroupFacts } from './group-facts.ts';

/**
 * In what a group answers otherwise than the first group of the deployment: one Service stands before
 * both, and a client cannot choose.
 */
export function mixedNotes({ group, engine, model }: GroupFacts, { groups }: Spec): Note[] {
  const [first] = groups;
  if (first === undefined || first.name === group.name) return [];
  const thinks = engine.abilities(model).thinking !== 'never';
  return [
    ...(thinks ? thoughts(group, first) : []),
    ...names(group, first),
    ...context(group, first),
  ];
}

function thoughts(group: GroupSpec, first: GroupSpec): Note[] {
  const own = engines[group.engine].reasoningField;
  const other = engines[first.engine].reasoningField;
  if (own === other) return [];
  return [
    warning(
      'API_MIXED_THOUGHTS',
      `one Service answers for both engines: group ${first.name} (${first.engine}) puts thoughts into message.${other}, group ${group.name} (${group.engine}) into message.${own}; have clients read both fields`,
    ),
  ];
}

function names(group: GroupSpec, first: GroupSpec): Note[] {
  const own = engines[group.engine].checksModelName;
  if (own === engines[first.engine].checksModelName) return [];
  const [strict, lax] = own ? [group, first] : [first, group];
  return [
    warning(
      'API_MIXED_NAMES',
      `a request with a model name outside api.servedModelNames gets 404 from group ${strict.name} (${strict.engine}) and an answer from group ${lax.name} (${lax.engine})`,
    ),
  ];
}

function context(group: GroupSpec, first: GroupSpec): Note[] {
  if (group.contextTokens === first.contextTokens) return [];
  const [short, long] = group.contextTokens < first.contextTokens ? [group, first] : [first, group];
  return [
    warning(
      'API_MIXED_CONTEXT',
      `group ${short.name} takes ${short.contextTokens} tokens and group ${long.name} ${long.contextTokens}: which of them a longer request meets is chance, so clients can count on ${short.contextTokens} only`,
    ),
  ];
}

function warning(code: string, message: string): Note {
  return { code, level: 'warning', message };
}
