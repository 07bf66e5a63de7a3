import { isRunning } from './process-identity.ts';
import { readSandboxState, type SandboxState } from './state.ts';

/**
 * - `absent`: no sandbox in the directory.
 * - `starting`: a boot is under way.
 * - `running`: every process runs.
 * - `degraded`: some processes ended.
 * - `stopped`: all ended, as after a reboot; only the directory is left.
 */
export type SandboxPhase = 'absent' | 'starting' | 'running' | 'degraded' | 'stopped';

export interface SandboxProcessStatus {
  readonly name: string;
  readonly pid: number;
  readonly isRunning: boolean;
}

export interface SandboxStatus {
  readonly phase: SandboxPhase;
  readonly directory: string;
  readonly processes: readonly SandboxProcessStatus[];
  readonly state: SandboxState | undefined;
}

/** Reads what the sandbox in `directory` was made of and which of its processes still run. */
export async function readSandboxStatus(directory: string): Promise<SandboxStatus> {
  const state = await readSandboxState(directory);
  if (state === undefined) return { phase: 'absent', directory, processes: [], state };
  const processes = Object.entries(state.processes).map(([name, identity]) => ({
    name,
    pid: identity.pid,
    isRunning: isRunning(identity),
  }));
  return { phase: phaseOf(state, processes), directory, processes, state };
}

function phaseOf(state: SandboxState, processes: readonly SandboxProcessStatus[]): SandboxPhase {
  if (state.phase === 'starting' && isRunning(state.starter)) return 'starting';
  if (!processes.some((process) => process.isRunning)) return 'stopped';
  const isWhole = state.phase === 'running' && processes.every((process) => process.isRunning);
  return isWhole ? 'running' : 'degraded';
}
