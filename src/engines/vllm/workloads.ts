import type { EngineRequest } from '../engine.ts';
import type { HttpProbe, Role, RoleWorkload } from '../workload.ts';
import { dataParallelRpcPort, vllmArguments } from './arguments.ts';
import { vllmEnvironment } from './environment.ts';

/** Seconds a leader keeps answering after it left the Service, so that proxies notice. */
const preStopSeconds = 15;

/** Margin between the end of the drain and SIGKILL; the supervisor itself needs about 5 s. */
const killMarginSeconds = 30;

const startupPeriodSeconds = 10;

/** One workload for a single-pod group, else leader and worker. */
export function vllmWorkloads(request: EngineRequest): RoleWorkload[] {
  const roles: readonly Role[] = request.podsPerGroup === 1 ? ['single'] : ['leader', 'worker'];
  return roles.map((role) => workload(request, role));
}

function workload(request: EngineRequest, role: Role): RoleWorkload {
  const base = {
    role,
    command: ['vllm', 'serve'],
    args: vllmArguments(request, role),
    env: vllmEnvironment(request, role),
    shutdown: shutdown(request, role),
  };
  // A headless worker opens no port that tells its health: no probe is better than one that
  // cannot fail. The group's restart policy and the leader's own checks cover it.
  if (role === 'worker') return { ...base, ports: [] };
  return {
    ...base,
    ports: [
      { name: 'http', port: request.api.port },
      ...(role === 'leader' ? [{ name: 'dp-rpc', port: dataParallelRpcPort }] : []),
    ],
    probes: probes(request),
  };
}

/**
 * `/health` answers 503 once the engine is dead; `/v1/models` is static and would outlive it.
 *
 * @source vllm/entrypoints/openai/api_server.py; llm-d guides/wide-ep-lws amd decode.yaml
 */
function probes({ startupBudgetSeconds }: EngineRequest): NonNullable<RoleWorkload['probes']> {
  const health = (rest: Pick<HttpProbe, 'periodSeconds' | 'timeoutSeconds' | 'failureThreshold'>) =>
    ({ path: '/health', port: 'http', ...rest }) satisfies HttpProbe;
  return {
    startup: health({
      periodSeconds: startupPeriodSeconds,
      timeoutSeconds: 5,
      failureThreshold: Math.ceil(startupBudgetSeconds / startupPeriodSeconds),
    }),
    readiness: health({ periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 }),
    // A false alarm costs a full reload, so liveness waits three minutes.
    liveness: health({ periodSeconds: 30, timeoutSeconds: 10, failureThreshold: 6 }),
  };
}

/**
 * The leader stops taking requests, then drains. Workers must outlive its drain: their SIGTERM
 * comes after the leader's time is up, or running requests lose their ranks.
 */
function shutdown({ api }: EngineRequest, role: Role): RoleWorkload['shutdown'] {
  return {
    preStopSeconds: role === 'worker' ? preStopSeconds + api.drainSeconds : preStopSeconds,
    graceSeconds: preStopSeconds + api.drainSeconds + killMarginSeconds,
  };
}
