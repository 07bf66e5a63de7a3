import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where everything of one sandbox lies; nothing is written outside `directory`. */
export interface SandboxPaths {
  readonly directory: string;
  /** Marker and state; a directory without it is never removed. */
  readonly stateFile: string;
  readonly kubeconfigFile: string;
  readonly certificates: string;
  readonly configs: string;
  readonly etcdData: string;
  readonly logs: string;
  readonly podLogs: string;
  /** Simulator processes, kept by the agent. */
  readonly simulatorsFile: string;
}

export function sandboxPaths(directory: string): SandboxPaths {
  return {
    directory,
    stateFile: join(directory, 'sandbox.json'),
    kubeconfigFile: join(directory, 'kubeconfig'),
    certificates: join(directory, 'certificates'),
    configs: join(directory, 'configs'),
    etcdData: join(directory, 'etcd'),
    logs: join(directory, 'logs'),
    podLogs: join(directory, 'pod-logs'),
    simulatorsFile: join(directory, 'simulators.json'),
  };
}

export interface BaseDirectoryOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Returns `${XDG_STATE_HOME:-~/.local/state}/dsdeploy/sandbox/<name>`. */
export function defaultSandboxDirectory(name: string, options: BaseDirectoryOptions = {}): string {
  const { env = process.env } = options;
  const base = xdgDirectory(env['XDG_STATE_HOME']) ?? join(homedir(), '.local', 'state');
  return join(base, 'dsdeploy', 'sandbox', name);
}

/** Returns `${XDG_CACHE_HOME:-~/.cache}/dsdeploy/sandbox`. */
export function defaultCacheDirectory(options: BaseDirectoryOptions = {}): string {
  const { env = process.env } = options;
  return join(
    xdgDirectory(env['XDG_CACHE_HOME']) ?? join(homedir(), '.cache'),
    'dsdeploy',
    'sandbox',
  );
}

// The XDG specification tells programs to ignore empty and relative values.
function xdgDirectory(value: string | undefined): string | undefined {
  return value?.startsWith('/') ? value : undefined;
}
