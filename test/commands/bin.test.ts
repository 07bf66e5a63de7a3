import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
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

  test('has no colours in a pipe, also in CI', async () => {
    const env = { ...process.env, CI: 'true', FORCE_COLOR: '' };
    const child = spawn(process.execPath, [cli, 'fit', '-f', 'absent.yaml'], {
      cwd: directory,
      env,
    });
    expect(await text(child.stderr)).toMatch(/^error [A-Z_]+: /);
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

interface Refusal {
  readonly server: string;
  /** What it answers to everything; nothing listens when absent. */
  readonly answer?: { readonly status: number; readonly body: string };
  readonly code: string;
}

const status = (code: number, reason: string) =>
  JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason });

const refusals: readonly Refusal[] = [
  { server: 'nothing that listens', code: 'CLUSTER_UNREACHABLE' },
  {
    server: 'one that knows the credentials no more',
    answer: { status: 401, body: status(401, 'Unauthorized') },
    code: 'CLUSTER_UNAUTHORIZED',
  },
  {
    server: 'a web site',
    answer: { status: 200, body: '<!doctype html><title>Welcome</title>' },
    code: 'CLUSTER_BAD_REPLY',
  },
];

describe.each(refusals)('against $server', ({ answer, code }) => {
  let kubeconfig = '';
  const server = createServer((_, response) => {
    response.writeHead(answer?.status ?? 500, { 'content-type': 'application/json' });
    response.end(answer?.body);
  });

  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    if (answer === undefined) server.close();
    kubeconfig = join(directory, `kubeconfig-${String(port)}`);
    const config = {
      'current-context': 'lab',
      clusters: [{ name: 'lab', cluster: { server: `http://127.0.0.1:${String(port)}` } }],
      users: [{ name: 'ann', user: { token: 'a-token' } }],
      contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'ann' } }],
    };
    await writeFile(kubeconfig, JSON.stringify(config));
  });

  afterAll(() => {
    server.close();
  });

  test.each(['plan', 'apply --yes', 'health', 'destroy --yes'])(
    '%s ends with one coded error and no stack',
    async (line) => {
      const child = start(...line.split(' '), '-f', template, '--kubeconfig', kubeconfig);
      const [stderr, [exit]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
      expect(stderr.split('\n').filter((row) => row.startsWith('error '))).toHaveLength(1);
      expect(stderr).toContain(`error ${code}`);
      expect(stderr).not.toContain('    at ');
      expect(exit).toBe(1);
    },
  );
});
