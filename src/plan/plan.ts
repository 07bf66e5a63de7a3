import type { Manifest, ObjectRef } from '../manifest/index.ts';

/** Changes that would make the cluster equal to the manifests. Plain data, can be saved. */
export interface Plan {
  readonly apiVersion: 'dsdeploy/v1';
  readonly kind: 'Plan';
  readonly deployment: DeploymentId;
  /** Absent for a plan made offline. */
  readonly target?: ClusterTarget;
  /** In apply order; deletes last, in reverse order. */
  readonly changes: readonly Change[];
  /** Warnings the API server sent while checking. */
  readonly warnings: readonly string[];
}

/** Name and namespace of the deployment; together they give the ApplySet id. */
export interface DeploymentId {
  readonly name: string;
  readonly namespace: string;
}

export interface ClusterTarget {
  readonly context: string;
  readonly server: string;
  readonly user: string;
  /** UID of the `kube-system` namespace; absent when it may not be read. */
  readonly clusterUid?: string;
  readonly serverVersion: string;
}

/**
 * How sure a row is: `server` was checked by a server-side dry-run, `simulated` could not be (its
 * namespace or CRD is made by the same plan), `offline` was not compared with any cluster.
 */
export type Certainty = 'server' | 'simulated' | 'offline';

export type Change = CreateChange | UpdateChange | KeepChange | DeleteChange;

export interface CreateChange {
  readonly action: 'create';
  readonly ref: ObjectRef;
  readonly desired: Manifest;
  readonly certainty: Certainty;
}

export interface UpdateChange {
  readonly action: 'update';
  readonly ref: ObjectRef;
  readonly desired: Manifest;
  readonly certainty: 'server';
  readonly uid: string;
  readonly resourceVersion: string;
  readonly fields: readonly FieldChange[];
  readonly disruption?: Disruption;
}

export interface KeepChange {
  readonly action: 'keep';
  readonly ref: ObjectRef;
  readonly desired: Manifest;
  readonly certainty: 'server';
  readonly uid: string;
  readonly resourceVersion: string;
}

export interface DeleteChange {
  readonly action: 'delete';
  readonly ref: ObjectRef;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly reason: string;
}

/** One field that differs; values are masked already where they are secret. */
export interface FieldChange {
  /** For example `spec.leaderWorkerTemplate.size` or `spec.containers[name=engine].image`. */
  readonly path: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** What a change does to running groups. */
export interface Disruption {
  readonly effect: 'restarts-groups' | 'scales-groups' | 'none';
  readonly message: string;
}

export function hasChanges(plan: Plan): boolean {
  return plan.changes.some((change) => change.action !== 'keep');
}
