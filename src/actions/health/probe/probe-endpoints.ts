import pLimit from 'p-limit';
import {
  type Check,
  expectedEndpoints,
  type GroupHealth,
  placedGroups,
  type ServingEndpoint,
} from '../../../health/index.ts';
import type { Layout, PlacedGroup } from '../../../layout/index.ts';
import type { HealthPorts } from '../ports.ts';
import { readConcurrency } from '../read-surroundings.ts';
import { type EndpointQuestion, probeEndpoint } from './probe-endpoint.ts';

export type ProbeSettings = Omit<EndpointQuestion, 'layout' | 'group' | 'endpoint'>;

interface GroupEndpoint {
  readonly group: PlacedGroup;
  readonly endpoint: ServingEndpoint;
}

/** Endpoints of pods that are ready, which are the only ones worth asking. */
export function readyEndpoints(
  layout: Layout,
  groups: readonly GroupHealth[],
): readonly GroupEndpoint[] {
  const ready = new Set(
    groups
      .flatMap(({ pods }) => pods)
      .filter(({ verdict }) => verdict === 'healthy')
      .map(({ name }) => name),
  );
  return placedGroups(layout).flatMap((group) =>
    expectedEndpoints(group)
      .filter(({ pod }) => ready.has(pod.name))
      .map((endpoint) => ({ group, endpoint })),
  );
}

/** Asks endpoints side by side; returns their checks by the key of the endpoint. */
export async function probeEndpoints(
  layout: Layout,
  ports: HealthPorts,
  endpoints: readonly GroupEndpoint[],
  settings: ProbeSettings,
): Promise<ReadonlyMap<string, readonly Check[]>> {
  const limit = pLimit(readConcurrency);
  const answers = await Promise.all(
    endpoints.map(({ group, endpoint }) =>
      limit(async () => {
        const checks = await probeEndpoint(ports, { layout, group, endpoint, ...settings });
        return [endpoint.key, checks] as const;
      }),
    ),
  );
  return new Map(answers);
}
