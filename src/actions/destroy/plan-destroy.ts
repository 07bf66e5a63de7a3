import type { Cluster } from '../../cluster/cluster.ts';
import { DsdeployError } from '../../errors/index.ts';
import { compareRefs, formatRef, refOf } from '../../manifest/index.ts';
import {
  bindingOf,
  type DeleteChange,
  type DeploymentId,
  type DestroyPlan,
  type InventoryEntry,
  inventoryRef,
  type JudgedOrphans,
  judgeOrphans,
  type Orphan,
  partOf,
  setIdOf,
} from '../../plan/index.ts';
import { listRevisionObjects } from '../history/index.ts';
import { forEachBounded, readInventory } from '../inventory/index.ts';
import { readOrphan } from '../plan/index.ts';
import { findForeignObjects } from './foreign-objects.ts';

export interface DestroyOptions {
  /**
   * Whether volume claims are deleted, with the data they hold.
   *
   * @default false
   */
  readonly includeVolumes?: boolean;
}

/**
 * Plans the removal of a deployment: what the inventory, the label and the UID agree on. Everything
 * else is retained, with the reason. Writes nothing.
 */
export async function planDestroy(
  deployment: DeploymentId,
  { cluster }: { readonly cluster: Cluster },
  { includeVolumes = false }: DestroyOptions = {},
): Promise<DestroyPlan> {
  const target = await cluster.readTarget();
  const header = { apiVersion: 'dsdeploy/v1', kind: 'DestroyPlan', deployment, target } as const;
  const going = await readGoingNamespace(deployment, cluster);
  if (going !== undefined) return { ...header, deletes: [going], retained: [] };
  const { binding, entries } = await readInventory(deployment, { cluster });
  const revisions = await readRevisionRows(deployment, cluster);
  if (binding === undefined) return { ...header, ...revisions };
  const members = await readMembers(entries, cluster);
  const judged = judgeOrphans(members, {
    setId: setIdOf(deployment),
    includeVolumes,
    includeNamespaces: true,
    prunesBesideSilentApi: true,
    successors: [],
    reason: 'inventory, label and UID say that it is ours',
  });
  const all = {
    ...judged,
    deletes: [...judged.deletes, ...revisions.deletes],
    retained: [...judged.retained, ...revisions.retained],
  };
  const rows = await spareNamespaces(all, { inventoryUid: binding.uid, members }, { cluster });
  return {
    ...header,
    deletes: rows.deletes.toSorted((a, b) => compareRefs(b.ref, a.ref)),
    retained: rows.retained.toSorted((a, b) => compareRefs(a.ref, b.ref)),
    inventory: {
      ref: inventoryRef(deployment),
      action: 'update',
      binding,
      recorded: entries,
      planned: rows.kept,
    },
  };
}

/** A namespace of ours that an earlier run has deleted: all that is left to do is to wait for it. */
async function readGoingNamespace(
  deployment: DeploymentId,
  cluster: Cluster,
): Promise<DeleteChange | undefined> {
  const ref = { apiVersion: 'v1', kind: 'Namespace', name: deployment.namespace };
  try {
    const live = await cluster.get(ref);
    if (live?.metadata.deletionTimestamp === undefined || partOf(live) !== setIdOf(deployment))
      return undefined;
    return { action: 'delete', ref, ...bindingOf(live), reason: 'it is being deleted already' };
  } catch (error) {
    // Who may not look at namespaces cannot have deleted it.
    if (error instanceof DsdeployError && error.code === 'CLUSTER_FORBIDDEN') return undefined;
    throw error;
  }
}

/** The history goes with what it is about; its objects are in no inventory and carry our labels. */
async function readRevisionRows(
  deployment: DeploymentId,
  cluster: Cluster,
): Promise<Pick<JudgedOrphans, 'deletes' | 'retained'>> {
  try {
    const revisions = await listRevisionObjects(deployment, { cluster });
    const deletes = revisions.map((live): DeleteChange => {
      const reason = 'a revision of the history';
      return { action: 'delete', ref: refOf(live), ...bindingOf(live), reason };
    });
    return { deletes, retained: [] };
  } catch (error) {
    if (!(error instanceof DsdeployError) || error.code !== 'CLUSTER_FORBIDDEN') throw error;
    const ref = { ...inventoryRef(deployment), name: `${deployment.name}-revision-*` };
    const reason = 'you may not list ConfigMaps, so the revisions of the history stay';
    return { deletes: [], retained: [{ ref, reason }] };
  }
}

async function readMembers(
  entries: readonly InventoryEntry[],
  cluster: Cluster,
): Promise<Orphan[]> {
  const members: Orphan[] = [];
  await forEachBounded(entries, async (entry) => {
    members.push(await readOrphan(entry, cluster));
  });
  return members;
}

interface NamespaceContext {
  readonly inventoryUid: string;
  readonly members: readonly Orphan[];
}

/** Takes out of the deletes every namespace in which something lies that would go along with it. */
async function spareNamespaces(
  rows: JudgedOrphans,
  { inventoryUid, members }: NamespaceContext,
  { cluster }: { readonly cluster: Cluster },
): Promise<JudgedOrphans> {
  const deletes: DeleteChange[] = [];
  const retained = [...rows.retained];
  const kept = [...rows.kept];
  const ourUids = new Set([inventoryUid, ...rows.deletes.map(({ uid }) => uid)]);
  for (const row of rows.deletes) {
    const inside = row.ref.kind === 'Namespace' ? row.ref.name : undefined;
    const foreign =
      inside === undefined ? [] : (await findForeignObjects(inside, ourUids, { cluster })).names;
    // Volumes that are kept are ours and have to stay.
    const held = rows.retained.filter(({ ref }) => ref.namespace === inside);
    const reasons = [
      ...new Set([
        ...foreign,
        ...(inside === undefined ? [] : held.map(({ ref }) => formatRef(ref))),
      ]),
    ];
    const entry = members.find((member) => member.live?.metadata.uid === row.uid)?.entry;
    if (reasons.length === 0 || entry === undefined) {
      deletes.push(row);
      continue;
    }
    retained.push({ ref: row.ref, reason: describeForeign(reasons) });
    kept.push(entry);
  }
  return { deletes, retained, kept };
}

/** Names what is in the way of deleting a namespace, the first few in full. */
export function describeForeign(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(', ');
  const rest = names.length > 5 ? ` and ${String(names.length - 5)} more` : '';
  return `it holds objects that are not deleted: ${shown}${rest}`;
}
