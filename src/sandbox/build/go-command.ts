import { spawn } from 'node:child_process';
import { setPriority } from 'node:os';

import { DsdeployError } from '../../errors/index.ts';

/** Lower than interactive work: a build takes minutes and the laptop is in use. */
const niceness = 5;

const keptOutputBytes = 64 * 1024;

export interface GoCommandOptions {
  readonly directory: string;
  /** What is being done, for messages: "build etcd". */
  readonly purpose: string;
  readonly signal?: AbortSignal;
}

/** Runs `go` in a workspace and returns its standard output. */
export async function runGo(args: readonly string[], options: GoCommandOptions): Promise<string> {
  const { code, stdout, stderr } = await spawnGo(args, options);
  if (code === 0) return stdout;
  throw goError(stderr, options.purpose);
}

interface GoResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function spawnGo(args: readonly string[], options: GoCommandOptions): Promise<GoResult> {
  return new Promise((resolve, reject) => {
    const child = spawn('go', args, {
      cwd: options.directory,
      // The workspace alone decides: no go.work above it, no flags of the user, no C compiler.
      env: { ...process.env, CGO_ENABLED: '0', GOWORK: 'off', GOFLAGS: '-mod=readonly' },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    if (child.pid !== undefined) lowerPriority(child.pid);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-keptOutputBytes);
    });
    child.on('error', (error) => {
      reject(spawnError(error, options));
    });
    child.on('close', (code) => {
      resolve({ code, stdout, stderr });
    });
  });
}

function lowerPriority(pid: number): void {
  try {
    setPriority(pid, niceness);
  } catch {
    // Only comfort: some containers forbid it, and the process may have ended already.
  }
}

function spawnError(error: Error, { purpose, signal }: GoCommandOptions): Error {
  if (signal?.aborted) {
    return new DsdeployError('INTERRUPTED', `Cannot ${purpose}: interrupted`, { cause: error });
  }
  return new DsdeployError('SANDBOX_GO_MISSING', `Cannot ${purpose}: "go" does not run`, {
    hint: 'Install Go 1.26 or newer (go.dev/dl) and make sure `go version` works in this shell.',
    cause: error,
  });
}

/** Turns the output of a failed `go` run into an error with a next step. */
export function goError(stderr: string, purpose: string): DsdeployError {
  const lastLines = stderr.trim().split('\n').slice(-12).join('\n');
  if (/no space left on device/i.test(stderr)) return diskFullError(purpose, lastLines);
  return new DsdeployError('SANDBOX_BUILD_FAILED', `Cannot ${purpose}: ${lastLines}`, {
    hint: 'Check the lines above; the build needs Go 1.26 and a reachable Go module proxy (`go env GOPROXY`).',
  });
}

export function diskFullError(purpose: string, cause: unknown): DsdeployError {
  return new DsdeployError('SANDBOX_DISK_FULL', `Cannot ${purpose}: no space left on the disk`, {
    hint: 'Free 6 GB (binaries 0.5 GB, Go caches the rest), or point XDG_CACHE_HOME, GOCACHE and GOMODCACHE at another disk.',
    cause,
  });
}
