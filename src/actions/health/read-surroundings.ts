import pLimit from 'p-limit';
import type { LiveObject } from '../../cluster/index.ts';
import {
  type ClusterEvent,
  type GroupHealth,
  parseEvent,
  type Reading,
  type Unread,
} from '../../health/index.ts';
import type { HealthCluster } from './ports.ts';
import { readIfPossible } from './try-read.ts';

/** What explains pods that are not ready: events of the namespace and the state of their nodes. */
export interface Surroundings {
  readonly events: readonly ClusterEvent[];
  readonly nodeReady: ReadonlyMap<string, boolean>;
  /** Kinds of evidence that could not be read, and why. */
  readonly unread?: readonly Unread[];
  /** Absent before they were read. */
  readonly networkPolicies?: Reading<readonly LiveObject[]>;
}

/** Reads of one kind in flight at once, so that 64 pods do not become 64 requests. */
export const readConcurrency = 8;

/** Events that say something about health; the rest of a busy namespace stays where it is. */
const eventSelectors = ['type=Warning', 'reason=RecreateGroup'] as const;

const nodeKind = { apiVersion: 'v1', kind: 'Node' } as const;

/** Nodes from which on one list of all is cheaper than a request for each. */
const listNodesFrom = 16;

const networkPolicyKind = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' } as const;

export const noSurroundings: Surroundings = { events: [], nodeReady: new Map() };

export interface SurroundingsRequest {
  readonly namespace: string;
  readonly groups: readonly GroupHealth[];
  /** A node falls silent up to a minute before its pods are marked; `unready` saves requests. */
  readonly nodes: 'all' | 'unready';
}

/** Reads events and the nodes the pods run on. */
export async function readSurroundings(
  cluster: HealthCluster,
  { namespace, groups, nodes }: SurroundingsRequest,
): Promise<Surroundings> {
  const pods = groups.flatMap((group) => group.pods);
  const asked = pods.filter(({ verdict }) => nodes === 'all' || verdict !== 'healthy');
  const [events, nodeReady, networkPolicies] = await Promise.all([
    readIfPossible(() => readEvents(cluster, namespace)),
    readIfPossible(() => readNodes(cluster, [...new Set(asked.flatMap(({ node }) => node ?? []))])),
    readIfPossible(() => cluster.list(networkPolicyKind, { namespace })),
  ]);
  const unread = [...unreadOf('events', events), ...unreadOf('nodes', nodeReady)];
  return {
    events: valueOr(events, []),
    nodeReady: valueOr(nodeReady, new Map()),
    networkPolicies,
    ...(unread.length === 0 ? {} : { unread }),
  };
}

function unreadOf(what: Unread['what'], reading: Reading<unknown>): readonly Unread[] {
  return reading.kind === 'unreadable' ? [{ what, reason: reading.reason }] : [];
}

function valueOr<T>(reading: Reading<T>, fallback: T): T {
  return reading.kind === 'read' ? reading.value : fallback;
}

async function readEvents(
  cluster: HealthCluster,
  namespace: string,
): Promise<readonly ClusterEvent[]> {
  const lists = await Promise.all(
    eventSelectors.map((fieldSelector) =>
      cluster.list({ apiVersion: 'v1', kind: 'Event' }, { namespace, fieldSelector }),
    ),
  );
  return lists.flat().flatMap((object) => parseEvent(object) ?? []);
}

async function readNodes(
  cluster: HealthCluster,
  names: readonly string[],
): Promise<ReadonlyMap<string, boolean>> {
  const wanted = new Set(names);
  const nodes =
    names.length > listNodesFrom
      ? await cluster.list(nodeKind)
      : await readEachNode(cluster, names);
  return new Map(
    nodes
      .filter(({ metadata }) => wanted.has(metadata.name))
      .map((node) => [node.metadata.name, isReady(node)]),
  );
}

async function readEachNode(
  cluster: HealthCluster,
  names: readonly string[],
): Promise<readonly LiveObject[]> {
  const limit = pLimit(readConcurrency);
  const nodes = await Promise.all(
    names.map((name) => limit(() => cluster.get({ ...nodeKind, name }))),
  );
  return nodes.filter((node) => node !== undefined);
}

/** A node whose kubelet went silent has Ready `Unknown`, which is not ready either. */
function isReady({ status }: LiveObject): boolean {
  if (typeof status !== 'object' || status === null || !('conditions' in status)) return false;
  const { conditions } = status;
  return (
    Array.isArray(conditions) &&
    conditions.some(
      (entry: unknown) => isCondition(entry) && entry.type === 'Ready' && entry.status === 'True',
    )
  );
}

function isCondition(
  value: unknown,
): value is { readonly type: unknown; readonly status: unknown } {
  return typeof value === 'object' && value !== null && 'type' in value && 'status' in value;
}
