import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';

import {
  isRunning,
  parseProcStat,
  readProcessIdentity,
  signalGroup,
} from '../../src/sandbox/process-identity.ts';

describe('isRunning()', () => {
  test('is true for this process and false with another start time', () => {
    const identity = readProcessIdentity(process.pid);
    expect(identity).toBeDefined();
    if (identity === undefined) return;
    expect(isRunning(identity)).toBe(true);
    expect(isRunning({ ...identity, startedAt: 'another' })).toBe(false);
  });

  test('is false once a process has ended', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
      detached: true,
    });
    await once(child, 'spawn');
    const identity = readProcessIdentity(child.pid ?? 0);
    if (identity === undefined) throw new Error('child has no identity');
    signalGroup(identity, 'SIGKILL');
    await once(child, 'exit');
    expect(isRunning(identity)).toBe(false);
  });
});

describe('signalGroup()', () => {
  test('does not touch a process that only has the same pid', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
      detached: true,
    });
    await once(child, 'spawn');
    signalGroup({ pid: child.pid ?? 0, startedAt: 'an earlier owner of this pid' }, 'SIGKILL');
    expect(readProcessIdentity(child.pid ?? 0)).toBeDefined();
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
});

describe('parseProcStat()', () => {
  const rest = (state: string): string =>
    `${state} 1 7 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 117995 1000 200`;

  test('reads the start tick after a name with spaces and parentheses', () => {
    const stat = parseProcStat(`42 (my (odd) name) ${rest('S')}`, 'boot');
    expect(stat).toEqual({ startedAt: 'boot:117995', isZombie: false });
  });

  test('sees a zombie', () => {
    expect(parseProcStat(`42 (etcd) ${rest('Z')}`, 'boot')?.isZombie).toBe(true);
  });

  test('gives nothing for a torn line', () => {
    expect(parseProcStat('42 (etcd) S 1', 'boot')).toBeUndefined();
  });
});
