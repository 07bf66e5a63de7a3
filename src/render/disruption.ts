import type { PlacedGroup } from '../layout/index.ts';

/** How many pods of a serving group must stay when nodes are drained, and what that means. */
export interface DisruptionLimit {
  readonly minAvailablePods: number;
  readonly description: string;
}

/**
 * Limits voluntary evictions to one copy of a serving group at a time. Losing any pod restarts its
 * whole copy, so an only copy keeps all of its pods.
 */
export function disruptionLimit({ spec, podsPerGroup }: PlacedGroup): DisruptionLimit {
  if (spec.replicas <= 1) {
    return {
      minAvailablePods: podsPerGroup,
      description:
        'Blocks draining these nodes: there is one copy of the model, and losing any of its pods restarts it. Scale to two copies or delete the pods to drain',
    };
  }
  return {
    minAvailablePods: (spec.replicas - 1) * podsPerGroup,
    description: `Lets a drain take one of ${spec.replicas} copies of the model at a time`,
  };
}
