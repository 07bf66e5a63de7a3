import { resolve } from 'node:path';

import { type ExitCode, exitCode } from '../../errors/index.ts';
import {
  renderSandboxDown,
  renderSandboxState,
  renderSandboxStatus,
} from '../../ui/text/sandbox.ts';
import type { Context } from '../context.ts';
import { parseNodes } from '../options/parse-nodes.ts';
import type { SandboxPort } from './sandbox-port.ts';
import { type ResultArgs, withSession } from './with-session.ts';

export interface SandboxArgs extends ResultArgs {
  readonly name: string;
  readonly directory?: string | undefined;
}

export interface SandboxUpArgs extends SandboxArgs {
  readonly nodes: string;
}

const apiVersion = 'dsdeploy/v1' as const;

/** Starts a sandbox and prints where its kubeconfig lies. */
export function runSandboxUp(args: SandboxUpArgs, context: Context): Promise<ExitCode> {
  const nodes = parseNodes(args.nodes);
  return withSession(args, context, async ({ host, print }) => {
    const sandbox = await context.openSandbox();
    const state = await sandbox.start({
      name: args.name,
      directory: directoryOf(args, sandbox),
      nodes,
      signal: context.signal,
      onProgress: (text) => {
        host.notify({ code: 'STEP', level: 'info', text });
      },
    });
    print({ document: state, render: (style) => renderSandboxState(state, style) });
    return exitCode.done;
  });
}

/** Stops a sandbox; there being none is fine. */
export function runSandboxDown(args: SandboxArgs, context: Context): Promise<ExitCode> {
  return withSession(args, context, async ({ host, print }) => {
    const sandbox = await context.openSandbox();
    const directory = directoryOf(args, sandbox);
    host.notify({ code: 'STEP', level: 'info', text: `Stopping the sandbox in ${directory}` });
    const result = await sandbox.stop(directory);
    print({
      document: { apiVersion, kind: 'SandboxStopResult', directory, ...result },
      render: (style) => renderSandboxDown({ ...result, directory }, style),
    });
    return exitCode.done;
  });
}

/** Tells whether a sandbox runs. */
export function runSandboxStatus(args: SandboxArgs, context: Context): Promise<ExitCode> {
  return withSession(args, context, async ({ print }) => {
    const sandbox = await context.openSandbox();
    const status = await sandbox.readStatus(directoryOf(args, sandbox));
    print({
      document: { apiVersion, kind: 'SandboxStatus', ...status },
      render: (style) => renderSandboxStatus(status, style),
    });
    return status.phase === 'running' ? exitCode.done : exitCode.notHealthy;
  });
}

function directoryOf({ name, directory }: SandboxArgs, sandbox: SandboxPort): string {
  return directory === undefined ? sandbox.defaultDirectory(name) : resolve(directory);
}
