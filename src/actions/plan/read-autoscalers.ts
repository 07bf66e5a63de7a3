import type { Cluster } from '../../cluster/cluster.ts';
import { DsdeployError } from '../../errors/index.ts';
import type { Manifest } from '../../manifest/index.ts';
import { type Autoscaler, hasReplicas, toAutoscaler } from '../../plan/index.ts';

const kind = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' };

/**
 * Lists the autoscalers of a namespace, if anything is rendered that one could scale. Without the
 * right to list them there are none to go by; who set the replicas last still tells.
 */
export async function readAutoscalers(
  namespace: string,
  manifests: readonly Manifest[],
  cluster: Pick<Cluster, 'list' | 'supports'>,
): Promise<readonly Autoscaler[]> {
  if (!manifests.some(hasReplicas) || !(await cluster.supports(kind))) return [];
  try {
    const objects = await cluster.list(kind, { namespace });
    return objects.flatMap((object) => toAutoscaler(object) ?? []);
  } catch (error) {
    if (error instanceof DsdeployError && error.code === 'CLUSTER_FORBIDDEN') return [];
    throw error;
  }
}
