import type { LiveObject } from '../../../cluster/index.ts';
import {
  type Check,
  followAutoscalers,
  type GroupFacts,
  groupRef,
  lwsLabel,
  placedGroups,
  type Reading,
  type ScaledLayout,
} from '../../../health/index.ts';
import type { Layout, PlacedGroup } from '../../../layout/index.ts';
import type { Autoscaler } from '../../../plan/index.ts';
import { readAutoscalers } from '../../read-autoscalers.ts';
import type { HealthCluster, HealthPorts } from '../ports.ts';
import type { Surroundings } from '../read-surroundings.ts';
import { hasCode, tryRead } from '../try-read.ts';

/** Checks by the key of the endpoint, or by the name of the LeaderWorkerSet. */
export type Answers = ReadonlyMap<string, readonly Check[]>;

/** Objects of all groups as read at one moment. */
export interface ObjectReadings {
  readonly leaderWorkerSets: ReadonlyMap<string, Reading<LiveObject | undefined>>;
  readonly pods: Reading<readonly LiveObject[]>;
  /** Autoscalers of the namespace; empty when they may not be listed. */
  readonly autoscalers: readonly Autoscaler[];
  readonly readAtMs: number;
  readonly recreations?: ReadonlyMap<string, readonly number[]>;
  /** As in `GroupFacts`. */
  readonly seenBefore?: ReadonlySet<string>;
}

/** Label selector of the pods of every group of a layout. */
export function podSelector(layout: Layout): string {
  const names = placedGroups(layout).map(({ objectName }) => objectName);
  return `${lwsLabel.name} in (${names.join(',')})`;
}

/** Reads the LeaderWorkerSets and the pods of every group of a layout. */
export async function readObjects(
  layout: Layout,
  { cluster, clock }: HealthPorts,
): Promise<ObjectReadings> {
  const { namespace } = layout.spec;
  const groups = placedGroups(layout);
  const [autoscalers, pods, ...sets] = await Promise.all([
    readAutoscalers(namespace, cluster),
    groups.length === 0
      ? ({ kind: 'read', value: [] } as const)
      : tryRead(() =>
          cluster.list(
            { apiVersion: 'v1', kind: 'Pod' },
            { namespace, labelSelector: podSelector(layout) },
          ),
        ),
    ...groups.map((group) => tryRead(() => readLeaderWorkerSet(cluster, group, namespace))),
  ]);
  const leaderWorkerSets = new Map(
    groups.flatMap(({ objectName }, index) => {
      const reading = sets[index];
      return reading === undefined ? [] : [[objectName, reading] as const];
    }),
  );
  return { leaderWorkerSets, pods, autoscalers, readAtMs: clock.nowMs() };
}

async function readLeaderWorkerSet(
  cluster: HealthCluster,
  { objectName }: PlacedGroup,
  namespace: string,
): Promise<LiveObject | undefined> {
  try {
    return await cluster.get(groupRef(objectName, namespace));
  } catch (error) {
    // A cluster that does not know the kind has no such object.
    if (hasCode(error, 'KIND_UNKNOWN')) return undefined;
    throw error;
  }
}

/** The layout with the copies there have to be now. */
export function scaleLayout(
  layout: Layout,
  { leaderWorkerSets, autoscalers }: ObjectReadings,
): ScaledLayout {
  return followAutoscalers(layout, leaderWorkerSets, autoscalers);
}

/** Collects what the rules read about one group. */
export function toFacts(
  group: PlacedGroup,
  read: {
    readonly objects: ObjectReadings;
    readonly scalings: ScaledLayout['scalings'];
    readonly surroundings: Surroundings;
    readonly probes: Answers;
    readonly service: Answers;
  },
): GroupFacts {
  const { leaderWorkerSets, pods, readAtMs, recreations = new Map(), seenBefore } = read.objects;
  const scaling = read.scalings.get(group.objectName);
  return {
    ...(scaling === undefined ? {} : { scaling }),
    leaderWorkerSet: leaderWorkerSets.get(group.objectName) ?? {
      kind: 'unreadable',
      reason: 'not read',
    },
    pods:
      pods.kind === 'unreadable'
        ? pods
        : { kind: 'read', value: pods.value.filter((pod) => isOf(pod, group)) },
    ...read.surroundings,
    recreations,
    ...(seenBefore === undefined ? {} : { seenBefore }),
    readAtMs,
    service: read.service.get(group.objectName) ?? [],
    probes: read.probes,
  };
}

function isOf({ metadata }: LiveObject, { objectName }: PlacedGroup): boolean {
  return metadata.labels?.[lwsLabel.name] === objectName;
}
