import type { Cluster } from '../../cluster/cluster.ts';
import { DsdeployError } from '../../errors/index.ts';
import type { InventoryEntry, Orphan } from '../../plan/index.ts';

/**
 * Reads an object that may be deleted. One that cannot be looked at is marked as such: a kind that
 * is not served now, or that may not be read, says nothing about its objects.
 */
export async function readOrphan(entry: InventoryEntry, cluster: Cluster): Promise<Orphan> {
  try {
    if (!(await cluster.supports(entry))) {
      const unreadable = `the cluster does not serve ${entry.apiVersion} ${entry.kind} now`;
      return { entry, unreadable };
    }
    const live = await cluster.get(entry);
    return live === undefined ? { entry } : { entry, live };
  } catch (error) {
    if (!(error instanceof DsdeployError)) throw error;
    if (error.code === 'CLUSTER_FORBIDDEN') return { entry, unreadable: 'you may not read it' };
    if (error.code !== 'CLUSTER_ERROR') throw error;
    // An aggregated API whose server is down answers with an error, and says nothing about its objects.
    const { apiVersion } = entry;
    const unreadable = `the API ${apiVersion} does not answer now`;
    return { entry, unreadable, silentApi: apiVersion };
  }
}
