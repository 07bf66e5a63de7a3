import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readStartScript } from '../../src/render/start-scripts.ts';
import { repositoryRoot } from './repository-file.ts';

const script = `${repositoryRoot}templates/start/engine.sh`;

let directory = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'dsdeploy-start-'));
  mkdirSync(join(directory, 'shm'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** Runs the script with an empty environment but for these variables. */
function start(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { PATH = '' } = process.env;
  const base = { PATH, DSDEPLOY_SHM_DIR: join(directory, 'shm'), HOME: join(directory, 'home') };
  return spawnSync('bash', [script, ...args], { encoding: 'utf8', env: { ...base, ...env } });
}

/** Prints its arguments, one a line, so that what the engine would get can be seen. */
const printArguments = ['printf', '%s\\n'];

describe('templates/start/engine.sh', () => {
  test('is valid bash', () => {
    expect(spawnSync('bash', ['-n', script], { encoding: 'utf8' })).toMatchObject({
      status: 0,
      stderr: '',
    });
  });

  test('becomes the command it is given, arguments untouched', () => {
    const { status, stdout } = start([...printArguments, 'a b', '{"x":1}', '$HOME', '']);
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'a b\n{"x":1}\n$HOME\n\n' });
  });

  test('hands the exit code of the command on', () => {
    expect(start(['bash', '-c', 'exit 7']).status).toBe(7);
  });

  test('clears what an earlier run left in shared memory, folders and hidden files too', () => {
    const shm = join(directory, 'shm');
    mkdirSync(join(shm, 'folder'));
    writeFileSync(join(shm, 'folder', 'psm_1'), 'x');
    writeFileSync(join(shm, '.hidden'), 'x');
    expect(start(['true']).status).toBe(0);
    expect(readdirSync(shm)).toEqual([]);
  });

  test('makes the home folder on the empty cache volume', () => {
    start(['true']);
    expect(readdirSync(directory)).toContain('home');
  });

  test('works out the first rank of a worker from its index', () => {
    const { stdout } = start([...printArguments, '--start-rank', '$(DSDEPLOY_START_RANK)'], {
      LWS_LEADER_ADDRESS: 'localhost',
      LWS_WORKER_INDEX: '3',
      DSDEPLOY_RANKS_PER_POD: '8',
    });
    expect(stdout).toBe('--start-rank\n24\n');
  });

  test.each(['', '0', '8x', '-1'])('refuses %j ranks per pod', (ranks) => {
    const { status, stderr } = start([...printArguments, '$(DSDEPLOY_START_RANK)'], {
      DSDEPLOY_RANKS_PER_POD: ranks,
    });
    expect(status).toBe(64);
    expect(stderr).toContain('DSDEPLOY_RANKS_PER_POD is not a positive number');
  });

  test('gives up on a leader that does not resolve, and says what to look at', () => {
    const { status, stderr } = start(['true'], {
      LWS_LEADER_ADDRESS: 'leader.invalid',
      LWS_WORKER_INDEX: '1',
      DSDEPLOY_LEADER_WAIT_SECONDS: '0',
    });
    expect(status).toBe(1);
    expect(stderr).toContain('leader leader.invalid did not resolve in 0 s');
    expect(stderr).toContain('is the leader scheduled');
  });

  test('does not wait on the leader itself', () => {
    const env = { LWS_LEADER_ADDRESS: 'leader.invalid', LWS_WORKER_INDEX: '0' };
    expect(start(['true'], env).status).toBe(0);
  });

  test('refuses a worker that is told no leader', () => {
    expect(start(['true'], { LWS_WORKER_INDEX: '1' })).toMatchObject({ status: 64 });
  });

  test('sources the files it is told to, in order, and skips absent ones', () => {
    const [first, second] = ['a.sh', 'b.sh'].map((name) => join(directory, name));
    writeFileSync(first ?? '', 'export TOOLKIT=one; [[ -z $UNSET ]]');
    writeFileSync(second ?? '', 'export TOOLKIT=${TOOLKIT}-two');
    const files = [first, join(directory, 'absent.sh'), second].join(':');
    const { stdout, status } = start(['sh', '-c', 'echo $TOOLKIT'], { DSDEPLOY_SOURCE: files });
    expect({ stdout, status }).toEqual({ stdout: 'one-two\n', status: 0 });
  });

  test('refuses to start nothing', () => {
    expect(start([])).toMatchObject({ status: 64, stdout: '' });
  });

  test('never prints arguments, which may hold a secret', () => {
    expect(start(['true', '--api-key', 'hunter2']).stderr).not.toContain('hunter2');
  });
});

describe('readStartScript()', () => {
  test('finds the script', () => {
    expect(readStartScript()).toMatch(/^#!\/usr\/bin\/env bash\n/);
  });
});
