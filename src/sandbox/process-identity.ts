import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * A process that cannot be mistaken for a later one with the same pid.
 *
 * `startedAt` is opaque: on Linux the boot id and the start tick, elsewhere what `ps` prints.
 */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startedAt: string;
}

interface ProcessStat {
  readonly startedAt: string;
  readonly isZombie: boolean;
}

/** Returns the identity of a running process, or `undefined` when there is none. */
export function readProcessIdentity(pid: number): ProcessIdentity | undefined {
  const stat = process.platform === 'linux' ? readProcStat(pid) : readPsStat(pid);
  // A zombie has exited and only waits to be collected by its parent.
  return stat === undefined || stat.isZombie ? undefined : { pid, startedAt: stat.startedAt };
}

/** Tells whether exactly this process still runs; false for a recycled pid. */
export function isRunning(identity: ProcessIdentity): boolean {
  return readProcessIdentity(identity.pid)?.startedAt === identity.startedAt;
}

/**
 * Sends a signal to the process group that `identity` leads, and only if it still runs.
 *
 * Every sandbox process is started detached, hence as the leader of its own group.
 */
export function signalGroup(identity: ProcessIdentity, signal: NodeJS.Signals): void {
  if (!isRunning(identity)) return;
  try {
    process.kill(-identity.pid, signal);
  } catch (error) {
    // It ended between the check and the signal, which is what was wanted.
    if (!isMissingProcess(error)) throw error;
  }
}

/** Parses `/proc/<pid>/stat`; the command name in it may hold spaces and parentheses. */
export function parseProcStat(text: string, bootId: string): ProcessStat | undefined {
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .trim()
    .split(' ');
  const [state] = fields;
  // Field 22 of the whole line is the start tick; fields here begin with number 3.
  const startTick = fields[22 - 3];
  if (state === undefined || startTick === undefined) return undefined;
  return { startedAt: `${bootId}:${startTick}`, isZombie: state === 'Z' || state === 'X' };
}

function readProcStat(pid: number): ProcessStat | undefined {
  try {
    const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return parseProcStat(readFileSync(`/proc/${String(pid)}/stat`, 'utf8'), bootId);
  } catch {
    return undefined; // no such process
  }
}

function readPsStat(pid: number): ProcessStat | undefined {
  try {
    const text = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
    const [stat = '', ...start] = text.split(/\s+/);
    if (start.length === 0) return undefined;
    return { startedAt: start.join(' '), isZombie: stat.startsWith('Z') };
  } catch {
    return undefined; // ps exits 1 when there is no such process
  }
}

function isMissingProcess(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ESRCH';
}
