import { z } from 'zod';
import type { Cluster, LiveObject } from '../../cluster/cluster.ts';
import { DsdeployError } from '../../errors/index.ts';
import { formatRef } from '../../manifest/index.ts';
import {
  applySetNames,
  bindingOf,
  type DeploymentId,
  describeOwner,
  type InventoryEntry,
  inventoryRef,
  type RecordedInventory,
  setIdOf,
  toEntry,
} from '../../plan/index.ts';

const entriesSchema = z.array(
  z.object({
    apiVersion: z.string().min(1),
    kind: z.string().min(1),
    namespace: z.string().min(1).optional(),
    name: z.string().min(1),
    uid: z.string(),
  }),
);

/** Reads what a deployment has recorded as its own; nothing when it was never applied. */
export async function readInventory(
  deployment: DeploymentId,
  { cluster }: { readonly cluster: Cluster },
): Promise<RecordedInventory> {
  const live = await cluster.get(inventoryRef(deployment));
  if (live === undefined) return { entries: [] };
  return readLiveInventory(deployment, live);
}

function readLiveInventory(deployment: DeploymentId, live: LiveObject): RecordedInventory {
  const subject = formatRef(inventoryRef(deployment));
  if (live.metadata.labels?.[applySetNames.id] !== setIdOf(deployment)) {
    throw new DsdeployError(
      'OBJECT_NOT_OWNED',
      `Cannot keep an inventory in ${subject}: it exists and belongs to ${describeOwner(live)}`,
      { subject, hint: 'Choose another `name` in the spec, or rename that ConfigMap.' },
    );
  }
  if (live.metadata.deletionTimestamp !== undefined) {
    throw new DsdeployError('OBJECT_TERMINATING', `Cannot read ${subject}: it is being deleted`, {
      subject,
      hint: 'Wait until the running `destroy` has ended.',
    });
  }
  return { binding: bindingOf(live), entries: parseEntries(live, subject) };
}

function parseEntries(live: LiveObject, subject: string): InventoryEntry[] {
  try {
    const { inventory } = z.object({ inventory: z.string() }).parse(live['data']);
    const entries = entriesSchema.parse(JSON.parse(inventory));
    return entries.map(({ namespace, uid, ...ref }) =>
      toEntry(namespace === undefined ? ref : { ...ref, namespace }, uid),
    );
  } catch (cause) {
    throw new DsdeployError(
      'INVENTORY_INVALID',
      `Cannot read the inventory in ${subject}: \`data.inventory\` is not a list of objects`,
      {
        subject,
        hint: 'Restore the ConfigMap from a backup; without it nothing that was removed from the spec would be deleted.',
        cause,
      },
    );
  }
}
