import { type ApiClient, type ApiObject } from '../api-client.ts';
import type { Container, Pod } from './pod.ts';

interface Secret extends ApiObject {
  /** Base64 by key. */
  readonly data?: Readonly<Record<string, string>>;
}

const labelPath = /^metadata\.labels\['(.+)'\]$/;

/**
 * Returns the container's environment as the kubelet would set it, Secrets and labels read; other
 * sources (other fields, ConfigMaps) are left out. Fails when a Secret or its key is missing.
 */
export async function readContainerEnv(
  client: ApiClient,
  pod: Pod,
  container: Container,
): Promise<ReadonlyMap<string, string>> {
  const env = new Map<string, string>();
  for (const { name, value, valueFrom } of container.env ?? []) {
    const reference = valueFrom?.secretKeyRef;
    const label = labelPath.exec(valueFrom?.fieldRef?.fieldPath ?? '')?.[1];
    if (reference !== undefined) env.set(name, await readSecretKey(client, pod, reference));
    else if (label !== undefined) env.set(name, pod.metadata.labels?.[label] ?? '');
    else if (value !== undefined) env.set(name, value);
  }
  return env;
}

async function readSecretKey(
  client: ApiClient,
  { metadata: { namespace = 'default' } }: Pod,
  { name, key }: { readonly name: string; readonly key: string },
): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/secrets/${name}`;
  const secret = await client.send<Secret>({ method: 'GET', path });
  const value = secret.data?.[key];
  if (value === undefined) throw new Error(`Secret/${namespace}/${name} has no key "${key}"`);
  return Buffer.from(value, 'base64').toString('utf8');
}
