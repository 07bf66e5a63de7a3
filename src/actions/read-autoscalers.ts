import type { Cluster } from '../cluster/cluster.ts';
import { DsdeployError } from '../errors/index.ts';
import { type Autoscaler, toAutoscaler } from '../plan/index.ts';

const kind = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' };

/** What a cluster may say when there are no autoscalers to go by. */
const tolerated: ReadonlySet<string> = new Set(['CLUSTER_FORBIDDEN', 'KIND_UNKNOWN']);

/**
 * Lists the autoscalers of a namespace. Without the right to list them there are none to go by; who
 * set the replicas last still tells.
 */
export async function readAutoscalers(
  namespace: string,
  cluster: Pick<Cluster, 'list'>,
): Promise<readonly Autoscaler[]> {
  try {
    const objects = await cluster.list(kind, { namespace });
    return objects.flatMap((object) => toAutoscaler(object) ?? []);
  } catch (error) {
    if (error instanceof DsdeployError && tolerated.has(error.code)) return [];
    throw error;
  }
}
