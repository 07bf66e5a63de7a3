import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { withBuildLock } from '../../../src/sandbox/build/build-lock.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'dsdeploy-lock-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

describe('withBuildLock()', () => {
  test('lets one task run at a time and tells who is waited for', async () => {
    const file = join(directory, 'versions', 'lock');
    const waits: number[] = [];
    let running = 0;
    let most = 0;
    const waited = Promise.withResolvers<number>();
    // Holds the lock until the other has found it taken.
    const task = async (): Promise<void> => {
      running += 1;
      most = Math.max(most, running);
      await waited.promise;
      running -= 1;
    };
    const onWait = (pid: number): void => {
      waits.push(pid);
      waited.resolve(pid);
    };
    await Promise.all([withBuildLock(file, onWait, task), withBuildLock(file, onWait, task)]);
    expect(most).toBe(1);
    expect(waits).toEqual([process.pid]);
    expect(existsSync(file)).toBe(false);
  });

  test('takes over the lock of a process that ended', async () => {
    const file = join(directory, 'lock');
    // Our pid with another start: a recycled pid.
    writeFileSync(file, JSON.stringify({ pid: process.pid, startedAt: 'before the last boot' }));
    await expect(
      withBuildLock(
        file,
        () => undefined,
        () => Promise.resolve('built'),
      ),
    ).resolves.toBe('built');
  });

  test('releases the lock when the task fails', async () => {
    const file = join(directory, 'lock');
    const failing = withBuildLock(
      file,
      () => undefined,
      () => Promise.reject(new Error('boom')),
    );
    await expect(failing).rejects.toThrow('boom');
    expect(existsSync(file)).toBe(false);
  });
});
