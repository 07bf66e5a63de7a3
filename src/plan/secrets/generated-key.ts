import type { Manifest } from '../../manifest/index.ts';

/** Annotation of a Secret whose key `apply` makes; its value is the name of the key. */
const generatedKeyAnnotation = 'dsdeploy/generated-key';

/** Name of the key a Secret wants to have made, if it does. */
export function generatedKeyOf({ kind, metadata }: Manifest): string | undefined {
  return kind === 'Secret' ? metadata.annotations?.[generatedKeyAnnotation] : undefined;
}

export function hasKey(secret: Manifest, key: string): boolean {
  const data = dataOf(secret);
  return typeof data[key] === 'string' && data[key] !== '';
}

/**
 * What a Secret will look like once `apply` has made its key. The value is a placeholder; the diff
 * masks it like any other.
 */
export function withKeyToCome<Secret extends Manifest>(secret: Secret): Secret {
  const key = generatedKeyOf(secret);
  if (key === undefined || hasKey(secret, key)) return secret;
  return { ...secret, data: { ...dataOf(secret), [key]: 'to be generated' } };
}

function dataOf(secret: Manifest): Readonly<Record<string, unknown>> {
  const data = secret['data'];
  return typeof data === 'object' && data !== null ? { ...data } : {};
}
