import { parseFlags } from '../argument-check.ts';

/** Text of the KV connector's configuration in the user's arguments, when there is one. */
export function kvConnectorOf(extraArgs: readonly string[]): string | undefined {
  const given = parseFlags(extraArgs).filter(({ flag }) => /^--kv-transfer-config\b/.test(flag));
  return given.length === 0 ? undefined : given.flatMap(({ values }) => values).join(' ');
}
