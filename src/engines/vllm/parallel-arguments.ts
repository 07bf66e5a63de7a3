import type { EngineRequest } from '../engine.ts';
import type { Role } from '../workload.ts';
import { allToAllOf } from './all-to-all.ts';
import type { VllmDialect } from './dialect.ts';
import { dataRanksPerPod, servesRequests, spansNodes, startRank } from './placement.ts';

/** Port of the rendezvous of ranks that span nodes, the default of vLLM. */
export const masterPort = 29_501;

/** Port on which the supervisor of `multi-port` answers probes, the default of vLLM. */
export const supervisorPort = 9256;

/** Steps of the load window and between two moves of experts, and the copies to place. */
const balancingWindow = { window_size: 1000, step_interval: 3000 };

/**
 * How the model is cut and where the other pods are; the same for all pods of a group, which the
 * leader checks by a hash of its parallel configuration (vllm/v1/engine/utils.py).
 */
export function parallelArguments(request: EngineRequest, dialect: VllmDialect): string[] {
  const { parallelism, podsPerGroup, group } = request;
  const { tensor, pipeline, data, expert } = parallelism;
  return [
    ...['--tensor-parallel-size', String(tensor)],
    ...(pipeline > 1 ? ['--pipeline-parallel-size', String(pipeline)] : []),
    ...(data > 1 ? ['--data-parallel-size', String(data)] : []),
    ...(spansNodes(request) ? rendezvous(podsPerGroup) : dataParallelGroup(request, dialect)),
    ...(expert ? ['--enable-expert-parallel'] : []),
    ...(dialect.choosesAllToAll ? allToAll(request) : []),
    ...(group.redundantExperts > 0 ? balancing(group.redundantExperts) : []),
  ];
}

/** Flags in which the pods of a group differ: who they are, not how the model is cut. */
export function placeArguments(request: EngineRequest, role: Role): string[] {
  if (spansNodes(request)) return role === 'worker' ? ['--headless'] : [];
  if (!isGroupOfServers(request)) return [];
  const rank = ['--data-parallel-start-rank', startRank(request, role)];
  switch (request.group.loadBalancing) {
    // The leader is not told its rank: since 0.28 a start rank on an API server, 0 included, makes
    // it balance hybrid, and then it refuses headless peers (vllm#47692, gpustack#6236).
    case 'internal':
      return role === 'worker' ? ['--headless', ...rank] : [];
    case 'hybrid':
    case 'multi-port':
      return rank;
  }
}

function isGroupOfServers({ podsPerGroup, group }: EngineRequest): boolean {
  return podsPerGroup > 1 || group.loadBalancing === 'multi-port';
}

/** Without Ray: every pod runs its share of the ranks of one tensor and pipeline group. */
function rendezvous(nodes: number): string[] {
  return [
    ...['--nnodes', String(nodes), '--node-rank', '$(LWS_WORKER_INDEX)'],
    ...['--master-addr', '$(LWS_LEADER_ADDRESS)', '--master-port', String(masterPort)],
    ...['--distributed-executor-backend', 'mp'],
  ];
}

function dataParallelGroup(request: EngineRequest, { rpcPort }: VllmDialect): string[] {
  if (!isGroupOfServers(request)) return [];
  return [
    ...['--data-parallel-size-local', String(dataRanksPerPod(request))],
    ...['--data-parallel-address', '$(LWS_LEADER_ADDRESS)'],
    ...['--data-parallel-rpc-port', String(rpcPort)],
    ...loadBalancing(request),
  ];
}

function loadBalancing({ group }: EngineRequest): string[] {
  switch (group.loadBalancing) {
    case 'internal':
      return [];
    case 'hybrid':
      return ['--data-parallel-hybrid-lb'];
    case 'multi-port':
      return [
        '--data-parallel-multi-port-external-lb',
        ...['--data-parallel-supervisor-port', String(supervisorPort)],
      ];
  }
}

function allToAll(request: EngineRequest): string[] {
  const { backend } = allToAllOf(request);
  return backend === undefined ? [] : ['--all2all-backend', backend];
}

function balancing(redundantExperts: number): string[] {
  const config = { ...balancingWindow, num_redundant_experts: redundantExperts };
  return ['--enable-eplb', '--eplb-config', JSON.stringify(config)];
}

/**
 * Front ends of one server: one per local rank, since the default of `internal`, one per rank of the
 * whole group, crowds the leader. The supervisor of `multi-port` starts one server per rank itself.
 */
export function frontEndArguments(request: EngineRequest, role: Role): string[] {
  const { parallelism, group } = request;
  const own = parallelism.data > 1 && servesRequests(request, role) && !spansNodes(request);
  if (!own || group.loadBalancing === 'multi-port') return [];
  return ['--api-server-count', String(dataRanksPerPod(request))];
}
