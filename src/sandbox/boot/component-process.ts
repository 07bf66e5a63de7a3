import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { DsdeployError } from '../../errors/index.ts';
import type { SandboxPaths } from '../paths.ts';
import { type ProcessIdentity, readProcessIdentity } from '../process-identity.ts';

/** Lines of a component's log that an error quotes. */
const quotedLogLines = 8;

/** Programs that run; the agent is ours, the others are components. */
export type ProcessName =
  | 'etcd'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'kwok'
  | 'lws-manager'
  | 'agent';

export interface ComponentCommand {
  readonly name: ProcessName;
  readonly program: string;
  readonly args: readonly string[];
}

/** A started component, watched for as long as this process lives. */
export interface ComponentProcess {
  readonly name: ProcessName;
  readonly identity: ProcessIdentity;
  /** Exit as "code 1" or "signal SIGKILL"; `undefined` while it runs. */
  exit(): string | undefined;
}

/**
 * Starts a program that outlives this process: own process group, output to its log file.
 */
export async function startComponent(
  command: ComponentCommand,
  paths: SandboxPaths,
): Promise<ComponentProcess> {
  const log = openSync(logFile(paths, command.name), 'a');
  let exit: string | undefined;
  const child = spawn(command.program, command.args, {
    cwd: paths.directory,
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  child.on('exit', (code, signal) => {
    exit = signal === null ? `code ${String(code)}` : `signal ${signal}`;
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) => {
      reject(
        new DsdeployError('SANDBOX_BOOT_FAILED', `Cannot start ${command.name}: ${cause.message}`, {
          subject: command.program,
          cause,
        }),
      );
    });
  });
  child.unref();
  const identity = child.pid === undefined ? undefined : readProcessIdentity(child.pid);
  if (identity === undefined) throw await bootError(command.name, 'ended at once', paths);
  return { name: command.name, identity, exit: () => exit };
}

export function logFile(paths: SandboxPaths, name: ProcessName): string {
  return join(paths.logs, `${name}.log`);
}

/** Builds the error for a component that failed, quoting the end of its log. */
export async function bootError(
  name: ProcessName,
  problem: string,
  paths: SandboxPaths,
): Promise<DsdeployError> {
  const log = await readFile(logFile(paths, name), 'utf8').catch(() => '');
  const lastLines = log.trim().split('\n').slice(-quotedLogLines).join('\n');
  if (/address already in use/i.test(log)) {
    return new DsdeployError('SANDBOX_PORT_TAKEN', `Cannot start ${name}: ${lastLines}`, {
      hint: 'Run the command again; another program took a port between its choice and its use.',
    });
  }
  return new DsdeployError(
    'SANDBOX_BOOT_FAILED',
    `Cannot start ${name}: it ${problem}\n${lastLines}`,
    {
      hint: 'Run `dsdeploy sandbox down` and `up` again; if it fails the same way, report the lines above.',
    },
  );
}
