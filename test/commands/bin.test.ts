import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { repositoryRoot } from '../render/repository-file.ts';

const cli = join(repositoryRoot, 'src/cli.ts');
const template = join(repositoryRoot, 'templates/h200-vllm-2-nodes.yaml');
const execFileAsync = promisify(execFile);

let directory = '';

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dsdeploy-bin-'));
});

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

function start(...args: readonly string[]) {
  return spawn(process.execPath, [cli, ...args], { cwd: directory, stdio: 'pipe' });
}

describe('the bin', () => {
  test('writes results to stdout only', async () => {
    const { stdout, stderr } = await execFileAsync(process.execPath, [cli, 'fit', '-f', template]);
    expect(stdout).toContain('Fits');
    expect(stderr).toBe('');
  });

  test('ends quietly when its reader has gone', async () => {
    const child = start('render', '-f', template);
    child.stdout.destroy();
    const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  test('reads a spec from stdin', async () => {
    const child = start('fit', '-f', '-', '-o', 'json');
    child.stdin.end('name: [');
    const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    expect(code).toBe(4);
    expect(JSON.parse(stderr)).toMatchObject({ code: 'SPEC_INVALID', subject: 'stdin' });
  });

  test('ends with 130 when it is interrupted while it reads', async () => {
    // It waits for a spec on stdin that never comes.
    const child = start('fit', '-f', '-');
    const ended = once(child, 'exit');
    await new Promise((resolve) => setTimeout(resolve, 2000));
    child.kill('SIGINT');
    const [stderr, [code]] = await Promise.all([text(child.stderr), ended]);
    expect(code).toBe(130);
    expect(stderr).toContain('error INTERRUPTED');
  });
});
