import { existsSync, readFileSync } from 'node:fs';

import { PodServers } from './agent/pod-servers.ts';
import { watchPods } from './agent/pod-watch.ts';
import type { AgentConfig } from './agent-config.ts';
import { ApiClient } from './api-client.ts';

const goneCheckMs = 2_000;

/** Runs the agent with the configuration file named on the command line, until it is ended. */
async function runAgent(configFile: string): Promise<never> {
  const config = JSON.parse(readFileSync(configFile, 'utf8')) as AgentConfig; // written by boot
  const client = new ApiClient(config);
  const servers = new PodServers(client, config, log);
  const end = (): never => {
    servers.stopAll();
    process.exit(0);
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  // A sandbox whose directory was removed by hand has no one left to end its agent.
  setInterval(() => {
    if (!existsSync(config.stateFile)) end();
  }, goneCheckMs);
  return watchPods(client, servers);
}

function log(message: string): void {
  process.stdout.write(`${new Date().toISOString()} ${message}\n`);
}

const [, , configFile = ''] = process.argv;
await runAgent(configFile);
