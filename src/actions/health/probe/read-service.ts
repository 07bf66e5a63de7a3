import {
  type Check,
  type GroupHealth,
  judgeAnswer,
  judgeServiceEndpoints,
  pickEndpoint,
  placedGroups,
  type ServiceFacts,
  serviceCheck,
  skipServiceNetwork,
} from '../../../health/index.ts';
import type { Layout, PlacedGroup } from '../../../layout/index.ts';
import type { HealthPorts } from '../ports.ts';
import { readIfPossible } from '../try-read.ts';
import { podSelector } from '../wait/object-readings.ts';
import { type ConnectionOptions, withConnection } from './probe-connection.ts';

/** Looks at a Service that disagrees with its pods: controllers follow within a second or two. */
const settleTries = 3;

const settleDelayMs = 700;

export interface ServiceSettings extends ConnectionOptions {
  readonly timeoutMs: number;
}

/** Checks of the Service by name of the LeaderWorkerSet; groups without a ready pod are left out. */
export async function readService(
  layout: Layout,
  ports: HealthPorts,
  settings: ServiceSettings & { readonly groups: readonly GroupHealth[] },
): Promise<ReadonlyMap<string, readonly Check[]>> {
  const ready = new Set(
    settings.groups
      .filter(({ pods }) => pods.some(({ verdict }) => verdict === 'healthy'))
      .map(({ ref }) => ref.name),
  );
  const groups = placedGroups(layout).filter(({ objectName }) => ready.has(objectName));
  if (groups.length === 0) return new Map();
  const facts = await readSettled(layout, ports, groups);
  const checks = await Promise.all(
    groups.map(async (group) => {
      const endpoints = judgeServiceEndpoints(group, facts);
      const request = await askThrough(group, { layout, ports, facts, settings, endpoints });
      const network = skipServiceNetwork(facts, layout.spec.api.port);
      return [group.objectName, [endpoints, request, network]] as const;
    }),
  );
  return new Map(checks);
}

async function readSettled(
  layout: Layout,
  ports: HealthPorts,
  groups: readonly PlacedGroup[],
): Promise<ServiceFacts> {
  for (let tries = 1; ; tries += 1) {
    const facts = await readFacts(layout, ports);
    const agrees = groups.every(
      (group) => judgeServiceEndpoints(group, facts).outcome !== 'failed',
    );
    if (agrees || tries >= settleTries) return facts;
    await ports.clock.sleep(settleDelayMs);
  }
}

async function readFacts(layout: Layout, { cluster }: HealthPorts): Promise<ServiceFacts> {
  const { namespace } = layout.spec;
  const name = `${layout.spec.name}-api`;
  const [service, slices, pods] = await Promise.all([
    readIfPossible(() => cluster.get({ apiVersion: 'v1', kind: 'Service', namespace, name })),
    readIfPossible(() =>
      cluster.list(
        { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' },
        { namespace, labelSelector: `kubernetes.io/service-name in (${name})` },
      ),
    ),
    readIfPossible(() =>
      cluster.list(
        { apiVersion: 'v1', kind: 'Pod' },
        { namespace, labelSelector: podSelector(layout) },
      ),
    ),
  ]);
  return { name, namespace, service, slices, pods };
}

interface AskOptions {
  /** The check of what the Service holds. */
  readonly endpoints: Check;
  readonly layout: Layout;
  readonly ports: HealthPorts;
  readonly facts: ServiceFacts;
  readonly settings: ServiceSettings;
}

/**
 * Sends a request to an address the Service hands out, at the port it hands out.
 *
 * Not through the API server's own proxy of Services: it calls from the control plane, which the
 * network policies of the deployment keep out, so that a refusal would prove nothing.
 */
async function askThrough(
  group: PlacedGroup,
  { layout, ports, facts, settings, endpoints }: AskOptions,
): Promise<Check> {
  const base = serviceCheck('service-request', facts);
  const address = pickEndpoint(group, facts);
  const port = address?.ports[0];
  if (address === undefined || port === undefined) {
    const detail = 'the Service hands out no address of the group to send a request to';
    const outcome = endpoints.outcome === 'pending' ? 'pending' : 'unknown';
    return { ...base, outcome, detail };
  }
  const { namespace, api } = layout.spec;
  const { servedModelNames } = api;
  const target = { namespace, pod: address.target, servedModelNames };
  const way = `${address.target} port ${port}, an address of the Service, through a port-forward`;
  const toCheck = (check: Check): Check => ({
    ...check,
    ...base,
    detail: `${check.detail} (${way})`,
  });
  return withConnection(
    ports,
    { namespace, pod: address.target, port },
    {
      ...settings,
      refused: (answer) => toCheck(judgeAnswer('models', answer, target)),
      use: async (connection) => {
        const { timeoutMs } = settings;
        const reply = await connection.ask({ path: '/v1/models', key: 'right', timeoutMs });
        const answer =
          reply.kind === 'broken'
            ? ({ kind: 'not-asked', reason: 'the answer broke off' } as const)
            : reply;
        return toCheck(judgeAnswer('models', answer, target));
      },
    },
  );
}
