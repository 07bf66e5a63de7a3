import type { Cluster, LiveObject } from '../../cluster/cluster.ts';
import { DsdeployError } from '../../errors/index.ts';
import type { InventoryEntry, Orphan } from '../../plan/index.ts';

/**
 * Reads an object that may be deleted. One that cannot be looked at is marked as such: a kind that
 * is not served now, or that may not be read, says nothing about its objects.
 */
export async function readOrphan(entry: InventoryEntry, cluster: Cluster): Promise<Orphan> {
  if (!(await cluster.supports(entry))) {
    const unreadable = `the cluster does not serve ${entry.apiVersion} ${entry.kind} now`;
    return { entry, unreadable };
  }
  const live = await readUnlessForbidden(entry, cluster);
  if (live === 'forbidden') return { entry, unreadable: 'you may not read it' };
  return live === undefined ? { entry } : { entry, live };
}

async function readUnlessForbidden(
  entry: InventoryEntry,
  cluster: Cluster,
): Promise<LiveObject | undefined | 'forbidden'> {
  try {
    return await cluster.get(entry);
  } catch (error) {
    if (error instanceof DsdeployError && error.code === 'CLUSTER_FORBIDDEN') return 'forbidden';
    throw error;
  }
}
