import type { NodeFact } from './facts.ts';
import { matchesNode } from './node-match.ts';
import { type Amounts, addAmounts } from './pod-spec.ts';
import type { PodDemand, Workload } from './workload.ts';

/** A node as a place for pods. */
export interface Place {
  readonly node: NodeFact;
  /** What is left on it; `undefined` for as much as one likes. */
  readonly free?: Amounts;
}

export interface PlaceOptions {
  /** Whether copies stay in one topology domain each, where their workload says so. */
  readonly domains: boolean;
  /** Whether a pod may be on a node at all, beyond its labels. */
  readonly accepts: (pod: PodDemand, node: NodeFact) => boolean;
}

/** How many copies of each workload find a place, in the order given. */
export function placeWorkloads(
  workloads: readonly Workload[],
  places: readonly Place[],
  options: PlaceOptions,
): number[] {
  const floor = new Floor(places, options.accepts);
  return workloads.map((workload) => {
    const domains = options.domains ? domainsOf(workload, places) : [places];
    const taken = new Set<number>();
    let copies = 0;
    while (copies < workload.copies) {
      const at = domains.findIndex(
        (domain, index) => !taken.has(index) && floor.tryPlace(workload, domain),
      );
      if (at < 0) break;
      if (options.domains && workload.topologyKey !== undefined) taken.add(at);
      copies += 1;
    }
    return copies;
  });
}

/** The nodes of each value of the workload's topology label; nodes without it are in no domain. */
function domainsOf({ topologyKey }: Workload, places: readonly Place[]): (readonly Place[])[] {
  if (topologyKey === undefined) return [places];
  const labelled = places.filter(({ node }) => node.labels[topologyKey] !== undefined);
  // Smallest first, so that a small group does not take the rack a larger one needs.
  return [...Map.groupBy(labelled, ({ node }) => node.labels[topologyKey]).values()].toSorted(
    (a, b) => a.length - b.length,
  );
}

/** Nodes with what has been placed on them so far. */
class Floor {
  readonly #free = new Map<string, Amounts | undefined>();
  /** Nodes with a pod that wants no other of the deployment beside it. */
  readonly #alone = new Set<string>();
  readonly #accepts: PlaceOptions['accepts'];

  constructor(places: readonly Place[], accepts: PlaceOptions['accepts']) {
    for (const { node, free } of places) this.#free.set(node.name, free);
    this.#accepts = accepts;
  }

  /** Places all pods of one copy, or none. */
  tryPlace({ pods }: Workload, places: readonly Place[]): boolean {
    const chosen: { readonly name: string; readonly pod: PodDemand }[] = [];
    for (const pod of pods.flatMap((one) => Array.from({ length: one.count }, () => one))) {
      const place = places.find(({ node }) => this.#fits(pod, node));
      if (place === undefined) {
        for (const { name, pod: placed } of chosen) this.#give(name, placed);
        return false;
      }
      this.#take(place.node.name, pod);
      chosen.push({ name: place.node.name, pod });
    }
    return true;
  }

  #fits(pod: PodDemand, node: NodeFact): boolean {
    if (isAlone(pod) && this.#alone.has(node.name)) return false;
    if (!matchesNode(pod.spec, node) || !this.#accepts(pod, node)) return false;
    const free = this.#free.get(node.name);
    return free === undefined || lackOf(pod.requests, free).length === 0;
  }

  #take(name: string, pod: PodDemand): void {
    const free = this.#free.get(name);
    if (free !== undefined) this.#free.set(name, addAmounts(free, pod.requests, -1));
    if (isAlone(pod)) this.#alone.add(name);
  }

  #give(name: string, pod: PodDemand): void {
    const free = this.#free.get(name);
    if (free !== undefined) this.#free.set(name, addAmounts(free, pod.requests));
    if (isAlone(pod)) this.#alone.delete(name);
  }
}

/** Whether a pod stands alone among the pods of its deployment, one per node. */
export function isAlone({ spec }: PodDemand): boolean {
  const terms = spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return (terms ?? []).some(({ topologyKey }) => topologyKey === 'kubernetes.io/hostname');
}

/** The resources of which more is asked for than there is. */
export function lackOf(requests: Amounts, free: Amounts): string[] {
  return (
    Object.entries(requests)
      // A relative margin: fractions of CPUs do not add up exactly.
      .filter(([resource, amount]) => amount > 0 && amount > (free[resource] ?? 0) + amount * 1e-9)
      .map(([resource]) => resource)
  );
}
