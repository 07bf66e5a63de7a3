import type { RdmaSpec } from '../../spec/index.ts';
import type { EngineRequest } from '../engine.ts';
import type { EnvVar, Role } from '../workload.ts';
import { dataRanksPerPod } from './arguments.ts';

/** Writable directory of the container for everything the engine compiles or caches. */
const cacheDirectory = '/cache';

/** Environment of one role; the user's own comes last, so that it wins. */
export function vllmEnvironment(request: EngineRequest, role: Role): EnvVar[] {
  return [
    ...offlineVariables(),
    ...cacheVariables(),
    ...startVariables(request),
    ...(request.podsPerGroup > 1 ? networkVariables(request) : []),
    ...(role === 'worker' ? [] : apiKeyVariable(request)),
    ...Object.entries(request.group.extraEnv).map(([name, value]) => ({ name, value })),
  ];
}

/** The weights are local; nothing may be looked up or reported outside the cluster. */
function offlineVariables(): EnvVar[] {
  return [
    { name: 'HF_HUB_OFFLINE', value: '1' },
    { name: 'VLLM_NO_USAGE_STATS', value: '1' },
  ];
}

function cacheVariables(): EnvVar[] {
  return [
    { name: 'HOME', value: `${cacheDirectory}/home` },
    // PyTorch asks for a user name, and an image may know none for the UID (vllm-project/vllm#40275).
    { name: 'USER', value: 'vllm' },
    { name: 'HF_HOME', value: `${cacheDirectory}/huggingface` },
    { name: 'VLLM_CACHE_ROOT', value: `${cacheDirectory}/vllm` },
    { name: 'FLASHINFER_WORKSPACE_BASE', value: `${cacheDirectory}/flashinfer` },
    { name: 'CUDA_CACHE_PATH', value: `${cacheDirectory}/cuda` },
    { name: 'TRITON_CACHE_DIR', value: `${cacheDirectory}/triton` },
  ];
}

function startVariables(request: EngineRequest): EnvVar[] {
  const variables: EnvVar[] = [
    // The default of 600 s is shorter than a cold load of 689 GB.
    { name: 'VLLM_ENGINE_READY_TIMEOUT_S', value: String(request.startupBudgetSeconds) },
    { name: 'VLLM_HOST_IP', fieldPath: 'status.podIP' },
  ];
  if (request.podsPerGroup > 2) {
    variables.push({ name: 'DSDEPLOY_RANKS_PER_POD', value: String(dataRanksPerPod(request)) });
  }
  return variables;
}

/** Without interface names Gloo and NCCL may bind the loopback or an RDMA port and hang at start. */
function networkVariables({ pool }: EngineRequest): EnvVar[] {
  const { socketInterface, rdma } = pool.fabric;
  const variables: EnvVar[] = [];
  if (socketInterface !== undefined) {
    variables.push({ name: 'GLOO_SOCKET_IFNAME', value: socketInterface });
    variables.push({ name: 'NCCL_SOCKET_IFNAME', value: socketInterface });
  }
  // The start-up lines that tell whether RDMA is used or NCCL fell back to sockets.
  variables.push({ name: 'NCCL_DEBUG', value: 'INFO' });
  variables.push({ name: 'NCCL_DEBUG_SUBSYS', value: 'INIT,NET' });
  if (rdma === 'none') variables.push({ name: 'NCCL_IB_DISABLE', value: '1' });
  else if (rdma !== undefined) variables.push(...rdmaVariables(rdma));
  return variables;
}

function rdmaVariables({ hcas, gidIndex }: RdmaSpec): EnvVar[] {
  const variables: EnvVar[] = [];
  if (hcas !== undefined) variables.push({ name: 'NCCL_IB_HCA', value: hcas });
  if (gidIndex !== undefined) {
    variables.push({ name: 'NCCL_IB_GID_INDEX', value: String(gidIndex) });
  }
  return variables;
}

function apiKeyVariable({ api }: EngineRequest): EnvVar[] {
  if (api.keySecret === 'none') return [];
  const { name, key } = api.keySecret;
  return [{ name: 'VLLM_API_KEY', secret: { name, key } }];
}
