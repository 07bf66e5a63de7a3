import type { EngineRequest } from '../engine.ts';
import { type EnvVar, mergeEnvironment, type Role, toVariables } from '../workload.ts';
import { cacheDirectory } from './cache-directory.ts';
import type { VllmDialect } from './dialect.ts';
import { kvConnectorOf } from './kv-connector.ts';
import { dataRanksPerPod, needsStartRank, servesRequests } from './placement.ts';

/** Environment of one role; the user's own wins. */
export function vllmEnvironment(
  request: EngineRequest,
  role: Role,
  dialect: VllmDialect,
): EnvVar[] {
  return mergeEnvironment(
    offlineVariables(),
    cacheVariables(),
    dialect.deviceVariables(request),
    startVariables(request),
    request.podsPerGroup > 1 ? dialect.networkVariables(request) : [],
    connectorVariables(request),
    servesRequests(request, role) ? [...apiKeyVariable(request), ...idleVariable(request)] : [],
    toVariables(request.group.extraEnv),
  );
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
    // An image may set it to a folder of its own, and then HOME does not count (Numba, TVM).
    { name: 'XDG_CACHE_HOME', value: `${cacheDirectory}/xdg` },
    // PyTorch asks for a user name, and an image may know none for the UID (vllm-project/vllm#40275).
    { name: 'USER', value: 'vllm' },
    { name: 'HF_HOME', value: `${cacheDirectory}/huggingface` },
    { name: 'VLLM_CACHE_ROOT', value: `${cacheDirectory}/vllm` },
    { name: 'TRITON_CACHE_DIR', value: `${cacheDirectory}/triton` },
  ];
}

function startVariables(request: EngineRequest): EnvVar[] {
  const variables: EnvVar[] = [
    // The default of 600 s is shorter than a cold load of 689 GB.
    { name: 'VLLM_ENGINE_READY_TIMEOUT_S', value: String(request.startupBudgetSeconds) },
    { name: 'VLLM_HOST_IP', fieldPath: 'status.podIP' },
  ];
  if (needsStartRank(request)) {
    variables.push({ name: 'DSDEPLOY_RANKS_PER_POD', value: String(dataRanksPerPod(request)) });
  }
  return variables;
}

/** NIXL offers its side channel under this address; the default, localhost, reaches nobody. */
function connectorVariables({ group }: EngineRequest): EnvVar[] {
  if (!kvConnectorOf(group.extraArgs)?.includes('Nixl')) return [];
  return [{ name: 'VLLM_NIXL_SIDE_CHANNEL_HOST', fieldPath: 'status.podIP' }];
}

function idleVariable({ api: { idleTimeoutSeconds } }: EngineRequest): EnvVar[] {
  if (idleTimeoutSeconds === undefined) return [];
  return [{ name: 'VLLM_HTTP_TIMEOUT_KEEP_ALIVE', value: String(idleTimeoutSeconds) }];
}

function apiKeyVariable({ api }: EngineRequest): EnvVar[] {
  if (api.keySecret === 'none') return [];
  const { name, key } = api.keySecret;
  return [{ name: 'VLLM_API_KEY', secret: { name, key } }];
}
