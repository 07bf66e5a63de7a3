import type { PlacedGroup } from '../../layout/index.ts';
import type { ObjectRef } from '../../manifest/index.ts';
import { lwsKind } from './lws-label.ts';
import { formatRanks } from './ranks.ts';

/** A pod the layout calls for, named as the LeaderWorkerSet controller names it. */
export interface ExpectedPod {
  readonly name: string;
  readonly groupIndex: number;
  readonly workerIndex: number;
  readonly ranks: string;
}

/** Lists every pod of every replica of a group, leaders first within each replica. */
export function expectedPods(group: PlacedGroup): readonly ExpectedPod[] {
  const replicas = Array.from({ length: group.spec.replicas }, (_, groupIndex) => groupIndex);
  return replicas.flatMap((groupIndex) =>
    Array.from({ length: group.podsPerGroup }, (_, workerIndex) => ({
      name: podName(group, groupIndex, workerIndex),
      groupIndex,
      workerIndex,
      ranks: ranksOf(group, workerIndex),
    })),
  );
}

/** The pods that serve the API, one per replica. */
export function expectedLeaders(group: PlacedGroup): readonly ExpectedPod[] {
  return expectedPods(group).filter(({ workerIndex }) => workerIndex === 0);
}

/** Global ranks of one pod as text; empty when the layout has no such pod. */
export function ranksOf(group: PlacedGroup, workerIndex: number): string {
  const pod = group.pods.find(({ index }) => index === workerIndex);
  return formatRanks(pod?.ranks.map(({ rank }) => rank) ?? []);
}

/** Reference of the LeaderWorkerSet of a group. */
export function groupRef(objectName: string, namespace: string): ObjectRef {
  return { ...lwsKind, namespace, name: objectName };
}

function podName(group: PlacedGroup, groupIndex: number, workerIndex: number): string {
  const leader = `${group.objectName}-${groupIndex}`;
  return workerIndex === 0 ? leader : `${leader}-${workerIndex}`;
}
