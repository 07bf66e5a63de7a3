import { z } from 'zod';
import type { Cluster, KindRef, LiveObject } from '../../cluster/cluster.ts';
import { DsdeployError } from '../../errors/index.ts';
import type { Reading } from '../../health/index.ts';
import type { ObjectRef } from '../../manifest/index.ts';
import type { AccessRule, DeploymentId } from '../../plan/index.ts';
import { forEachBounded } from '../inventory/index.ts';
import type { Facts, NodeFact, PodFact, PreflightInput } from './facts.ts';
import { findDeniedRights } from './find-denied-rights.ts';
import { toNodeFact, toPodFact, toSecretFact } from './live-parts.ts';
import { matchesNode } from './node-match.ts';
import { controllerNames, lwsController } from './references.ts';

/** Everything but what is read. */
export type FactsRequest = Omit<PreflightInput, 'facts'> & {
  readonly rules: readonly AccessRule[];
};

type PreflightCluster = Pick<Cluster, 'get' | 'list' | 'supports' | 'findDenied' | 'readTarget'>;

export interface FactsPorts {
  readonly cluster: PreflightCluster;
}

const v1 = (kind: string): KindRef => ({ apiVersion: 'v1', kind });

/** Reads the cluster once. What may not be read is a fact too; anything else that fails is thrown. */
export async function readFacts(request: FactsRequest, { cluster }: FactsPorts): Promise<Facts> {
  const { namespace } = request.deployment;
  // All awaited together: one that fails while another is awaited would end the process.
  const [{ serverVersion }, denied, namespaceReading] = await Promise.all([
    cluster.readTarget(),
    tryRead(() => findDeniedRights(request.rules, { cluster })),
    tryRead(() => cluster.get({ ...v1('Namespace'), name: namespace })),
  ]);
  const isAbsent = namespaceReading.kind === 'read' && namespaceReading.value === undefined;
  const [nodes, lws, contents, classes] = await Promise.all([
    readNodes(request, cluster),
    readLws(cluster),
    isAbsent ? nothingInside : readInside(request, cluster),
    readClasses(request, cluster),
  ]);
  return {
    serverVersion,
    denied,
    lws,
    namespace: namespaceReading,
    ...contents,
    ...classes,
    ...nodes,
  };
}

type Inside = Pick<
  Facts,
  'quotas' | 'limitRanges' | 'secrets' | 'claims' | 'storageClasses' | 'names'
>;

/** A namespace that is yet to be made holds nothing, and its objects have to be made too. */
const nothingInside: Inside = {
  quotas: { kind: 'read', value: [] },
  limitRanges: { kind: 'read', value: [] },
  secrets: new Map(),
  claims: new Map(),
  storageClasses: new Map(),
  names: new Map(),
};

async function readInside(request: FactsRequest, cluster: PreflightCluster): Promise<Inside> {
  const { deployment, references, manifests } = request;
  const { namespace } = deployment;
  const inNamespace = (kind: string, names: readonly string[]) =>
    readNamed(
      names.map((name) => ({ ...v1(kind), namespace, name })),
      cluster,
    );
  const [quotas, limitRanges, secrets, claims, names] = await Promise.all([
    tryRead(() => cluster.list(v1('ResourceQuota'), { namespace })),
    tryRead(() => cluster.list(v1('LimitRange'), { namespace })),
    inNamespace(
      'Secret',
      references.secrets.map(({ name }) => name),
    ),
    inNamespace('PersistentVolumeClaim', references.claims),
    readNamed(controllerNames(manifests), cluster, ({ kind, name }) => `${kind}/${name}`),
  ]);
  return {
    quotas,
    limitRanges,
    secrets: new Map(
      [...secrets].map(([name, reading]) => [name, mapReading(reading, toSecretFact)]),
    ),
    claims,
    storageClasses: await readStorageClasses([...claims.values()], cluster),
    names,
  };
}

const claimSchema = z.looseObject({
  spec: z.looseObject({ storageClassName: z.string().nullish(), volumeName: z.string().nullish() }),
});

/** The classes of claims that still wait for a volume. */
async function readStorageClasses(
  claims: readonly Reading<LiveObject | undefined>[],
  cluster: PreflightCluster,
): Promise<ReadonlyMap<string, Reading<LiveObject | undefined>>> {
  const names = claims.flatMap((reading) => {
    const { data } = claimSchema.safeParse(reading.kind === 'read' ? reading.value : undefined);
    const name = data?.spec.volumeName ? undefined : data?.spec.storageClassName;
    return name ? [name] : [];
  });
  return readNamed(
    [...new Set(names)].map((name) => ({
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      name,
    })),
    cluster,
  );
}

