import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import {
  defaultSandboxDirectory,
  readSandboxStatus,
  startSandbox,
  stopSandbox,
} from '../../src/sandbox/index.ts';
import { readProcessIdentity } from '../../src/sandbox/process-identity.ts';
import { createSandboxState } from '../../src/sandbox/state.ts';
import { aSandboxState } from './sandbox-state.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'dsdeploy-start-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

describe('startSandbox()', () => {
  test('refuses a folder that holds other files', async () => {
    writeFileSync(join(directory, 'thesis.txt'), 'years of work');
    await expect(startSandbox({ directory })).rejects.toMatchObject({
      code: 'SANDBOX_STATE_INVALID',
    });
  });

  test('refuses a folder, or a cache, below a file', async () => {
    const file = join(directory, 'a-file');
    writeFileSync(file, '');
    await expect(startSandbox({ directory: join(file, 'sandbox') })).rejects.toMatchObject({
      code: 'FILE_UNWRITABLE',
    });
    await expect(
      startSandbox({ directory: join(directory, 'new'), cacheDirectory: join(file, 'cache') }),
    ).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' });
  });

  // Node's own recursive mkdir never returns there.
  test.skipIf(!existsSync('/proc/self'))('refuses a cache under /proc', async () => {
    const refused = '/proc/dsdeploy';
    const error = { code: 'FILE_UNWRITABLE', subject: refused };
    await expect(
      startSandbox({ directory: join(directory, 'new'), cacheDirectory: join(refused, 'cache') }),
    ).rejects.toMatchObject(error);
  });

  test('refuses a name that is not a DNS label', async () => {
    await expect(startSandbox({ directory, name: '../up' })).rejects.toMatchObject({
      code: 'USAGE',
    });
  });

  test('returns a sandbox that runs already', async () => {
    const starter = ownIdentity();
    const state = aSandboxState({ directory, starter, processes: { etcd: starter } });
    await createSandboxState(state);
    const messages: string[] = [];
    const onProgress = (message: string): void => {
      messages.push(message);
    };
    await expect(startSandbox({ directory, onProgress })).resolves.toEqual(state);
    expect(messages).toEqual(['Sandbox "test" already runs; nothing was changed']);
  });

  test('refuses a sandbox that another command is starting', async () => {
    await createSandboxState(
      aSandboxState({ directory, phase: 'starting', starter: ownIdentity() }),
    );
    await expect(startSandbox({ directory })).rejects.toMatchObject({ code: 'SANDBOX_BUSY' });
  });

  test('refuses a sandbox of which a part has ended', async () => {
    const etcd = ownIdentity();
    const kwok = { ...etcd, startedAt: 'another' };
    await createSandboxState(aSandboxState({ directory, processes: { etcd, kwok } }));
    await expect(startSandbox({ directory })).rejects.toThrow('kwok ended');
  });
});

describe('readSandboxStatus()', () => {
  test('is absent without a state file', async () => {
    expect((await readSandboxStatus(directory)).phase).toBe('absent');
  });

  test('is stopped when every process has ended', async () => {
    const ended = { ...ownIdentity(), startedAt: 'before the reboot' };
    await createSandboxState(aSandboxState({ directory, processes: { etcd: ended } }));
    expect((await readSandboxStatus(directory)).phase).toBe('stopped');
  });

  test('fails on a state file it cannot read', async () => {
    writeFileSync(join(directory, 'sandbox.json'), '{"half":');
    await expect(readSandboxStatus(directory)).rejects.toMatchObject({
      code: 'SANDBOX_STATE_INVALID',
    });
  });
});

describe('stopSandbox()', () => {
  test('never removes a folder without a sandbox in it', async () => {
    writeFileSync(join(directory, 'thesis.txt'), 'years of work');
    await expect(stopSandbox(directory)).resolves.toMatchObject({ wasPresent: false });
    expect(existsSync(join(directory, 'thesis.txt'))).toBe(true);
  });

  test('spares a process that got the pid of one of ours', async () => {
    const recycled = { ...ownIdentity(), startedAt: 'before the reboot' };
    await createSandboxState(aSandboxState({ directory, processes: { etcd: recycled } }));
    await expect(stopSandbox(directory)).resolves.toEqual({
      wasPresent: true,
      stoppedProcesses: 0,
    });
    expect(existsSync(directory)).toBe(false);
  });
});

describe('defaultSandboxDirectory()', () => {
  test('follows XDG_STATE_HOME and ignores a relative one', () => {
    expect(defaultSandboxDirectory('a', { env: { XDG_STATE_HOME: '/state' } })).toBe(
      '/state/dsdeploy/sandbox/a',
    );
    expect(defaultSandboxDirectory('a', { env: { XDG_STATE_HOME: 'state' } })).toMatch(
      /\/\.local\/state\/dsdeploy\/sandbox\/a$/,
    );
  });
});

function ownIdentity() {
  const identity = readProcessIdentity(process.pid);
  if (identity === undefined) throw new Error('this process cannot find itself');
  return identity;
}
