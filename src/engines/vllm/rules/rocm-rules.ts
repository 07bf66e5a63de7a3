import type { ExtrasQuestion } from '../../engine.ts';
import type { Reason } from '../../reason.ts';

/** Resources of the AMD network operator. */
const railResources = ['amd.com/vnic', 'amd.com/nic'];

/** A pod that gets some of the rails gets arbitrary ones, and one unreachable rail hangs a group. */
export function checkRails({ accelerator, group, pool }: ExtrasQuestion): Reason[] {
  const { rdma, networks = [] } = pool.fabric;
  if (accelerator.vendor !== 'amd' || group.nodes === 1) return [];
  if (rdma === undefined || rdma === 'none' || !railResources.includes(rdma.resource)) return [];
  const source = 'llm-d guides/wide-ep-lws/modelserver/amd; ROCm network-operator v1.2.0';
  const reasons: Reason[] = [];
  if (rdma.count !== pool.devicesPerNode) {
    reasons.push({
      code: 'AMD_RAILS_INCOMPLETE',
      message: `pools.${pool.name}.fabric.rdma.count ${rdma.count} of ${rdma.resource}, and a node has ${pool.devicesPerNode} devices with a rail each`,
      hint: `Set count: ${pool.devicesPerNode}.`,
      source,
    });
  }
  if (networks.length !== rdma.count) {
    reasons.push({
      code: 'AMD_NETWORKS_MISSING',
      message: `pools.${pool.name}.fabric.networks names ${networks.length} networks for ${rdma.count} of ${rdma.resource}`,
      hint: 'Name one network attachment per rail: `kubectl get network-attachment-definitions -A`.',
      source,
    });
  }
  return reasons;
}
