import type { Manifest, ObjectRef } from '../manifest/index.ts';
import type { PreflightFinding } from './finding.ts';
import type { InventoryEntry } from './inventory/inventory-entry.ts';
import type { Binding } from './saved/live-digest.ts';

/** Changes that would make the cluster equal to the manifests. Plain data, can be saved. */
export interface Plan {
  readonly apiVersion: 'dsdeploy/v1';
  readonly kind: 'Plan';
  readonly deployment: DeploymentId;
  /** Absent for a plan made offline. */
  readonly target?: ClusterTarget;
  /** In apply order; deletes last, in reverse order. */
  readonly changes: readonly Change[];
  /** Objects that are ours or were, are not wanted any more, and are left alone all the same. */
  readonly retained: readonly RetainedObject[];
  /** Absent for a plan made offline. */
  readonly inventory?: InventoryChange;
  /** Warnings the API server sent while checking. */
  readonly warnings: readonly string[];
  /** What preflight found, worst first; absent when it was skipped or there was no cluster. */
  readonly findings?: readonly PreflightFinding[];
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
 * How sure a row is: `server` was checked by a server-side dry-run. Where there can be none, because
 * the namespace or the CRD is made by the same plan, `schema` was checked against the schema that the
 * server publishes or the CRD carries, and `simulated` against nothing. `offline` was not compared
 * with any cluster.
 */
export type Certainty = 'server' | 'schema' | 'simulated' | 'offline';

export type Change = CreateChange | UpdateChange | KeepChange | DeleteChange;

export interface CreateChange {
  readonly action: 'create';
  readonly ref: ObjectRef;
  /** With the ApplySet label, unless the plan was made offline. */
  readonly desired: Manifest;
  readonly certainty: Certainty;
  /** Values of the manifest that the server answers with others, as a webhook makes it. */
  readonly replaced?: readonly FieldChange[];
}

export interface UpdateChange extends Binding {
  readonly action: 'update';
  readonly ref: ObjectRef;
  readonly desired: Manifest;
  readonly certainty: 'server';
  readonly fields: readonly FieldChange[];
  /** Fields that other managers own and that were named to be taken over. */
  readonly taken?: readonly string[];
  /** Present when the object is somebody else's until then. */
  readonly adoption?: Adoption;
  /** Fields of the spec that are left to somebody else. */
  readonly yields?: readonly YieldedField[];
  readonly disruption?: Disruption;
}

/** A field of the spec that an autoscaler decides; it is neither applied nor compared. */
export interface YieldedField {
  /** For example `spec.replicas`. */
  readonly field: string;
  /** Who decides: `HorizontalPodAutoscaler/llm/v32`. */
  readonly to: string;
  /** Value in the spec. */
  readonly wanted: unknown;
  /** Value in the cluster, which stays. */
  readonly actual: unknown;
}

/** How an object that others made becomes ours. */
export interface Adoption {
  /** Whose it is now, in words: `the Helm release web`. */
  readonly from: string;
  /** Field managers whose fields become those of `dsdeploy`. */
  readonly managers: readonly string[];
  /** Field managers that keep what the spec does not have, status aside. */
  readonly coOwners: readonly string[];
  /** Labels and annotations of the former tool that are removed or replaced. */
  readonly marks: readonly string[];
  /** The release that goes on listing the object in its own record. */
  readonly helmRelease?: { readonly name: string; readonly namespace?: string };
}

export interface KeepChange extends Binding {
  readonly action: 'keep';
  readonly ref: ObjectRef;
  readonly desired: Manifest;
  readonly certainty: 'server';
  /** Fields of the spec that are left to somebody else. */
  readonly yields?: readonly YieldedField[];
}

export interface DeleteChange extends Binding {
  readonly action: 'delete';
  readonly ref: ObjectRef;
  readonly reason: string;
  readonly disruption?: Disruption;
}

export interface RetainedObject {
  readonly ref: ObjectRef;
  readonly reason: string;
}

/** The record of what belongs to the deployment; the ApplySet parent. */
export interface InventoryChange {
  readonly ref: ObjectRef;
  /** `update` when another set of objects or UIDs has to be recorded. */
  readonly action: 'create' | 'update' | 'keep';
  /** Present unless `create`. */
  readonly binding?: Binding;
  /** What the inventory records now. */
  readonly recorded: readonly InventoryEntry[];
  /** What it records once the plan is applied; UIDs of objects to come are empty. */
  readonly planned: readonly InventoryEntry[];
}

/** One field that differs; values are masked already where they are secret. */
export interface FieldChange {
  /** For example `spec.leaderWorkerTemplate.size` or `spec.containers[name=engine].image`. */
  readonly path: string;
  readonly before?: unknown;
  readonly after?: unknown;
  /** For an argument of a command line, the flag before it: `--max-model-len`. */
  readonly flag?: string;
  /** Present when the value is not the manifest's: a default, or the work of a webhook. */
  readonly by?: 'server';
}

/** What a change does to running groups, as the LeaderWorkerSet controller will carry it out. */
export interface Disruption {
  readonly effect: 'restarts-groups' | 'scales-groups' | 'stops-groups' | 'none';
  /**
   * - `in-place`: no pod restarts.
   * - `scale`: groups come or go, the others go on.
   * - `rolling`: groups restart one batch after another while others serve.
   * - `recreate`: every group is down at some moment.
   * - `replace`: the object goes, and another one takes its place or none.
   */
  readonly mode: 'in-place' | 'scale' | 'rolling' | 'recreate' | 'replace';
  readonly message: string;
  /** Indexes of the groups that restart, start or stop. */
  readonly groups: readonly number[];
  /** Pods of those groups together. */
  readonly pods: number;
  /** How long until all of them serve again; absent when the load time is not known. */
  readonly durationSeconds?: number;
  /** How long requests on a stopping group have to end before they are cut; absent when none stops. */
  readonly drainSeconds?: number;
  /** Whether groups come back with an empty prefix cache. */
  readonly losesPrefixCache: boolean;
  /** Whether old and new groups answer behind the same Service for a while. */
  readonly coexists: boolean;
  /** What old and new groups differ in: flags and fields of their pod templates. */
  readonly differences: readonly string[];
  /** Groups that come before running ones restart; absent without. */
  readonly surge?: Surge;
}

/** Spare room that a roll-out needs. */
export interface Surge {
  /** Whether the groups stay: the update asks for more groups, and running ones wait for all of them. */
  readonly stays?: boolean;
  readonly groups: number;
  readonly pods: number;
  /** Devices and other extended resources of those pods, by resource name. */
  readonly devices: Readonly<Record<string, number>>;
  /** How many of `groups` the cluster has free nodes for; absent when that was not looked at. */
  readonly groupsWithRoom?: number;
  /** Whether the roll-out waits until a surge group serves, so that it stops where there is no room. */
  readonly mustFit: boolean;
}

/** Whether applying the plan would write anything, the inventory included. */
export function hasChanges(plan: Plan): boolean {
  return (
    plan.changes.some((change) => change.action !== 'keep') ||
    (plan.inventory !== undefined && plan.inventory.action !== 'keep')
  );
}
