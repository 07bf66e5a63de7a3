import type { Layout } from '../../layout/index.ts';
import { isSecretName, secretShapes } from '../../plan/index.ts';

/** Takes the place of a secret. */
export const maskText = '(masked)';

/** Shorter texts occur by chance in any log; where they stand under a secret's name they are masked too. */
const shortestKnown = 6;

/** What secrets look like wherever they stand. */
const shapes: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  ...secretShapes,
  // `api_key='X'`, `HF_TOKEN=X`, `"password": "X"`, `--api-key X`; a list of keys is one value.
  [
    /((?:[\w-]*(?:api|access|secret|private)[ _-]?keys?|[\w-]*(?:token|password|passwd|secret|credentials?|authorization|cookie)|["']auth)["']?\s*[=:]\s*)(?!\(masked\)|(?:Bearer|Basic) )(\[[^\]]*\]|"[^"]*"|'[^']*'|[^\s,;&)}\]]+)/gi,
    `$1${maskText}`,
  ],
  [
    /(--[\w-]*(?:keys?|token|password|secret)\s+)(?!\(masked\)|-)([^\s,;&)}\]]+)/gi,
    `$1${maskText}`,
  ],
];

/** No secrets: counts and times of tokens, switches, references, and the beginning of an object. */
const harmlessValue =
  /^["']?(?:true|false|null|none|\{|\$.*|[\d.,%]{1,15}(?:[numµ]?s|m|h)?)["']?$/i;

/** Names that only look like those of secrets. */
const harmless = /tokens$|tokeniz/i;

/** Secrets a layout holds: values under secret names in environment and arguments. */
export function secretsOfLayout({ spec }: Layout): readonly string[] {
  const values = spec.groups.flatMap(({ extraEnv, extraArgs }) => [
    ...Object.entries(extraEnv).flatMap(([name, value]) => (isSecretName(name) ? [value] : [])),
    ...extraArgs.flatMap((argument, index) => {
      const [flag = '', value = extraArgs[index + 1] ?? ''] = argument.split('=', 2);
      return flag.startsWith('-') && isSecretName(flag) && !harmless.test(flag) ? [value] : [];
    }),
  ]);
  return values.filter((value) => value.length >= shortestKnown);
}

/**
 * Masks a text for somebody outside: every known secret, plain and in base64, then whatever has the
 * shape or stands under the name of one. It rather masks too much than too little.
 */
export function maskSecretsIn(text: string, secrets: readonly string[]): string {
  const known = secrets
    .filter((secret) => secret.length >= shortestKnown)
    .flatMap((secret) => [
      secret,
      Buffer.from(secret).toString('base64'),
      encodeURIComponent(secret),
      JSON.stringify(secret).slice(1, -1),
    ])
    .toSorted((a, b) => b.length - a.length);
  const withoutKnown = known.reduce((rest, secret) => rest.replaceAll(secret, maskText), text);
  return shapes.reduce(
    (rest, [pattern, replacement]) =>
      rest.replaceAll(pattern, (match: string, ...groups: unknown[]) =>
        mask(match, { groups, replacement }),
      ),
    withoutKnown,
  );
}

function mask(
  match: string,
  { groups, replacement }: { readonly groups: readonly unknown[]; readonly replacement: string },
): string {
  const [name, value] = groups;
  if (typeof value === 'string' && harmlessValue.test(value)) return match;
  return replacement.replace('$1', () => (typeof name === 'string' ? name : ''));
}
