import type { PlacedGroup, PodLayout } from '../layout/index.ts';
import { type ExpectedPod, expectedPods } from './expected-pod.ts';
import { formatRanks } from './ranks.ts';

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

/** Names of the pods that serve, which are the ones the Service has to hold. */
export function servingPods(group: PlacedGroup): ReadonlySet<string> {
  return new Set(expectedEndpoints(group).map(({ pod }) => pod.name));
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
  const workload = group.workloads.find(({ role }) => role === layout.role);
  const ports = (workload?.apiPorts ?? []).flatMap(
    (name) => workload?.ports.find((entry) => entry.name === name)?.port ?? [],
  );
  return ports.map((port, index) => ({
    key: index === 0 ? pod.name : `${pod.name}:${port}`,
    pod,
    port,
    dataRanks: dataRanksBehind(group, layout, index),
  }));
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
