import { compareRefs, formatRef, type Manifest, refOf } from '../manifest/index.ts';
import { diffObjects } from './diff/diff-objects.ts';
import type { ListRules } from './diff/list-rules.ts';
import { markServerMade, replacedByServer } from './diff/server-made.ts';
import { describeDisruption } from './disruption/disruption.ts';
import { inventoryRef, setIdOf } from './inventory/apply-set.ts';
import {
  type InventoryEntry,
  mergeEntries,
  sameEntries,
  toEntry,
} from './inventory/inventory-entry.ts';
import { judgeOrphans, type Orphan } from './inventory/judge-orphans.ts';
import type { ObservedObject } from './observed-object.ts';
import type {
  Adoption,
  Certainty,
  Change,
  ClusterTarget,
  DeleteChange,
  DeploymentId,
  InventoryChange,
  Plan,
  YieldedField,
} from './plan.ts';
import { type Binding, bindingOf } from './saved/live-digest.ts';

/** One wanted object with what the cluster says about it. */
export interface CheckedObject {
  /** With the ApplySet label. */
  readonly desired: Manifest;
  readonly live?: ObservedObject;
  /** What the server answered to a dry-run; absent when there could be none. */
  readonly dryRun?: Manifest;
  /** Whether it fits its schema; tells where there could be no dry-run. */
  readonly fitsSchema?: boolean;
  /**
   * How its lists are compared.
   *
   * @default defaultListRules
   */
  readonly listRules?: ListRules;
  /** Fields of other managers that the dry-run took over, because they were named. */
  readonly taken?: readonly string[];
  /** How an object of somebody else becomes ours. */
  readonly adoption?: Adoption;
  /** Fields of the spec that `desired` leaves to somebody else. */
  readonly yields?: readonly YieldedField[];
}

/** An inventory as it was read; `binding` is absent when there is none yet. */
export interface RecordedInventory {
  readonly binding?: Binding;
  readonly entries: readonly InventoryEntry[];
}

export interface PlanInput {
  readonly deployment: DeploymentId;
  readonly target: ClusterTarget;
  readonly objects: readonly CheckedObject[];
  readonly orphans: readonly Orphan[];
  readonly inventory: RecordedInventory;
  readonly warnings: readonly string[];
  /**
   * Records of other tools that go once everything else is applied.
   *
   * @default - none
   */
  readonly forgotten?: readonly DeleteChange[];
  /** Seconds one group needs to load, by the name of its LeaderWorkerSet. */
  readonly loadSeconds?: Readonly<Record<string, number>>;
}

/** Compares wanted objects with a cluster's and puts the changes in order. Pure. */
export function buildPlan(input: PlanInput): Plan {
  const { deployment, target, warnings } = input;
  const wanted = input.objects
    .map((object) => toChange(object, input))
    .toSorted((a, b) => compareRefs(a.ref, b.ref));
  const { deletes, retained, kept } = judgeOrphans(input.orphans, {
    setId: setIdOf(deployment),
    includeVolumes: false,
    includeNamespaces: false,
    prunesBesideSilentApi: false,
    reason: 'it is in the inventory and not in the manifests any more',
    successors: wanted.flatMap(({ action, ref }) =>
      action === 'create' && ref.kind === 'LeaderWorkerSet' ? [formatRef(ref)] : [],
    ),
  });
  return {
    apiVersion: 'dsdeploy/v1',
    kind: 'Plan',
    deployment,
    target,
    changes: [
      ...wanted,
      ...deletes.toSorted((a, b) => compareRefs(b.ref, a.ref)),
      ...(input.forgotten ?? []),
    ],
    retained: retained.toSorted((a, b) => compareRefs(a.ref, b.ref)),
    inventory: planInventory(input, [...wanted.map(entryOf), ...kept]),
    warnings: [...new Set(warnings)],
  };
}

/** A plan that no cluster was asked for: every object is to be created. */
export function buildOfflinePlan(deployment: DeploymentId, manifests: readonly Manifest[]): Plan {
  const changes = manifests.map((desired): Change => {
    return { action: 'create', ref: refOf(desired), desired, certainty: 'offline' };
  });
  return {
    apiVersion: 'dsdeploy/v1',
    kind: 'Plan',
    deployment,
    changes: changes.toSorted((a, b) => compareRefs(a.ref, b.ref)),
    retained: [],
    warnings: [],
  };
}

type WantedChange = Exclude<Change, DeleteChange>;

function toChange(checked: CheckedObject, { loadSeconds = {} }: PlanInput): WantedChange {
  const { desired, live, dryRun, taken, adoption, yields, listRules } = checked;
  const ref = refOf(desired);
  const certainty = certaintyOf(checked);
  if (dryRun === undefined) return { action: 'create', ref, desired, certainty };
  const diff = listRules === undefined ? {} : { listRules };
  const answer = { desired, result: dryRun };
  if (live === undefined) {
    const replaced = replacedByServer(answer, diff);
    const note = replaced.length === 0 ? {} : { replaced };
    return { action: 'create', ref, desired, certainty, ...note };
  }
  const fields = markServerMade(diffObjects(live, dryRun, diff), answer, diff);
  const bound = {
    ref,
    desired,
    certainty: 'server',
    ...(yields === undefined ? {} : { yields }),
    ...bindingOf(live),
  } as const;
  if (fields.length === 0 && adoption === undefined) return { action: 'keep', ...bound };
  const seconds = loadSeconds[ref.name];
  const options = seconds === undefined ? {} : { loadSeconds: seconds };
  const disruption = describeDisruption({ live, result: dryRun, fields }, options);
  return {
    action: 'update',
    ...bound,
    fields,
    ...(taken === undefined ? {} : { taken }),
    ...(adoption === undefined ? {} : { adoption }),
    ...(disruption === undefined ? {} : { disruption }),
  };
}

function certaintyOf({ dryRun, fitsSchema = false }: CheckedObject): Certainty {
  if (dryRun !== undefined) return 'server';
  return fitsSchema ? 'schema' : 'simulated';
}

function entryOf(change: WantedChange): InventoryEntry {
  return toEntry(change.ref, change.action === 'create' ? '' : change.uid);
}

function planInventory(
  { deployment, inventory }: PlanInput,
  entries: readonly InventoryEntry[],
): InventoryChange {
  const planned = mergeEntries(entries);
  const recorded = mergeEntries(inventory.entries);
  const ref = inventoryRef(deployment);
  if (inventory.binding === undefined) return { ref, action: 'create', recorded, planned };
  const action = sameEntries(recorded, planned) ? 'keep' : 'update';
  return { ref, action, binding: inventory.binding, recorded, planned };
}
