import type { EngineRequest } from '../engine.ts';
import {
  apiPortName,
  type ContainerPort,
  type HttpProbe,
  type Role,
  type RoleWorkload,
} from '../workload.ts';
import { vllmArguments } from './arguments.ts';
import type { VllmDialect } from './dialect.ts';
import { vllmEnvironment } from './environment.ts';
import { masterPort, supervisorPort } from './parallel-arguments.ts';
import { dataRanksPerPod, servesRequests, spansNodes } from './placement.ts';

/** Seconds a server keeps answering after it left the Service, so that proxies notice. */
const preStopSeconds = 15;

/** Margin between the end of the drain and SIGKILL; the supervisor itself needs about 5 s. */
const killMarginSeconds = 30;

const startupPeriodSeconds = 10;

const supervisorPortName = 'supervisor';

/** One workload for a single-pod group, else leader and worker. */
export function vllmWorkloads(request: EngineRequest, dialect: VllmDialect): RoleWorkload[] {
  const roles: readonly Role[] = request.podsPerGroup === 1 ? ['single'] : ['leader', 'worker'];
  return roles.map((role) => workload(request, role, dialect));
}

function workload(request: EngineRequest, role: Role, dialect: VllmDialect): RoleWorkload {
  const base = {
    role,
    command: ['vllm', 'serve'],
    args: vllmArguments(request, role, dialect),
    env: vllmEnvironment(request, role, dialect),
    shutdown: shutdown(request, role),
  };
  // A headless worker opens no port that tells its health: no probe is better than one that
  // cannot fail. The group's restart policy and the leader's own checks cover it.
  if (!servesRequests(request, role)) return { ...base, ports: [], apiPorts: [] };
  const api = apiPorts(request);
  return {
    ...base,
    ports: [...api, ...groupPorts(request, role, dialect)],
    apiPorts: api.map(({ name }) => name),
    probes: probes(request),
  };
}

/** With `multi-port` every rank has its own port, the first under the name the Service follows. */
function apiPorts(request: EngineRequest): ContainerPort[] {
  const { api, group } = request;
  const count = group.loadBalancing === 'multi-port' ? dataRanksPerPod(request) : 1;
  return Array.from({ length: count }, (_, rank) => ({
    name: rank === 0 ? apiPortName : `${apiPortName}-${rank}`,
    port: api.port + rank,
  }));
}

function groupPorts(request: EngineRequest, role: Role, dialect: VllmDialect): ContainerPort[] {
  const supervisor =
    request.group.loadBalancing === 'multi-port'
      ? [{ name: supervisorPortName, port: supervisorPort }]
      : [];
  if (role !== 'leader') return supervisor;
  const rendezvous = spansNodes(request)
    ? { name: 'master', port: masterPort }
    : { name: 'dp-rpc', port: dialect.rpcPort };
  return [rendezvous, ...supervisor];
}

/**
 * `/health` answers 503 once the engine is dead; `/v1/models` is static and would outlive it. The
 * supervisor of `multi-port` answers for all ranks of its pod.
 *
 * @source vllm/entrypoints/openai/api_server.py and dp_supervisor.py; llm-d guides/wide-ep-lws
 */
function probes({
  startupBudgetSeconds,
  group,
}: EngineRequest): NonNullable<RoleWorkload['probes']> {
  const supervised = group.loadBalancing === 'multi-port';
  const port = supervised ? supervisorPortName : apiPortName;
  const probe = (path: string, rest: Omit<HttpProbe, 'path' | 'port'>) => ({ path, port, ...rest });
  return {
    startup: probe('/health', {
      periodSeconds: startupPeriodSeconds,
      timeoutSeconds: 5,
      failureThreshold: Math.ceil(startupBudgetSeconds / startupPeriodSeconds),
    }),
    readiness: probe(supervised ? '/readyz' : '/health', {
      periodSeconds: 10,
      timeoutSeconds: 5,
      failureThreshold: 3,
    }),
    // A false alarm costs a full reload, so liveness waits three minutes.
    liveness: probe('/health', { periodSeconds: 30, timeoutSeconds: 10, failureThreshold: 6 }),
  };
}

/**
 * A server stops taking requests, then drains. Headless workers must outlive its drain: their
 * SIGTERM comes after the leader's time is up, or running requests lose their ranks.
 */
function shutdown(request: EngineRequest, role: Role): RoleWorkload['shutdown'] {
  const { drainSeconds } = request.api;
  const waits = !servesRequests(request, role);
  return {
    preStopSeconds: waits ? preStopSeconds + drainSeconds : preStopSeconds,
    graceSeconds: preStopSeconds + drainSeconds + killMarginSeconds,
  };
}
