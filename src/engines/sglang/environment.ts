import type { EngineRequest } from '../engine.ts';
import { type EnvVar, mergeEnvironment, type Role, toVariables } from '../workload.ts';
import { chatVariables } from './chat.ts';
import { fabricVariables } from './fabric-environment.ts';
import { healthTimeoutVariable } from './health-timeout.ts';
import { requestLimits } from './rules/request-rules.ts';
import { apiKeyVariableName } from './server-arguments.ts';
import { dispatchTokens, usesLowLatencyDispatch } from './sizes.ts';

/** Writable directory of the container for everything the engine compiles or caches. */
const cacheDirectory = '/cache';

/** Environment of one role; the user's own comes last, so that it wins. */
export function sglangEnvironment(request: EngineRequest, role: Role): EnvVar[] {
  return mergeEnvironment(
    cacheVariables(request),
    startVariables(request),
    deviceVariables(request),
    dispatchVariables(request),
    request.podsPerGroup > 1 ? fabricVariables(request) : [],
    toVariables(chatVariables(request)),
    requestVariables(request),
    role === 'worker' ? [] : [...apiKeyVariables(request), ...idleVariables(request)],
    toVariables(request.group.extraEnv),
  );
}

/** The weights are local, so nothing is looked up outside; all caches lie on one volume. */
function cacheVariables({ accelerator }: EngineRequest): EnvVar[] {
  const cuda = accelerator.vendor === 'nvidia';
  return toVariables({
    HF_HUB_OFFLINE: '1',
    HOME: `${cacheDirectory}/home`,
    // An image may set it to a folder of its own, and then HOME does not count (Numba, TVM).
    XDG_CACHE_HOME: `${cacheDirectory}/xdg`,
    // PyTorch asks for a user name, and the image knows none for the UID.
    USER: 'sglang',
    HF_HOME: `${cacheDirectory}/huggingface`,
    SGLANG_CACHE_DIR: `${cacheDirectory}/sglang`,
    TRITON_CACHE_DIR: `${cacheDirectory}/triton`,
    ...(cuda
      ? {
          SGLANG_DG_CACHE_DIR: `${cacheDirectory}/deep_gemm`,
          FLASHINFER_WORKSPACE_BASE: `${cacheDirectory}/flashinfer`,
          CUDA_CACHE_PATH: `${cacheDirectory}/cuda`,
        }
      : {}),
  });
}

function startVariables(request: EngineRequest): EnvVar[] {
  return [
    healthTimeoutVariable,
    // SGLang would guess its address from the route to a public name server.
    { name: 'SGLANG_HOST_IP', fieldPath: 'status.podIP' },
    // The first request compiles kernels, and failing it ends the server after 600 s.
    { name: 'SGLANG_WARMUP_TIMEOUT', value: String(request.startupBudgetSeconds) },
  ];
}

function deviceVariables({ accelerator, podsPerGroup }: EngineRequest): EnvVar[] {
  switch (accelerator.vendor) {
    case 'nvidia':
      // Graphs replayed over nodes hung with registered buffers; 0.5.23 sets this itself.
      return podsPerGroup > 1 ? toVariables({ NCCL_GRAPH_REGISTER: '0' }) : [];
    case 'amd':
      return toVariables({ SGLANG_USE_AITER: '1' });
    case 'huawei':
      return toVariables({
        DSDEPLOY_SOURCE:
          '/usr/local/Ascend/ascend-toolkit/set_env.sh:/usr/local/Ascend/nnal/atb/set_env.sh',
        PYTORCH_NPU_ALLOC_CONF: 'expandable_segments:True',
        STREAMS_PER_DEVICE: '32',
      });
  }
}

function dispatchVariables(request: EngineRequest): EnvVar[] {
  if (!usesLowLatencyDispatch(request)) return [];
  return toVariables({
    SGLANG_DEEPEP_NUM_MAX_DISPATCH_TOKENS_PER_RANK: String(dispatchTokens(request)),
  });
}

function idleVariables({ api: { idleTimeoutSeconds } }: EngineRequest): EnvVar[] {
  if (idleTimeoutSeconds === undefined) return [];
  return toVariables({ SGLANG_TIMEOUT_KEEP_ALIVE: String(idleTimeoutSeconds) });
}

/** The first rank of each data-parallel one decides, and it may be on any pod. */
function requestVariables({ api: { requestTimeoutSeconds } }: EngineRequest): EnvVar[] {
  if (requestTimeoutSeconds === undefined) return [];
  const seconds = String(requestTimeoutSeconds);
  return requestLimits.map((name) => ({ name, value: seconds }));
}

function apiKeyVariables({ api }: EngineRequest): EnvVar[] {
  if (api.keySecret === 'none') return [];
  const { name, key } = api.keySecret;
  return [{ name: apiKeyVariableName, secret: { name, key } }];
}
