import type { EngineRequest } from '../engine.ts';
import { apiPortName, type HttpProbe, type Role, type RoleWorkload } from '../workload.ts';
import { sglangArguments } from './arguments.ts';
import { sglangEnvironment } from './environment.ts';
import { probeTimeoutSeconds } from './health-timeout.ts';
import { rendezvousPort } from './parallel-arguments.ts';

/** Seconds a leader keeps answering after it left the Service, so that proxies notice. */
const preStopSeconds = 15;

/** The drain looks every 5 s, then ranks have 15 s to let go of their devices. */
const killMarginSeconds = 30;

const startupPeriodSeconds = 10;

/** One workload for a single-pod group, else leader and worker. */
export function sglangWorkloads(request: EngineRequest): RoleWorkload[] {
  const roles: readonly Role[] = request.podsPerGroup === 1 ? ['single'] : ['leader', 'worker'];
  return roles.map((role) => workload(request, role));
}

function workload(request: EngineRequest, role: Role): RoleWorkload {
  const base = {
    role,
    // `sglang serve` first asks what kind of model it is; both start the same server.
    command: ['python3', '-m', 'sglang.launch_server'],
    args: sglangArguments(request, role),
    env: sglangEnvironment(request, role),
    shutdown: shutdown(request, role),
  };
  // On the other nodes a stand-in answers 200 to every health check from the moment it listens: a
  // probe of it could never fail. The group's restart policy and the leader cover these ranks.
  if (role === 'worker') return { ...base, ports: [], apiPorts: [] };
  return {
    ...base,
    ports: [
      { name: apiPortName, port: request.api.port },
      ...(role === 'leader' ? [{ name: 'rendezvous', port: rendezvousPort }] : []),
    ],
    apiPorts: [apiPortName],
    probes: probes(request),
  };
}

/**
 * `/health` puts a one-token request through the schedulers and waits for any sign of life, at least
 * one second: with the time-out of one second that Kubernetes has by default it cannot pass.
 *
 * @source http_server.py, health_generate
 */
function probes({
  startupBudgetSeconds,
  group,
}: EngineRequest): NonNullable<RoleWorkload['probes']> {
  const timeoutSeconds = probeTimeoutSeconds(group);
  const health = (rest: Pick<HttpProbe, 'periodSeconds' | 'failureThreshold'>) =>
    ({ path: '/health', port: apiPortName, timeoutSeconds, ...rest }) satisfies HttpProbe;
  return {
    // Answers 503 at once while it loads, so this period is kept.
    startup: health({
      periodSeconds: startupPeriodSeconds,
      failureThreshold: Math.ceil(startupBudgetSeconds / startupPeriodSeconds),
    }),
    readiness: health({ periodSeconds: 15, failureThreshold: 2 }),
    // A false alarm costs a full reload, and the engine's watchdog ends a stuck batch by itself.
    liveness: health({ periodSeconds: 60, failureThreshold: 10 }),
  };
}

/**
 * On SIGTERM the leader finishes all running requests, however long they take, so the grace period
 * is what bounds the drain. Workers end at once: their signal must come after the leader's time is up.
 *
 * @source tokenizer_manager.py, sigterm_watchdog
 */
function shutdown({ api }: EngineRequest, role: Role): RoleWorkload['shutdown'] {
  return {
    preStopSeconds: role === 'worker' ? preStopSeconds + api.drainSeconds : preStopSeconds,
    graceSeconds: preStopSeconds + api.drainSeconds + killMarginSeconds,
  };
}