async function readClasses(
  { references }: FactsRequest,
  cluster: PreflightCluster,
): Promise<Pick<Facts, 'classes'>> {
  const refs = [
    ...references.priorityClasses.map((name) => ({
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      name,
    })),
    ...references.runtimeClasses.map((name) => ({
      apiVersion: 'node.k8s.io/v1',
      kind: 'RuntimeClass',
      name,
    })),
  ];
  return { classes: await readNamed(refs, cluster, ({ kind, name }) => `${kind}/${name}`) };
}

async function readLws(cluster: PreflightCluster): Promise<Facts['lws']> {
  const [served, controller] = await Promise.all([
    cluster.supports({ apiVersion: 'leaderworkerset.x-k8s.io/v1', kind: 'LeaderWorkerSet' }),
    tryRead(() => cluster.get(lwsController)),
  ]);
  return { served, controller };
}

async function readNodes(
  { workloads, deployment }: FactsRequest,
  cluster: PreflightCluster,
): Promise<Pick<Facts, 'nodes' | 'pods'>> {
  if (workloads.length === 0) {
    return { nodes: { kind: 'read', value: [] }, pods: { kind: 'read', value: [] } };
  }
  const list = await tryRead(() => cluster.list(v1('Node')));
  if (list.kind === 'unreadable') return { nodes: list, pods: list };
  const nodes = list.value.map(toNodeFact);
  const specs = workloads.flatMap(({ pods }) => pods.map(({ spec }) => spec));
  const matched = nodes.filter((node) => specs.some((spec) => matchesNode(spec, node)));
  const pods = await tryRead(() => readPods(matched, deployment, cluster));
  return { nodes: { kind: 'read', value: nodes }, pods };
}

/** More nodes than this are read as one list, which is less work for everyone. */
const maxNodesOneByOne = 64;

async function readPods(
  nodes: readonly NodeFact[],
  deployment: DeploymentId,
  cluster: PreflightCluster,
): Promise<readonly PodFact[]> {
  const isOurs = ({ metadata }: LiveObject) =>
    metadata.namespace === deployment.namespace &&
    metadata.labels?.['app.kubernetes.io/instance'] === deployment.name;
  const toFacts = (pods: readonly LiveObject[]) =>
    pods.flatMap((pod) => toPodFact(pod, isOurs) ?? []);
  if (nodes.length > maxNodesOneByOne) {
    const names = new Set(nodes.map(({ name }) => name));
    return toFacts(await cluster.list(v1('Pod'))).filter(({ node }) => names.has(node));
  }
  const facts: PodFact[] = [];
  await forEachBounded(nodes, async ({ name }) => {
    const pods = await cluster.list(v1('Pod'), { fieldSelector: `spec.nodeName=${name}` });
    // Again by name, for a server that ignores the selector.
    facts.push(...toFacts(pods).filter(({ node }) => node === name));
  });
  return facts;
}

async function readNamed(
  refs: readonly ObjectRef[],
  cluster: PreflightCluster,
  keyOf: (ref: ObjectRef) => string = ({ name }) => name,
): Promise<ReadonlyMap<string, Reading<LiveObject | undefined>>> {
  const found = new Map<string, Reading<LiveObject | undefined>>();
  await forEachBounded(refs, async (ref) => {
    found.set(keyOf(ref), await tryRead(() => cluster.get(ref)));
  });
  return found;
}

function mapReading<From, To>(
  reading: Reading<From | undefined>,
  map: (value: From) => To,
): Reading<To | undefined> {
  if (reading.kind === 'unreadable') return reading;
  return { kind: 'read', value: reading.value === undefined ? undefined : map(reading.value) };
}

/** A lack of permission is a fact to report, as is an API the server does not have. */
async function tryRead<T>(read: () => Promise<T>): Promise<Reading<T>> {
  try {
    return { kind: 'read', value: await read() };
  } catch (error) {
    const expected =
      error instanceof DsdeployError && ['CLUSTER_FORBIDDEN', 'KIND_UNKNOWN'].includes(error.code);
    if (!expected) throw error;
    return { kind: 'unreadable', reason: error.message };
  }
}
