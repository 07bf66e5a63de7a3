import { parseFlags } from '../argument-check.ts';

/** Text of the KV connector's configuration in the user's arguments, when there is one. */
export function kvConnectorOf(extraArgs: readonly string[]): string | undefined {
  const given = parseFlags(extraArgs).filter(({ flag }) => /^--kv-transfer-config\b/.test(flag));
  return given.length === 0 ? undefined : given.flatMap(({ values }) => values).join(' ');
}

/** Half of a pair that the configuration makes of the group; `undefined` for one that does both. */
export function kvHalfOf(extraArgs: readonly string[]): 'kv_producer' | 'kv_consumer' | undefined {
  const given = parseFlags(extraArgs).flatMap(({ flag, values }) => {
    if (flag === '--kv-transfer-config') return values.map(roleInJson);
    return flag === '--kv-transfer-config.kv_role' ? values : [];
  });
  return given.find((role) => role === 'kv_producer' || role === 'kv_consumer');
}

function roleInJson(text: string): string {
  return /"kv_role"\s*:\s*"([^"]*)"/.exec(text)?.[1] ?? '';
}
