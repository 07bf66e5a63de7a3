import type { Cluster } from '../../cluster/cluster.ts';
import { DsdeployError } from '../../errors/index.ts';
import { identityOf, type Manifest, type ObjectRef } from '../../manifest/index.ts';
import {
  type Change,
  type ClusterTarget,
  type CreateChange,
  type DeleteChange,
  hasChanges,
  type InventoryChange,
  type InventoryEntry,
  lockRef,
  mergeEntries,
  type Plan,
  sameEntries,
  type UpdateChange,
} from '../../plan/index.ts';
import type { Clock, Host } from '../host.ts';
import { writeInventory } from '../inventory/index.ts';
import { type Lock, type LockOwner, takeLock } from '../lock/index.ts';
import { dropFormerManagers, isAdoption, moveOwnership } from './adopt-object.ts';
import type { AppliedObject, ApplyOutcomeName, ApplyResult } from './apply-result.ts';
import { checkBindings, checkTarget } from './check-bindings.ts';
import { fillGeneratedKey } from './generated-key.ts';
import { runStages, type Stage, type Step } from './step.ts';
import { waitUntilServed } from './wait-until-served.ts';

export interface ApplyPorts {
  readonly cluster: Cluster;
  readonly host: Host;
  /** Finishes the writes under way, then stops with `INTERRUPTED`. */
  readonly signal?: AbortSignal;
  /**
   * Who changes the deployment; nobody else does meanwhile.
   *
   * @default - no lock is taken
   */
  readonly lock?: ApplyLock;
  /**
   * Steps once everything is applied, also of a plan without changes.
   *
   * @default - none
   */
  readonly last?: Stage;
}

export interface ApplyLock {
  readonly owner: LockOwner;
  readonly clock: Clock;
}

/**
 * Applies a plan, or stops before the first write when the cluster has moved since it was made.
 *
 * The inventory lists every object before it is made and is exact afterwards, so that a run that
 * ends at any point leaves nothing unknown, and the next run goes on from there. A plan without
 * changes writes nothing and takes no lock. Does not wait for health.
 */
export async function applyPlan(plan: Plan, ports: ApplyPorts): Promise<ApplyResult> {
  const { target, inventory } = plan;
  if (target === undefined || inventory === undefined)
    throw new DsdeployError('INTERNAL', 'Cannot apply a plan that was made offline');
  const bound = { ...plan, target };
  const { signal, last = [] } = ports;
  const hasWork = hasChanges(plan) || last.length > 0;
  const run = new ApplyRun(bound, ports);
  if (hasWork) await run.checkBeforeLock();
  for (const { ref, reason } of plan.retained)
    ports.host.notify({ code: 'OBJECT_RETAINED', level: 'warning', ref, reason });
  run.reportKept();
  if (hasWork) {
    try {
      await runStages(run.toStages(inventory, last), {
        what: run.what,
        ...(signal === undefined ? {} : { signal }),
      });
    } finally {
      await run.releaseLock();
    }
  }
  return run.toResult(target);
}

type BoundPlan = Plan & { readonly target: ClusterTarget };

/** The state of one apply: what was written, with which UIDs. */
class ApplyRun {
  readonly what: string;
  readonly #plan: BoundPlan;
  readonly #ports: ApplyPorts;
  readonly #outcomes = new Map<string, ApplyOutcomeName>();
  readonly #uids = new Map<string, string>();
  readonly #warnings: string[] = [];
  #lock: Lock | undefined;

  constructor(plan: BoundPlan, ports: ApplyPorts) {
    this.what = `apply "${plan.deployment.name}"`;
    this.#plan = plan;
    this.#ports = ports;
  }

