import { describe, expect, test } from 'vitest';
import type { SandboxOptions, SandboxState } from '../../src/sandbox/index.ts';
import { run } from './fake-context.ts';

const state: SandboxState = {
  apiVersion: 'dsdeploy/v1',
  kind: 'Sandbox',
  name: 'mixed',
  phase: 'running',
  directory: '/state/mixed',
  kubeconfigPath: '/state/mixed/kubeconfig',
  context: 'dsdeploy-sandbox-mixed',
  serverUrl: 'https://127.0.0.1:6443',
  processes: {},
  starter: { pid: 1, startedAt: 'x' },
  nodes: [{ name: 'h200-0', kind: 'h200' }],
  binaries: {},
  versions: {},
};

describe('sandbox', () => {
  test('up passes name and nodes on and prints the kubeconfig', async () => {
    const seen: SandboxOptions[] = [];
    const start = (options: SandboxOptions) => {
      seen.push(options);
      options.onProgress?.('Starting etcd');
      return Promise.resolve(state);
    };
    const line = 'sandbox up --name mixed --nodes h200=2,mi355x';
    const { code, stdout, stderr } = await run(line, { sandbox: { start } });
    expect(code).toBe(0);
    expect(seen[0]).toMatchObject({
      name: 'mixed',
      directory: '/state/mixed',
      nodes: [
        { kind: 'h200', count: 2 },
        { kind: 'mi355x', count: 1 },
      ],
    });
    expect(stdout).toContain('export KUBECONFIG=/state/mixed/kubeconfig');
    expect(stderr).toBe('Starting etcd\n');
  });

  test('up -o json prints the state', async () => {
    const start = () => Promise.resolve(state);
    const { stdout } = await run('sandbox up -o json', { sandbox: { start } });
    expect(JSON.parse(stdout)).toEqual(state);
  });

  test('status exits 3 without a sandbox and says how to start one', async () => {
    const { code, stdout } = await run('sandbox status');
    expect(code).toBe(3);
    expect(stdout).toContain('dsdeploy sandbox up');
  });

  test('status exits 0 when it runs', async () => {
    const readStatus = (directory: string) =>
      Promise.resolve({ phase: 'running' as const, directory, processes: [], state });
    expect(await run('sandbox status', { sandbox: { readStatus } })).toMatchObject({ code: 0 });
  });

  test('down exits 0 when there was none', async () => {
    const { code, stdout } = await run('sandbox down -d /tmp/other');
    expect(code).toBe(0);
    expect(stdout).toContain('No sandbox in /tmp/other');
  });
});
