import type { Layout } from '../../../layout/index.ts';
import type { HealthCluster } from '../ports.ts';
import { tryRead } from '../try-read.ts';

/** The key to ask with, that none is needed, or why none could be had. Never goes into a report. */
export type ApiKey =
  | { readonly kind: 'open' }
  | { readonly kind: 'key'; readonly value: string }
  | {
      readonly kind: 'unreadable';
      readonly reason: string;
      readonly advice: string;
      /** The text that is there and cannot be used; to be masked all the same. */
      readonly secret?: string;
    };

/** Texts that must not get into a report. */
export function secretsOf(apiKey: ApiKey): readonly string[] {
  switch (apiKey.kind) {
    case 'open':
      return [];
    case 'key':
      return [apiKey.value];
    case 'unreadable':
      return apiKey.secret ? [apiKey.secret] : [];
  }
}

/** Finds the API key: the one given, else the Secret the spec names. */
export async function readApiKey(
  { spec }: Layout,
  cluster: HealthCluster,
  given: string | undefined,
): Promise<ApiKey> {
  if (given !== undefined) return toKey(given, 'the key given');
  const { keySecret } = spec.api;
  if (keySecret === 'none') return { kind: 'open' };
  const { name, key, generate } = keySecret;
  const { namespace } = spec;
  const subject = `Secret/${namespace}/${name}`;
  const secret = await tryRead(() =>
    cluster.get({ apiVersion: 'v1', kind: 'Secret', namespace, name }),
  );
  if (secret.kind === 'unreadable') {
    const advice = `Ask for the right to read it: \`kubectl auth can-i get secret/${name} -n ${namespace}\`.`;
    return { kind: 'unreadable', reason: `${subject} may not be read`, advice };
  }
  const create = generate
    ? 'dsdeploy apply'
    : `kubectl create secret generic ${name} -n ${namespace} --from-literal=${key}=KEY`;
  if (secret.value === undefined) {
    return {
      kind: 'unreadable',
      reason: `${subject} is absent`,
      advice: `Create it: \`${create}\`.`,
    };
  }
  const encoded = readData(secret.value.data, key);
  if (encoded === undefined) {
    const advice = `Add the key, or correct api.keySecret.key: \`kubectl describe secret ${name} -n ${namespace}\`.`;
    return { kind: 'unreadable', reason: `${subject} has no key "${key}"`, advice };
  }
  return toKey(Buffer.from(encoded, 'base64').toString('utf8'), subject);
}

function readData(data: unknown, key: string): string | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const value: unknown = Object.entries(data).find(([name]) => name === key)?.[1];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A key made with `echo` ends in a line break, which no HTTP header can carry. */
function toKey(value: string, subject: string): ApiKey {
  if (/^[\x21-\x7e]+$/.test(value)) return { kind: 'key', value };
  return {
    kind: 'unreadable',
    reason: `${subject} holds characters that no HTTP header can carry, for example a line break`,
    secret: value.trim(),
    advice: 'Write the key again without a line break at its end, then restart the groups.',
  };
}
