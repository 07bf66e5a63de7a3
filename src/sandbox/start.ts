import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';

import { DsdeployError } from '../errors/index.ts';
import { BootSession } from './boot/boot-session.ts';
import { kubernetesVersion } from './boot/component.ts';
import { ensureSandboxBinaries, type SandboxBinaries } from './build/binaries.ts';
import { explainFileErrors, isMissingFile } from './file-error.ts';
import { withInterruption } from './interruption.ts';
import { contextName } from './kubeconfig.ts';
import { makeDirectory } from './make-directory.ts';
import { defaultNodePools, type NodePoolOption, nodeObjects, planNodes } from './node-pool.ts';
import { defaultSandboxDirectory, sandboxPaths } from './paths.ts';
import { readProcessIdentity } from './process-identity.ts';
import { createSandboxState, type SandboxState } from './state.ts';
import { readSandboxStatus } from './status.ts';
import { stopSandbox } from './stop.ts';

/** Boots tried when another program takes a chosen port. */
const maxAttempts = 3;

export interface SandboxOptions {
  /**
   * DNS label that tells sandboxes apart.
   *
   * @default 'default'
   */
  readonly name?: string;
  /**
   * Folder for everything the sandbox writes; new or empty.
   *
   * @default `${XDG_STATE_HOME:-~/.local/state}/dsdeploy/sandbox/<name>`
   */
  readonly directory?: string;
  /** @default two nodes of kind h200 */
  readonly nodes?: readonly NodePoolOption[];
  /**
   * Time from a pod's containers running to the pod being ready.
   *
   * @default 0
   */
  readonly podReadyDelayMs?: number;
  /** @default - the shared cache of this user */
  readonly cacheDirectory?: string;
  readonly onProgress?: (message: string) => void;
  /** @default - SIGINT and SIGTERM of this process are caught while the boot runs */
  readonly signal?: AbortSignal;
}

/**
 * Starts a sandbox and returns when a LeaderWorkerSet can be applied to it; it then outlives this
 * process. One that runs already is returned as it is.
 *
 * A boot that fails or is interrupted leaves no process and no file.
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<SandboxState> {
  const { name = 'default', onProgress = () => undefined } = options;
  if (!/^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/.test(name)) {
    throw new DsdeployError(
      'USAGE',
      `Cannot start sandbox "${name}": the name is not a DNS label`,
      {
        hint: 'Use up to 40 lower-case letters, digits and dashes.',
      },
    );
  }
  // Components run in another folder, so a relative path would mean something else to them.
  const directory = resolve(options.directory ?? defaultSandboxDirectory(name));
  return explainFileErrors(() => reuseOrStart({ ...options, name, directory, onProgress }));
}

type ResolvedOptions = SandboxOptions & { readonly name: string; readonly directory: string };

async function reuseOrStart(
  options: ResolvedOptions & { readonly onProgress: (message: string) => void },
): Promise<SandboxState> {
  const { name, directory, onProgress } = options;
  const existing = await reuseOrClear(directory, onProgress);
  if (existing !== undefined) return existing;

  return withInterruption(options.signal, async (signal) => {
    const programs = await ensureSandboxBinaries({ ...options, signal });
    onProgress(`Starting sandbox "${name}" in ${directory}`);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await bootOnce(options, programs, signal);
      } catch (error) {
        if (!isPortTaken(error) || attempt === maxAttempts) throw error;
        onProgress('Another program took a port; choosing other ports');
      }
    }
  });
}

/** Returns a sandbox that runs; removes what is left of one that does not. */
async function reuseOrClear(
  directory: string,
  onProgress: (message: string) => void,
): Promise<SandboxState | undefined> {
  const { phase, state, processes } = await readSandboxStatus(directory);
  if (phase === 'absent') {
    await assertEmpty(directory);
    return undefined;
  }
  if (phase === 'running') {
    onProgress(`Sandbox "${state?.name ?? ''}" already runs; nothing was changed`);
    return state;
  }
  if (phase === 'starting') {
    throw busyError(directory);
  }
  if (phase === 'degraded' && state?.phase === 'running') {
    const ended = processes.filter(({ isRunning }) => !isRunning).map((process) => process.name);
    throw new DsdeployError(
      'SANDBOX_DEGRADED',
      `Cannot use the sandbox: ${ended.join(', ')} ended`,
      {
        subject: directory,
        hint: 'Run `dsdeploy sandbox down`, then `dsdeploy sandbox up`; its objects are lost.',
      },
    );
  }
  onProgress('Removing what is left of an earlier sandbox');
  await stopSandbox(directory);
  return undefined;
}

async function assertEmpty(directory: string): Promise<void> {
  const names = await readdir(directory).catch((error: unknown) => {
    if (isMissingFile(error)) return [];
    throw error;
  });
  if (names.length === 0) return;
  throw new DsdeployError(
    'SANDBOX_STATE_INVALID',
    `Cannot start a sandbox in ${directory}: the folder holds other files`,
    {
      subject: directory,
      hint: 'Name a new or empty folder; a sandbox removes its folder when it stops.',
    },
  );
}

async function bootOnce(
  options: ResolvedOptions,
  programs: SandboxBinaries,
  signal: AbortSignal,
): Promise<SandboxState> {
  const { name, directory, nodes: pools = defaultNodePools } = options;
  const paths = sandboxPaths(directory);
  const session = new BootSession(initialState(options, programs), signal);
  await makeDirectory(directory, 0o700);
  if (!(await createSandboxState(session.state))) throw busyError(directory);
  try {
    // Certificates and HTTP take long to load; `status` and `down` do without.
    const { boot } = await import('./boot/boot.ts');
    const nodes = nodeObjects(pools, kubernetesVersion);
    const podReadyDelayMs = options.podReadyDelayMs ?? 0;
    const serverUrl = await boot({ name, paths, programs, nodes, podReadyDelayMs }, session);
    await session.update({ phase: 'running', serverUrl });
    return session.state;
  } catch (error) {
    await session.close();
    await stopSandbox(directory);
    throw error;
  }
}

function initialState(
  { name, directory, nodes = defaultNodePools }: ResolvedOptions,
  programs: SandboxBinaries,
): SandboxState {
  const starter = readProcessIdentity(process.pid);
  if (starter === undefined) throw new Error('this process cannot find itself');
  return {
    apiVersion: 'dsdeploy/v1',
    kind: 'Sandbox',
    name,
    phase: 'starting',
    directory,
    kubeconfigPath: sandboxPaths(directory).kubeconfigFile,
    context: contextName(name),
    serverUrl: '',
    processes: {},
    starter,
    nodes: planNodes(nodes).map(({ name: node, pool }) => ({ name: node, kind: pool.kind })),
    binaries: programs.binaries,
    versions: programs.versions,
  };
}

function busyError(directory: string): DsdeployError {
  return new DsdeployError('SANDBOX_BUSY', 'Cannot start the sandbox: another command starts it', {
    subject: directory,
    hint: 'Wait for the other command, or start one with another --name.',
  });
}

function isPortTaken(error: unknown): boolean {
  return error instanceof DsdeployError && error.code === 'SANDBOX_PORT_TAKEN';
}
