import { DsdeployError, type ErrorDetail } from '../../errors/index.ts';
import { formatRef, identityOf, type ObjectRef } from '../../manifest/index.ts';
import {
  type DeleteChange,
  type DestroyPlan,
  describeMove,
  type InventoryChange,
  type InventoryEntry,
  lockRef,
  type RetainedObject,
  sameEntries,
  toEntry,
} from '../../plan/index.ts';
import { formatNouns } from '../../units/index.ts';
import { checkTarget, runStages } from '../apply/index.ts';
import { readObjects, writeInventory } from '../inventory/index.ts';
import { type Lock, type LockOwner, takeLock } from '../lock/index.ts';
import type { DestroyResult } from './destroy-result.ts';
import { findForeignObjects } from './foreign-objects.ts';
import { describeForeign } from './plan-destroy.ts';
import { pollMs, type WaitGonePorts, waitUntilGone } from './wait-until-gone.ts';

/** How long garbage collection may take to come by. */
const collectionMs = 30_000;

export interface DestroyPorts extends WaitGonePorts {
  /**
   * Who changes the deployment; nobody else does meanwhile.
   *
   * @default - no lock is taken
   */
  readonly owner?: LockOwner;
}

export interface DestroyRunOptions {
  /**
   * How long objects of one kind may take to go.
   *
   * @default 900, which is more than the longest drain
   */
  readonly timeoutSeconds?: number;
}

/**
 * Deletes what a destroy plan lists, workloads first, each by its UID, and waits until it has gone.
 *
 * The inventory goes last: a run that ends at any point can be run again. A namespace of ours goes
 * with everything in it, so it is looked through once more right before.
 */
export async function destroyDeployment(
  plan: DestroyPlan,
  ports: DestroyPorts,
  { timeoutSeconds = 900 }: DestroyRunOptions = {},
): Promise<DestroyResult> {
  const { deployment, target, inventory } = plan;
  await checkTarget(target, ports);
  const lock = await takeDestroyLock(plan, ports);
  const run = new DestroyRun(plan, ports, { timeoutSeconds, lock });
  try {
    const present = await checkRows(plan, ports);
    for (const retained of plan.retained) run.reportRetained(retained);
    const isNamespace = ({ ref }: DeleteChange) => ref.kind === 'Namespace';
    for (const rows of groupByKind(present.filter((row) => !isNamespace(row))))
      await run.remove(rows);
    const spared: InventoryEntry[] = [];
    for (const row of present.filter(isNamespace)) {
      if (inventory === undefined) {
        // It is going since an earlier run, with all that is in it.
        await run.remove([row]);
        continue;
      }
      const removed = await run.removeNamespace(row, inventory);
      if (!removed) spared.push(toEntry(row.ref, row.uid));
    }
    if (inventory !== undefined) await run.closeInventory(inventory, spared);
  } finally {
    await lock?.release();
  }
  return {
    apiVersion: 'dsdeploy/v1',
    kind: 'DestroyResult',
    deployment,
    target,
    deleted: run.deleted,
    retained: run.retained,
  };
}

/**
 * Where there is nothing to delete, only a lock that a killed run has left is taken, and thereby away.
 * A namespace that is going takes no lock any more, and nothing that one would keep out.
 */
async function takeDestroyLock(
  { deployment, deletes, inventory }: DestroyPlan,
  { owner, ...ports }: DestroyPorts,
): Promise<Lock | undefined> {
  if (owner === undefined) return undefined;
  const isGoing = inventory === undefined && deletes.some(({ ref }) => ref.kind === 'Namespace');
  if (isGoing) return undefined;
  const isDone = deletes.length === 0 && inventory === undefined;
  if (isDone && (await ports.cluster.get(lockRef(deployment))) === undefined) return undefined;
  return takeLock({ deployment, owner, what: `destroy "${deployment.name}"` }, ports);
}

/** Drops rows that have gone meanwhile, and stops before the first write when one has moved. */
async function checkRows(plan: DestroyPlan, ports: WaitGonePorts): Promise<DeleteChange[]> {
  const live = await readObjects(
    plan.deletes.map(({ ref }) => ref),
    ports,
  );
  const present = plan.deletes.filter(({ ref }) => live.has(identityOf(ref)));
  const details = present.flatMap((row): ErrorDetail[] => {
    const object = live.get(identityOf(row.ref));
    // One that is being deleted already is on the way that was planned.
    if (object?.metadata.uid === row.uid && object.metadata.deletionTimestamp !== undefined)
      return [];
    const message = describeMove(row, object);
    return message === undefined ? [] : [{ location: formatRef(row.ref), message }];
  });
  if (details.length === 0) return present;
  throw new DsdeployError(
    'PLAN_STALE',
    `Cannot destroy "${plan.deployment.name}": ${formatNouns(details.length, 'object')} moved since the question was asked, and nothing was deleted`,
    { details, hint: 'Run `dsdeploy destroy` again and look at the new list.' },
  );
}

