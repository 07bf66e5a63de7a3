import { open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { isExistingFile } from '../file-error.ts';
import { makeDirectory } from '../make-directory.ts';
import { isRunning, type ProcessIdentity, readProcessIdentity } from '../process-identity.ts';

const pollMs = 500;

/** Time after which a lock file that names no process is taken to be left over. */
const unreadableGraceMs = 5_000;

/**
 * Runs `task` while no other process holds the lock file, and waits for its turn before that.
 *
 * A lock whose holder has died is removed. Two waiters may both remove it in the same instant and
 * then both run: outputs are renamed into place, so that costs time and nothing else.
 */
export async function withBuildLock<Result>(
  file: string,
  onWait: (holderPid: number) => void,
  task: () => Promise<Result>,
): Promise<Result> {
  await makeDirectory(dirname(file));
  await acquire(file, onWait);
  try {
    return await task();
  } finally {
    await rm(file, { force: true });
  }
}

async function acquire(file: string, onWait: (holderPid: number) => void): Promise<void> {
  let announced = false;
  let unreadableMs = 0;
  while (!(await tryCreate(file))) {
    const holder = await readHolder(file);
    unreadableMs = holder === undefined ? unreadableMs + pollMs : 0;
    const isStale = holder === undefined ? unreadableMs > unreadableGraceMs : !isRunning(holder);
    if (isStale) {
      await rm(file, { force: true });
      continue;
    }
    if (holder !== undefined && !announced) {
      announced = true;
      onWait(holder.pid);
    }
    await sleep(pollMs);
  }
}

async function tryCreate(file: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx');
    try {
      await handle.writeFile(JSON.stringify(readProcessIdentity(process.pid)));
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    if (isExistingFile(error)) return false;
    throw error;
  }
}

async function readHolder(file: string): Promise<ProcessIdentity | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    return isIdentity(value) ? value : undefined;
  } catch {
    return undefined; // just released, or just created and not written yet
  }
}

function isIdentity(value: unknown): value is ProcessIdentity {
  return (
    typeof value === 'object' &&
    value !== null &&
    'pid' in value &&
    typeof value.pid === 'number' &&
    'startedAt' in value &&
    typeof value.startedAt === 'string'
  );
}
