import type { PlacedGroup, PodLayout } from '../layout/index.ts';
import type { Manifest } from '../manifest/index.ts';
import { type ExpectedPod, expectedPods } from './group/expected-pod.ts';
import { lwsLabel } from './group/lws-label.ts';
import { formatRanks } from './group/ranks.ts';

/** One port of one pod that answers requests: the leader's, or every pod's where workers serve. */
export interface ServingEndpoint {
  /** Name of the pod; for ports beyond its first with the port, as several share one pod. */
  readonly key: string;
  readonly pod: ExpectedPod;
  readonly port: number;
  /** Data-parallel ranks that answer behind this port, ascending. */
  readonly dataRanks: readonly number[];
}

/** Lists every endpoint of every replica of a group, in the order of its pods. */
export function expectedEndpoints(group: PlacedGroup): readonly ServingEndpoint[] {
  return expectedPods(group).flatMap((pod) => {
    const layout = group.pods.find(({ index }) => index === pod.workerIndex);
    return layout === undefined ? [] : endpointsOf(group, pod, layout);
  });
}

/**
 * Names of the pods that serve, which are the ones the Service has to hold: those of the layout, and
 * those of copies beyond it, which a roll-out with a surge makes and which serve like the rest.
 */
export function servingPods(group: PlacedGroup, pods: readonly Manifest[]): ReadonlySet<string> {
  const workers = new Set(
    group.pods
      .filter((pod) => endpointPorts(group, pod).length > 0)
      .map(({ index }) => String(index)),
  );
  const live = pods.filter(({ metadata: { labels = {} } }) => {
    const isOwn = labels[lwsLabel.name] === group.objectName;
    return isOwn && workers.has(labels[lwsLabel.workerIndex] ?? '');
  });
  return new Set([
    ...expectedEndpoints(group).map(({ pod }) => pod.name),
    ...live.map(({ metadata }) => metadata.name),
  ]);
}

/** What is said of an endpoint, with its port where its pod has several. */
export function namePort({ key, pod, port }: ServingEndpoint, detail: string): string {
  return key === pod.name ? detail : `port ${port}: ${detail}`;
}

/** Global ranks of some data-parallel ranks, as text. */
export function ranksOfDataRanks(group: PlacedGroup, dataRanks: readonly number[]): string {
  const ranks = group.pods.flatMap((pod) => pod.ranks);
  return formatRanks(
    ranks.filter(({ dataRank }) => dataRanks.includes(dataRank)).map(({ rank }) => rank),
  );
}

function endpointsOf(
  group: PlacedGroup,
  pod: ExpectedPod,
  layout: PodLayout,
): readonly ServingEndpoint[] {
  return endpointPorts(group, layout).map((port, index) => ({
    key: index === 0 ? pod.name : `${pod.name}:${port}`,
    pod,
    port,
    dataRanks: dataRanksBehind(group, layout, index),
  }));
}

function endpointPorts({ workloads }: PlacedGroup, { role }: PodLayout): readonly number[] {
  const workload = workloads.find((entry) => entry.role === role);
  return (workload?.apiPorts ?? []).flatMap(
    (name) => workload?.ports.find((entry) => entry.name === name)?.port ?? [],
  );
}

/** The leader balances over the whole group, a pod of its own over its ranks, a port has one. */
function dataRanksBehind(
  group: PlacedGroup,
  layout: PodLayout,
  portIndex: number,
): readonly number[] {
  const own = distinctDataRanks([layout]);
  switch (group.spec.loadBalancing) {
    case 'internal':
      return distinctDataRanks(group.pods);
    case 'hybrid':
      return own;
    case 'multi-port':
      return own.slice(portIndex, portIndex + 1);
  }
}

function distinctDataRanks(pods: readonly PodLayout[]): readonly number[] {
  const ranks = pods.flatMap((pod) => pod.ranks.map(({ dataRank }) => dataRank));
  return [...new Set(ranks)].toSorted((a, b) => a - b);
}
