import { join } from 'node:path';

import { type AgentConfig, silentLogFile } from '../agent-config.ts';
import type { ApiClient } from '../api-client.ts';
import { loopback, portOf } from '../ports.ts';
import { resourcePath } from '../resource-path.ts';
import { readContainerEnv } from './container-env.ts';
import { type EngineCommand, readEngineCommand } from './engine-command.ts';
import { startEngineFront } from './engine-front.ts';
import { type Endpoint, findEndpoint, type Pod, podKey } from './pod.ts';
import { RankMetrics } from './rank-metrics.ts';
import { type Simulator, startSimulator, waitUntilHealthy } from './simulator.ts';

/** Pod condition that the stage `pod-ready` waits for. */
export const servingCondition = 'sandbox.dsdeploy.dev/Serving';

export interface ServeOptions {
  readonly client: ApiClient;
  readonly config: AgentConfig;
  /** Told as soon as there is something to stop, and again when that has grown. */
  readonly onStarted: (simulator: Simulator) => void;
}

/** Starts the engine of one pod, makes it reachable, and lets the pod become ready. */
export async function serveEndpoint(pod: Pod, options: ServeOptions): Promise<void> {
  const { client, config, onStarted } = options;
  const endpoint = findEndpoint(pod);
  if (endpoint === undefined) return;
  const logFile = join(
    config.podLogsDirectory,
    `${podKey(pod, '_')}_${pod.metadata.uid ?? ''}.log`,
  );
  const env = await readContainerEnv(client, pod, endpoint.container);
  const command = readEngineCommand(endpoint.container, env);
  const { simulatorArgs: args } = command;
  const simulator = await startSimulator({ program: config.simulatorProgram, pod, args, logFile });
  onStarted(simulator);
  await waitUntilHealthy(simulator);
  const { ports, ...reachable } = await withFronts(simulator, command, endpoint);
  onStarted(reachable);

  await apply(client, pod, 'PortForward', {
    forwards: ports.map((port, index) => ({
      ports: [endpoint.containerPorts[index]],
      target: { address: loopback, port },
    })),
  });
  await apply(client, pod, 'Logs', podLogs(endpoint, logFile, config));
  await reportServing(client, pod);
}

/** Puts before the simulator, for each port of the pod, what it does not do itself. */
async function withFronts(
  simulator: Simulator,
  { apiKey, sglang, dataRanks, isPortPerRank }: EngineCommand,
  { containerPorts }: Endpoint,
): Promise<Simulator & { readonly ports: readonly number[] }> {
  const target = { port: simulator.port, rankMetrics: new RankMetrics(dataRanks) };
  const fronts = await Promise.all(
    containerPorts.map((_, index) => {
      const ranks = isPortPerRank ? dataRanks.slice(index, index + 1) : dataRanks;
      return startEngineFront({ apiKey, sglang, dataRanks: ranks }, target);
    }),
  );
  const closeFronts = (): void => {
    for (const front of fronts) {
      front.close();
      front.closeAllConnections();
    }
  };
  // Nothing listens for a dead engine: kwok passes on a refused connection, but not one that ends.
  void simulator.ended.then(closeFronts);
  const stop = (): void => {
    closeFronts();
    simulator.stop();
  };
  return { ...simulator, ports: fronts.map(portOf), stop };
}

function podLogs({ container }: Endpoint, logFile: string, config: AgentConfig): object {
  return {
    logs: [
      { containers: [container.name], logsFile: logFile },
      { logsFile: silentLogFile(config.podLogsDirectory) },
    ],
  };
}

async function apply(
  client: ApiClient,
  pod: Pod,
  kind: 'PortForward' | 'Logs',
  spec: object,
): Promise<void> {
  const { name, namespace = 'default', uid = '' } = pod.metadata;
  const object = {
    apiVersion: 'kwok.x-k8s.io/v1alpha1',
    kind,
    metadata: {
      name,
      namespace,
      // Kubernetes' own garbage collection removes it with the pod.
      ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name, uid }],
    },
    spec,
  };
  await client.apply(resourcePath(kind, namespace), object);
}

async function reportServing(client: ApiClient, { metadata }: Pod): Promise<void> {
  const { name, namespace = 'default', uid } = metadata;
  const lastTransitionTime = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  await client.send({
    method: 'PATCH',
    path: `/api/v1/namespaces/${namespace}/pods/${name}/status`,
    contentType: 'application/strategic-merge-patch+json',
    body: {
      // Makes the server refuse if the pod was recreated meanwhile.
      metadata: { uid },
      status: { conditions: [{ type: servingCondition, status: 'True', lastTransitionTime }] },
    },
  });
}
