import { engines } from '../../../engines/index.ts';
import { type PodHealth, placedGroups, type SignatureContext } from '../../../health/index.ts';
import type { Layout, PlacedGroup } from '../../../layout/index.ts';

/** The placed group of a name in the spec. */
export function findPlaced(layout: Layout, name: string): PlacedGroup | undefined {
  return placedGroups(layout).find((group) => group.name === name);
}

/** What the rules on logs need to know about a pod. */
export function signatureContext(
  { spec }: Layout,
  group: PlacedGroup,
  pod: Pick<PodHealth, 'name' | 'node'>,
  ended: boolean,
): SignatureContext {
  const { rdma } = group.pool.fabric;
  return {
    engine: group.spec.engine,
    group: group.name,
    pool: group.pool.name,
    namespace: spec.namespace,
    pod: pod.name,
    ...(pod.node === undefined ? {} : { node: pod.node }),
    podsPerGroup: group.podsPerGroup,
    rdma: rdma !== undefined && rdma !== 'none',
    modelPath: group.modelPath,
    ended,
    milestones: engines[group.spec.engine].logMilestones,
  };
}
