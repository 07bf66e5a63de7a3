import { closest } from 'fastest-levenshtein';
import { findRegistry } from '../../../catalog/index.ts';
import { type ParsedFlag, parseFlags } from '../../argument-check.ts';
import type { ExtrasQuestion } from '../../engine.ts';
import type { Reason } from '../../reason.ts';

/** Names that no parser of arguments checks: a wrong one ends the server, often after the load. */
const named = [
  { flag: '--tool-call-parser', plugin: '--tool-parser-plugin', list: 'toolParsers' },
  { flag: '--reasoning-parser', plugin: '--reasoning-parser-plugin', list: 'reasoningParsers' },
] as const;

/** Parsers and connectors the user names that the release does not have. */
export function checkParsers({ group, release }: ExtrasQuestion): Reason[] {
  const given = parseFlags(group.extraArgs);
  const registry = findRegistry(release) ?? {};
  const wanted = [
    ...named
      .filter(({ plugin }) => !given.some(({ flag }) => flag === plugin))
      .flatMap(({ flag, list }) =>
        valuesOf(given, flag).map((name) => ({ what: flag, name, known: registry[list] })),
      ),
    ...connectors(given).map((name) => ({
      what: 'kv_connector',
      name,
      known: registry.kvConnectors,
    })),
  ];
  return wanted.flatMap(({ what, name, known }) => {
    if (known === undefined || known.includes(name)) return [];
    return [
      {
        code: 'VLLM_NAME_UNKNOWN',
        message: `${release.engine} ${release.version} has no ${what} "${name}"`,
        hint: `Use the nearest, ${closest(name, known)}, or one of ${known.join(', ')}.`,
        source: 'registries of the release',
      },
    ];
  });
}

function valuesOf(given: readonly ParsedFlag[], name: string): string[] {
  return given.flatMap(({ flag, values }) => (flag === name ? values : []));
}

/** Connectors of `--kv-transfer-config`; one that brings its own module is anybody's. */
function connectors(given: readonly ParsedFlag[]): string[] {
  const text = [
    ...valuesOf(given, '--kv-transfer-config'),
    ...valuesOf(given, '--kv-transfer-config.kv_connector').map((name) =>
      JSON.stringify({ kv_connector: name }),
    ),
  ].join(' ');
  const brings = given.some(({ flag }) => flag.endsWith('.kv_connector_module_path'));
  if (brings || text.includes('kv_connector_module_path')) return [];
  return [...text.matchAll(/"kv_connector"\s*:\s*"([^"]*)"/g)].flatMap(([, name]) => name ?? []);
}
