import type { TextEnvironment } from '../../ui/output.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** Parses the environment variables that change how text looks; called once, by the root. */
export function readEnvironment(env: Variables): TextEnvironment {
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find(isSet) ?? '';
  return {
    noColor: isSet(env['NO_COLOR']),
    forceColor: isSet(env['FORCE_COLOR']) && env['FORCE_COLOR'] !== '0',
    ci: isSet(env['CI']) && env['CI'] !== 'false',
    dumbTerminal: env['TERM'] === 'dumb',
    utf8: /utf-?8/i.test(locale),
  };
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== '';
}
