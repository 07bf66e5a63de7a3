import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

import { request } from 'undici';

import { findFreePort, loopback } from '../ports.ts';
import {
  isRunning,
  type ProcessIdentity,
  readProcessIdentity,
  signalGroup,
} from '../process-identity.ts';
import { writeContainerLog } from './container-log.ts';
import type { Pod } from './pod.ts';

const pollMs = 50;
const startTimeoutMs = 20_000;

/** One simulator process behind one pod. */
export interface Simulator {
  readonly port: number;
  readonly identity: ProcessIdentity;
  /** Resolves when the process is gone, whoever ended it. */
  readonly ended: Promise<unknown>;
  stop(): void;
}

export interface StartSimulatorOptions {
  readonly program: string;
  readonly pod: Pod;
  /** All but the port. */
  readonly args: readonly string[];
  readonly logFile: string;
}

/** Starts a simulator in its own process group. */
export async function startSimulator(options: StartSimulatorOptions): Promise<Simulator> {
  const { program, pod, args, logFile } = options;
  const port = await findFreePort();
  const child = spawn(program, [...args, '--port', String(port)], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'] ?? '',
      // Named in the answer's headers, which shows which group answered.
      POD_NAME: pod.metadata.name,
      POD_NAMESPACE: pod.metadata.namespace ?? 'default',
    },
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  const identity = child.pid === undefined ? undefined : readProcessIdentity(child.pid);
  if (identity === undefined) throw new Error('simulator ended at once');
  // It holds nothing worth saving.
  const stop = (): void => {
    signalGroup(identity, 'SIGKILL');
  };
  try {
    writeContainerLog(logFile, { stdout: child.stdout, stderr: child.stderr });
  } catch (error) {
    stop();
    throw error;
  }
  return { port, identity, ended, stop };
}

/** Waits until the endpoint answers its health check. */
export async function waitUntilHealthy({ port, identity }: Simulator): Promise<void> {
  const deadlineMs = performance.now() + startTimeoutMs;
  for (;;) {
    try {
      const { statusCode, body } = await request(`http://${loopback}:${String(port)}/health`);
      await body.dump();
      if (statusCode === 200) return;
    } catch {
      // Not listening yet.
    }
    if (!isRunning(identity)) {
      throw new Error('simulator ended before it answered');
    }
    if (performance.now() >= deadlineMs) throw new Error('simulator does not answer /health');
    await sleep(pollMs);
  }
}