  /**
   * Stops before the first write. Where that is the lock, all objects are looked at under it, and only
   * the cluster has to be the right one for the Lease.
   */
  async checkBeforeLock(): Promise<void> {
    const { cluster, lock } = this.#ports;
    await checkTarget(this.#plan.target, { cluster });
    const isLockFirst = lock !== undefined && !this.#plan.changes.filter(isWrite).some(isNamespace);
    if (!isLockFirst) await checkBindings(this.#plan, { cluster });
  }

  reportKept(): void {
    for (const { action, ref } of this.#plan.changes) {
      if (action === 'keep') this.#report(ref, 'unchanged');
    }
  }

  /**
   * Namespaces, the lock, the inventory with all that will exist, objects by kind, deletes, the exact
   * inventory, and what comes last.
   */
  toStages(inventory: InventoryChange, last: Stage): Stage[] {
    const namespaces = this.#plan.changes.filter(isWrite).filter(isNamespace);
    const { lock } = this.#ports;
    return [
      ...stagesByKind(namespaces).map((rows) => rows.map((row) => this.#write(row))),
      ...(lock === undefined ? [] : [[this.#takeLock(lock, namespaces)]]),
      ...this.#lockedStages(inventory, last).map((stage) => stage.map((step) => this.#guard(step))),
    ];
  }

  releaseLock(): Promise<void> {
    return this.#lock?.release() ?? Promise.resolve();
  }

  #lockedStages(inventory: InventoryChange, last: Stage): Stage[] {
    const { changes } = this.#plan;
    const writes = changes.filter(isWrite);
    const deletes = changes.filter((change) => change.action === 'delete');
    const before = mergeEntries(inventory.recorded, inventory.planned);
    return [
      ...(inventory.binding !== undefined && sameEntries(before, inventory.recorded)
        ? []
        : [[this.#record(inventory, () => before)]]),
      ...stagesByKind(writes.filter((change) => !isNamespace(change))).map((rows) =>
        rows.map((row) => this.#write(row)),
      ),
      ...stagesByKind(deletes).map((rows) => rows.map((row) => this.#delete(row))),
      ...this.#lastStage(inventory, before),
      last,
    ];
  }

  #takeLock({ owner, clock }: ApplyLock, written: readonly Change[]): Step {
    const { deployment } = this.#plan;
    const ports = { ...this.#ports, clock };
    return {
      ref: lockRef(deployment),
      run: async () => {
        this.#lock = await takeLock({ deployment, owner, what: this.what }, ports);
        // Whoever had the lock until now may have moved what was looked at before it was taken.
        const changes = this.#plan.changes.filter((change) => !written.includes(change));
        await checkBindings({ ...this.#plan, changes }, this.#ports);
        return 'taken';
      },
    };
  }

  #guard(step: Step): Step {
    return {
      ref: step.ref,
      run: async () => {
        await this.#lock?.assertHeld();
        return step.run();
      },
    };
  }

  toResult(target: ClusterTarget): ApplyResult {
    const { deployment, changes, retained } = this.#plan;
    const applied = changes.flatMap(({ ref }): AppliedObject[] => {
      const outcome = this.#outcomes.get(identityOf(ref));
      return outcome === undefined ? [] : [{ ref, outcome }];
    });
    return {
      apiVersion: 'dsdeploy/v1',
      kind: 'ApplyResult',
      deployment,
      target,
      applied,
      retained,
      warnings: [...new Set(this.#warnings)],
    };
  }

  #write(change: CreateChange | UpdateChange): Step {
    return {
      ref: change.ref,
      run: async () => {
        const { cluster } = this.#ports;
        const manifest = change.action === 'update' ? withUid(change) : change.desired;
        if (isAdoption(change)) await moveOwnership(change, cluster);
        await fillGeneratedKey(change.desired, cluster);
        const { object, warnings } = await cluster.apply(manifest, {
          dryRun: false,
          force: change.action === 'update' && change.taken !== undefined,
        });
        if (isAdoption(change)) await dropFormerManagers(change, object, cluster);
        this.#uids.set(identityOf(change.ref), object.metadata.uid);
        this.#warnings.push(...warnings);
        await waitUntilServed(change.desired, this.#ports);
        return this.#report(change.ref, outcomeOf(change));
      },
    };
  }

  #delete({ ref, uid }: DeleteChange): Step {
    return {
      ref,
      run: async () => this.#report(ref, await this.#ports.cluster.delete(ref, { uid })),
    };
  }

  #record({ ref }: InventoryChange, entries: () => readonly InventoryEntry[]): Step {
    return {
      ref,
      run: async () => {
        await writeInventory(this.#plan.deployment, entries(), this.#ports);
        return 'recorded';
      },
    };
  }

  /** The exact inventory; left out when it is what was recorded before the work already. */
  #lastStage(inventory: InventoryChange, before: readonly InventoryEntry[]): Stage[] {
    const isExact = sameEntries(before, inventory.planned);
    const hasUnknown = inventory.planned.some(({ uid }) => uid === '');
    if (isExact && !hasUnknown) return [];
    const exact = () =>
      inventory.planned.map((entry) => ({
        ...entry,
        uid: this.#uids.get(identityOf(entry)) ?? entry.uid,
      }));
    return [[this.#record(inventory, exact)]];
  }

  #report(ref: ObjectRef, outcome: ApplyOutcomeName): ApplyOutcomeName {
    this.#outcomes.set(identityOf(ref), outcome);
    this.#ports.host.notify({
      code: 'OBJECT_APPLIED',
      level: 'info',
      ref,
      outcome: outcome === 'gone' ? 'deleted' : outcome,
      done: this.#outcomes.size,
      total: this.#plan.changes.length,
    });
    return outcome;
  }
}

function isNamespace({ ref }: Change): boolean {
  return ref.kind === 'Namespace';
}

function isWrite(change: Change): change is CreateChange | UpdateChange {
  return change.action === 'create' || change.action === 'update';
}

function outcomeOf(change: CreateChange | UpdateChange): ApplyOutcomeName {
  if (change.action === 'create') return 'created';
  return isAdoption(change) ? 'adopted' : 'updated';
}

/** Splits rows, already in order, where the kind changes. */
function stagesByKind<Row extends Change>(rows: readonly Row[]): Row[][] {
  const stages: Row[][] = [];
  for (const row of rows) {
    const stage = stages.at(-1);
    if (stage?.[0]?.ref.kind === row.ref.kind) stage.push(row);
    else stages.push([row]);
  }
  return stages;
}

/** With the UID the server refuses to make an object anew that was deleted a moment ago. */
function withUid({ desired, uid }: UpdateChange): Manifest {
  return { ...desired, metadata: { ...desired.metadata, uid } };
}
