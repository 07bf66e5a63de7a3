import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { BootSession } from '../../../src/sandbox/boot/boot-session.ts';
import { sandboxPaths } from '../../../src/sandbox/paths.ts';
import { isRunning } from '../../../src/sandbox/process-identity.ts';
import { readSandboxState } from '../../../src/sandbox/state.ts';
import { endProcesses } from '../../../src/sandbox/stop.ts';
import { aSandboxState } from '../sandbox-state.ts';

const notYet = (): Promise<void> => Promise.reject(new Error('not yet'));

let directory: string;
let controller: AbortController;
let session: BootSession;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'dsdeploy-session-'));
  mkdirSync(sandboxPaths(directory).logs);
  controller = new AbortController();
  session = new BootSession(aSandboxState({ directory }), controller.signal);
});

afterEach(async () => {
  await session.close();
  await endProcesses(Object.values(session.state.processes));
  rmSync(directory, { recursive: true });
});

describe('BootSession', () => {
  test('notes every process in the state file, also of parallel starts', async () => {
    await Promise.all([
      session.start('etcd', 'sleep', ['60']),
      session.start('kwok', 'sleep', ['60']),
    ]);
    const state = await readSandboxState(directory);
    expect(Object.keys(state?.processes ?? {}).sort()).toEqual(['etcd', 'kwok']);
    expect(Object.values(state?.processes ?? {}).every(isRunning)).toBe(true);
  });

  test('fails with the log of whichever component ends', async () => {
    await session.start('kwok', 'sleep', ['60']);
    await session.start('etcd', 'sh', ['-c', 'sleep 0.1; echo "data is torn" >&2; exit 3']);
    const wait = session.waitFor('kwok', 10_000, notYet);
    await expect(wait).rejects.toMatchObject({
      code: 'SANDBOX_BOOT_FAILED',
      message: expect.stringContaining('Cannot start etcd: it ended with code 3\ndata is torn'),
    });
  });

  test('fails when a component does not get to work in time', async () => {
    await session.start('kwok', 'sleep', ['60']);
    await expect(session.waitFor('kwok', 100, notYet)).rejects.toThrow(
      'does not work after 0.1 s: not yet',
    );
  });

  test('starts nothing after an interruption', async () => {
    controller.abort();
    const start = session.start('etcd', 'sleep', ['60']);
    await expect(start).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(session.state.processes).toEqual({});
  });
});
