import { compareBlame } from '../cause.ts';
import type { GroupHealth, PodHealth, PodReason } from '../report.ts';

/**
 * Seconds a state has to last before waiting is pointless. Controllers race and registries
 * stumble, so nothing is final at first sight. A reason that is not listed may always recover.
 */
const graceSecondsByReason: Partial<Record<PodReason, number>> = {
  // Short enough for a verdict ten seconds after the cluster shows it, looks in between included.
  'image-pull': 8,
  'container-config': 8,
  'create-failed': 8,
  unschedulable: 8,
  // The StatefulSet controller replaces failed pods; only a pod that stays failed is final.
  evicted: 30,
  rejected: 30,
  'volume-mount': 30,
  'pod-sandbox': 60,
  'node-not-ready': 60,
  missing: 60,
};

/** Restarts from which on a container that ends again will not start by itself. */
const crashRestarts = 2;

const crashReasons: ReadonlySet<PodReason> = new Set(['crash-loop', 'out-of-memory', 'exited']);

/** Checks of a whole group that no waiting mends. */
const finalChecks: ReadonlySet<string> = new Set(['group-restarts', 'network-policy']);

/** Since when each pod is in its present state, by pod name. */
export type ReasonClock = ReadonlyMap<
  string,
  { readonly reason: PodReason; readonly sinceMs: number }
>;

/** Carries the clock forward: a pod keeps its time as long as its reason stays the same. */
export function trackReasons(
  previous: ReasonClock,
  groups: readonly GroupHealth[],
  nowMs: number,
): ReasonClock {
  return new Map(
    groups
      .flatMap(({ pods }) => pods)
      .map(({ name, reason }) => {
        const before = previous.get(name);
        return [name, before?.reason === reason ? before : { reason, sinceMs: nowMs }];
      }),
  );
}

export interface Doomed {
  readonly group: GroupHealth;
  /** Absent when the group as a whole is at fault. */
  readonly pod?: PodHealth;
}

/** Finds the first pod or group that cannot become ready without somebody's help. */
export function findDoomed(
  groups: readonly GroupHealth[],
  clock: ReasonClock,
  nowMs: number,
): Doomed | undefined {
  const pods = groups.flatMap((group) => group.pods.map((pod) => ({ group, pod })));
  // Pods on their way out still hold devices: what cannot be scheduled now may fit afterwards.
  const draining = pods.some(({ pod }) => pod.reason === 'terminating');
  const isDoomed = (pod: PodHealth): boolean => {
    // The rollout replaces it: what is wrong with it is what the new spec mends.
    if (pod.outdated === true) return false;
    // Whether an absent pod is overdue is told by watching, not by the clocks of two machines.
    if (pod.verdict !== 'unhealthy' && pod.reason !== 'missing') return false;
    if (crashReasons.has(pod.reason)) return pod.restarts >= crashRestarts;
    if (pod.reason === 'unschedulable' && draining) return false;
    const grace = graceSecondsByReason[pod.reason];
    const sinceMs = clock.get(pod.name)?.sinceMs ?? nowMs;
    return grace !== undefined && nowMs - sinceMs >= grace * 1000;
  };
  const [doomed] = pods
    .filter(({ pod }) => isDoomed(pod))
    .toSorted((a, b) => compareBlame(a.pod, b.pod));
  if (doomed !== undefined) return doomed;
  const looping = groups.find(({ checks }) =>
    checks.some(({ id, outcome }) => finalChecks.has(id) && outcome === 'failed'),
  );
  return looping === undefined ? undefined : { group: looping };
}
