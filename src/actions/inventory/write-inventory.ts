import type { Cluster } from '../../cluster/cluster.ts';
import type { DeploymentId, InventoryEntry } from '../../plan/index.ts';
import { renderInventory } from './render-inventory.ts';

/** Records what belongs to a deployment, in place of what was recorded before. */
export async function writeInventory(
  deployment: DeploymentId,
  entries: readonly InventoryEntry[],
  { cluster }: { readonly cluster: Cluster },
): Promise<void> {
  // Forced, because the record is ours alone: an edit by hand has to give way to the truth.
  await cluster.apply(renderInventory(deployment, entries), { dryRun: false, force: true });
}
