import type { ApiObject } from '../api-client.ts';

/** A pod as far as the agent looks into it. */
export interface Pod extends ApiObject {
  readonly spec: { readonly containers: readonly Container[] };
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

export interface Container {
  readonly name: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly EnvVariable[];
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
}

export interface EnvVariable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly secretKeyRef?: { readonly name: string; readonly key: string };
    readonly fieldRef?: { readonly fieldPath: string };
  };
}

/** Names of container ports behind which an OpenAI endpoint is expected: the first, and its siblings. */
const endpointPortName = 'http';
const siblingPortName = /^http-\d+$/;

export interface Endpoint {
  readonly container: Container;
  /** At least one; more where each rank of the container has its own. */
  readonly containerPorts: readonly number[];
}

/** Returns the endpoint a running pod offers; headless workers and other pods have none. */
export function findEndpoint(pod: Pod): Endpoint | undefined {
  if (pod.status?.phase !== 'Running' || pod.metadata.deletionTimestamp !== undefined) {
    return undefined;
  }
  for (const container of pod.spec.containers) {
    const { ports = [] } = container;
    const first = ports.filter(({ name }) => name === endpointPortName);
    if (first.length === 0) continue;
    const siblings = ports.filter(({ name = '' }) => siblingPortName.test(name));
    const containerPorts = [...first, ...siblings].map(({ containerPort }) => containerPort);
    return { container, containerPorts };
  }
  return undefined;
}

/** `namespace/name`, as log lines and file names use it. */
export function podKey({ metadata }: ApiObject, separator = '/'): string {
  return `${metadata.namespace ?? 'default'}${separator}${metadata.name}`;
}
