import { defaultSandboxDirectory, type SandboxState } from '../../src/sandbox/index.ts';

/** A state of which a test names only what matters to it. */
export function aSandboxState(change: Partial<SandboxState> = {}): SandboxState {
  return {
    apiVersion: 'dsdeploy/v1',
    kind: 'Sandbox',
    name: 'test',
    phase: 'running',
    directory: defaultSandboxDirectory('test'),
    kubeconfigPath: '/nonexistent/kubeconfig',
    context: 'dsdeploy-sandbox-test',
    serverUrl: 'https://127.0.0.1:6443',
    processes: {},
    starter: { pid: 1, startedAt: 'long ago' },
    nodes: [],
    binaries: {},
    versions: {},
    ...change,
  };
}
