import { readFile, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import { DsdeployError } from '../errors/index.ts';
import { type SandboxPaths, sandboxPaths } from './paths.ts';
import { isRunning, type ProcessIdentity, signalGroup } from './process-identity.ts';
import { readSandboxState } from './state.ts';

const pollMs = 25;

/** How long components may take to end by themselves: short, for nothing they would save is kept. */
const termGraceMs = 500;

const killGraceMs = 5_000;

export interface StopResult {
  /** False when there was no sandbox in the directory. */
  readonly wasPresent: boolean;
  readonly stoppedProcesses: number;
}

/**
 * Ends every process of the sandbox and removes its directory.
 *
 * A process is recognised by pid and start time, so another program that got a recycled pid is
 * never touched. A directory without `sandbox.json` is never removed.
 */
export async function stopSandbox(directory: string): Promise<StopResult> {
  const state = await readSandboxState(directory);
  if (state === undefined) return { wasPresent: false, stoppedProcesses: 0 };
  const paths = sandboxPaths(directory);
  const stopped = await endProcesses(Object.values(state.processes));
  // The agent takes its simulators along; these are left only if it was killed.
  await endProcesses(await readSimulators(paths));
  // A component that was just killed may still have a last write under way.
  await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  return { wasPresent: true, stoppedProcesses: stopped };
}

/** Ends processes with SIGTERM, then SIGKILL, and returns how many were running. */
export async function endProcesses(identities: readonly ProcessIdentity[]): Promise<number> {
  const running = identities.filter(isRunning);
  for (const identity of running) signalGroup(identity, 'SIGTERM');
  if (!(await waitForEnd(running, termGraceMs))) {
    for (const identity of running) signalGroup(identity, 'SIGKILL');
    if (!(await waitForEnd(running, killGraceMs))) throw stillRunningError(running);
  }
  return running.length;
}

async function waitForEnd(
  identities: readonly ProcessIdentity[],
  timeoutMs: number,
): Promise<boolean> {
  const deadlineMs = performance.now() + timeoutMs;
  while (identities.some(isRunning)) {
    if (performance.now() >= deadlineMs) return false;
    await sleep(pollMs);
  }
  return true;
}

async function readSimulators(paths: SandboxPaths): Promise<ProcessIdentity[]> {
  const text = await readFile(paths.simulatorsFile, 'utf8').catch(() => '[]'); // none was started
  return JSON.parse(text) as ProcessIdentity[]; // written by our agent, in one step
}

function stillRunningError(identities: readonly ProcessIdentity[]): DsdeployError {
  const pids = identities.filter(isRunning).map(({ pid }) => pid);
  return new DsdeployError(
    'SANDBOX_STOP_FAILED',
    `Cannot stop the sandbox: processes ${pids.join(', ')} ignore SIGKILL`,
    { hint: 'Look at their state with `ps`; a process in state D waits for a disk.' },
  );
}
