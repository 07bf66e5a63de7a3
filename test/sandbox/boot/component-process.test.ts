import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { bootError, logFile, startComponent } from '../../../src/sandbox/boot/component-process.ts';
import { type SandboxPaths, sandboxPaths } from '../../../src/sandbox/paths.ts';

let paths: SandboxPaths;

beforeEach(() => {
  paths = sandboxPaths(mkdtempSync(join(tmpdir(), 'dsdeploy-component-')));
  mkdirSync(paths.logs);
});

afterEach(() => {
  rmSync(paths.directory, { recursive: true });
});

describe('bootError()', () => {
  test('quotes the end of the log', async () => {
    writeFileSync(logFile(paths, 'etcd'), 'one\ntwo\nfatal: no data\n');
    const error = await bootError('etcd', 'ended with code 1', paths);
    expect(error.code).toBe('SANDBOX_BOOT_FAILED');
    expect(error.message).toContain('Cannot start etcd: it ended with code 1');
    expect(error.message).toContain('fatal: no data');
  });

  test('sees that a port was taken', async () => {
    writeFileSync(logFile(paths, 'kwok'), 'listen tcp 127.0.0.1:1: bind: address already in use\n');
    const error = await bootError('kwok', 'ended with code 1', paths);
    expect(error.code).toBe('SANDBOX_PORT_TAKEN');
  });
});

describe('startComponent()', () => {
  test('fails with the program that cannot be started', async () => {
    const start = startComponent({ name: 'etcd', program: '/nonexistent/etcd', args: [] }, paths);
    await expect(start).rejects.toMatchObject({
      code: 'SANDBOX_BOOT_FAILED',
      subject: '/nonexistent/etcd',
    });
  });
});