/** The state of one destroy. */
class DestroyRun {
  readonly deleted: ObjectRef[] = [];
  readonly retained: RetainedObject[] = [];
  readonly #plan: DestroyPlan;
  readonly #ports: WaitGonePorts;
  readonly #timeoutSeconds: number;
  readonly #lock: Lock | undefined;

  constructor(
    plan: DestroyPlan,
    ports: WaitGonePorts,
    { timeoutSeconds, lock }: { readonly timeoutSeconds: number; readonly lock: Lock | undefined },
  ) {
    this.#plan = plan;
    this.#ports = ports;
    this.#timeoutSeconds = timeoutSeconds;
    this.#lock = lock;
  }

  reportRetained(retained: RetainedObject): void {
    this.retained.push(retained);
    this.#ports.host.notify({ code: 'OBJECT_RETAINED', level: 'warning', ...retained });
  }

  /** Deletes objects of one kind side by side and waits until all of them have gone. */
  async remove(rows: readonly DeleteChange[]): Promise<void> {
    const { cluster, signal } = this.#ports;
    const steps = rows.map(({ ref, uid }) => ({
      ref,
      run: () => cluster.delete(ref, { uid }),
    }));
    this.#throwIfAborted();
    await this.#lock?.assertHeld();
    await runStages([steps], {
      what: `destroy "${this.#plan.deployment.name}"`,
      ...(signal === undefined ? {} : { signal }),
    });
    await waitUntilGone(rows, { timeoutSeconds: this.#timeoutSeconds }, this.#ports);
    this.#throwIfAborted();
    for (const { ref } of rows) this.#reportDeleted(ref);
  }

  /** Deletes a namespace unless something turned up in it; says whether it did. */
  async removeNamespace(row: DeleteChange, inventory: InventoryChange): Promise<boolean> {
    const uids = this.#plan.deletes.map(({ uid }) => uid);
    const ours = new Set([inventory.binding?.uid ?? '', ...uids]);
    const foreign = await this.#findForeign(row, ours);
    if (foreign.length === 0) {
      await this.#lock?.assertHeld();
      // It goes with the namespace, which takes nothing new any more.
      this.#lock?.stopRenewing();
      await this.remove([row]);
      return true;
    }
    this.reportRetained({ ref: row.ref, reason: describeForeign(foreign) });
    return false;
  }

  /**
   * What keeps a namespace. A set of workers has its leader's pod for an owner and outlives it until
   * garbage collection comes by, so that such leftovers are looked at again before they count.
   */
  async #findForeign({ ref }: DeleteChange, ours: ReadonlySet<string>): Promise<readonly string[]> {
    const { clock, signal } = this.#ports;
    const deadlineMs = clock.nowMs() + collectionMs;
    for (;;) {
      const { names, mayGo } = await findForeignObjects(ref.name, ours, this.#ports);
      if (names.length === 0 || !mayGo || clock.nowMs() >= deadlineMs) return names;
      await clock.sleep(pollMs, signal);
      this.#throwIfAborted();
    }
  }

  /** Deletes the inventory, or makes it list what is left of ours. */
  async closeInventory(
    { ref, binding, recorded, planned }: InventoryChange,
    spared: readonly InventoryEntry[],
  ): Promise<void> {
    const { cluster } = this.#ports;
    const [live] = (await readObjects([ref], { cluster })).values();
    // It went with its namespace.
    if (live === undefined || binding === undefined || live.metadata.uid !== binding.uid) return;
    this.#throwIfAborted();
    const left = [...planned, ...spared];
    // In the background, which is at once: whoever applies next would meet one that is still going.
    if (left.length === 0)
      await cluster.delete(ref, { uid: binding.uid, propagation: 'Background' });
    else if (!sameEntries(left, recorded))
      await writeInventory(this.#plan.deployment, left, { cluster });
  }

  #reportDeleted(ref: ObjectRef): void {
    this.deleted.push(ref);
    this.#ports.host.notify({
      code: 'OBJECT_APPLIED',
      level: 'info',
      ref,
      outcome: 'deleted',
      done: this.deleted.length,
      total: this.#plan.deletes.length,
    });
  }

  #throwIfAborted(): void {
    if (this.#ports.signal?.aborted !== true) return;
    const gone = new Set(this.deleted.map(identityOf));
    throw new DsdeployError(
      'INTERRUPTED',
      `Interrupted: ${String(gone.size)} of ${String(this.#plan.deletes.length)} objects of "${this.#plan.deployment.name}" have gone`,
      {
        hint: 'Run `dsdeploy destroy` again; it goes on from here.',
        details: this.#plan.deletes.map(({ ref }) => ({
          location: formatRef(ref),
          message: gone.has(identityOf(ref)) ? 'deleted' : 'not confirmed as gone',
        })),
      },
    );
  }
}

/** Splits rows, already in order, where the kind changes. */
function groupByKind(rows: readonly DeleteChange[]): DeleteChange[][] {
  const groups: DeleteChange[][] = [];
  for (const row of rows) {
    const group = groups.at(-1);
    if (group?.[0]?.ref.kind === row.ref.kind) group.push(row);
    else groups.push([row]);
  }
  return groups;
}
