import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kubernetesVersion } from '../../src/sandbox/boot/component.ts';
import { nudgeKwok } from '../../src/sandbox/boot/nudge.ts';
import {
  applyStages,
  ensureSandboxBinaries,
  mintKubeconfig,
  readSandboxStatus,
  type SandboxState,
  startSandbox,
  stopSandbox,
} from '../../src/sandbox/index.ts';
import { nodeObjects } from '../../src/sandbox/node-pool.ts';
import { isRunning, type ProcessIdentity } from '../../src/sandbox/process-identity.ts';
import { withApiClient } from '../../src/sandbox/state-client.ts';

const execFileAsync = promisify(execFile);

/** A first build takes about ten minutes on two cores, more beside other tests. */
const buildTimeoutMs = 30 * 60_000;
const bootTimeoutMs = 90_000;
const testTimeoutMs = 120_000;

const work = mkdtempSync(join(tmpdir(), 'dsdeploy-sandbox-test-'));
const directory = join(work, 'sandbox');
let state: SandboxState;

beforeAll(async () => {
  await ensureSandboxBinaries();
}, buildTimeoutMs);

beforeAll(async () => {
  state = await startSandbox({ name: 'test', directory, nodes: [{ kind: 'h200', count: 4 }] });
}, bootTimeoutMs);

afterAll(async () => {
  await stopSandbox(directory);
  rmSync(work, { recursive: true });
}, testTimeoutMs);

describe('startSandbox()', { timeout: testTimeoutMs }, () => {
  test('runs every process and schedules a LeaderWorkerSet on its nodes', async () => {
    expect((await readSandboxStatus(directory)).phase).toBe('running');
    await applyLeaderWorkerSet('scheduled');
    const nodes = await kubectl(
      'get',
      'pods',
      '-l',
      lwsSelector('scheduled'),
      '-o=jsonpath={.items[*].spec.nodeName}',
    );
    expect(new Set(nodes.split(' ')).size).toBe(4);
    await kubectl('delete', 'lws/scheduled', '--cascade=foreground');
  });

  test('recreates the whole group when a worker goes', async () => {
    await applyLeaderWorkerSet('recreated', 1);
    const before = await podUid('recreated-0');
    await kubectl('delete', 'pod/recreated-0-1');
    await expect.poll(() => podUid('recreated-0'), { timeout: 20_000 }).not.toBe(before);
    await kubectl('wait', 'pod/recreated-0', '--for=condition=Ready', '--timeout=20s');
    await kubectl('delete', 'lws/recreated', '--cascade=foreground');
  });

  test('answers chats and logs through the API server', async () => {
    await applyLeaderWorkerSet('chatty', 1);
    const logs = await kubectl('logs', 'chatty-0');
    expect(logs).toContain('deepseek-v3.2');
    await expect(kubectl('logs', 'chatty-0-1')).resolves.toBe('');
    await withPortForward('pod/chatty-0', async (url) => {
      expect((await fetch(`${url}/health`)).status).toBe(200);
      expect(await (await fetch(`${url}/metrics`)).text()).toContain('vllm:num_requests_running');
      expect(await chat(url, 'where is my GPU?')).toBe('where is my GPU?');
    });
    await kubectl('delete', 'lws/chatty', '--cascade=foreground');
  });

  test('asks for the API key that the pod reads from a Secret', async () => {
    const valueFrom = { secretKeyRef: { name: 'api', key: 'api-key' } };
    const { spec, ...rest } = leaderPod('guarded');
    const env = [{ name: 'VLLM_API_KEY', valueFrom }];
    const containers = spec.containers.map((container) => ({ ...container, env }));
    await apply({ ...rest, spec: { ...spec, containers } });
    // The Secret comes after the pod, as it may in production.
    await kubectl('create', 'secret', 'generic', 'api', '--from-literal=api-key=s3cret');
    await kubectl('wait', 'pod/guarded', '--for=condition=Ready', '--timeout=20s');
    await withPortForward('pod/guarded', async (url) => {
      expect((await fetch(`${url}/health`)).status).toBe(200);
      expect((await fetch(`${url}/v1/models`)).status).toBe(401);
      const headers = { authorization: 'Bearer s3cret' };
      expect((await fetch(`${url}/v1/models`, { headers })).status).toBe(200);
    });
    await kubectl('delete', 'pod/guarded', 'secret/api');
  });

  test('ends the simulator of a deleted pod', async () => {
    await applyLeaderWorkerSet('brief', 1);
    const [simulator] = await simulatorsOf('brief-0');
    expect(simulator).toBeDefined();
    await kubectl('delete', 'lws/brief', '--cascade=foreground');
    await expect.poll(() => simulator !== undefined && isRunning(simulator)).toBe(false);
  });

  test('binds a volume of the standard class', async () => {
    const claim = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'cache' },
      spec: { accessModes: ['ReadWriteMany'], resources: { requests: { storage: '1Ti' } } },
    };
    await apply(claim);
    await kubectl('wait', 'pvc/cache', '--for=jsonpath={.status.phase}=Bound', '--timeout=20s');
  });

  test('refuses what the LeaderWorkerSet webhook refuses', async () => {
    const manifest = leaderWorkerSet('refused', 1);
    const invalid = { ...manifest, metadata: { name: 'starts.with.dots' } };
    await expect(apply(invalid)).rejects.toThrow('vleaderworkerset.kb.io');
  });
});

describe('applyStages()', { timeout: testTimeoutMs }, () => {
  const stage = (name: string): string => join(import.meta.dirname, 'stages', `${name}.yaml`);

  test.each([
    { name: 'crash-loop', reason: 'CrashLoopBackOff' },
    { name: 'image-pull', reason: 'ImagePullBackOff' },
  ])('stages $reason', async ({ name, reason }) => {
    await applyStages(state, [stage(name)]);
    await kubectl('run', name, '--image=x', `--labels=sandbox.dsdeploy.dev/fail=${name}`);
    const path = '{.status.containerStatuses[0].state.waiting.reason}';
    await kubectl('wait', `pod/${name}`, `--for=jsonpath=${path}=${reason}`, '--timeout=20s');
  });

  test('stages a lost node, and brings it back', async () => {
    await applyStages(state, [stage('node-lost')]);
    await kubectl('label', 'node/h200-3', 'sandbox.dsdeploy.dev/fail=lost');
    await kubectl('wait', 'node/h200-3', '--for=condition=Ready=Unknown', '--timeout=20s');
    await kubectl('label', 'node/h200-3', 'sandbox.dsdeploy.dev/fail-');
    await kubectl('wait', 'node/h200-3', '--for=condition=Ready', '--timeout=20s');
  });
});

describe('nudgeKwok()', { timeout: testTimeoutMs }, () => {
  test('makes a node ready that kwok put aside while no stage fitted it', async () => {
    const [node = {}] = nodeObjects([{ kind: 'mi355x', count: 1 }], kubernetesVersion);
    const stage = 'stage/node-initialize';
    const fitsNothing = { spec: { selector: { matchLabels: { none: 'fits' } } } };
    const fitsAgain = { spec: { selector: { matchLabels: null } } };
    await kubectl('patch', stage, '--type=merge', `--patch=${JSON.stringify(fitsNothing)}`);
    await apply(node);
    // kwok holds the lease of a node that it has looked at.
    const leases = ['get', 'leases', '-n=kube-node-lease', '-o=name'];
    await expect.poll(() => kubectl(...leases), { timeout: 20_000 }).toContain('mi355x-0');
    await kubectl('patch', stage, '--type=merge', `--patch=${JSON.stringify(fitsAgain)}`);

    await withApiClient(state, (client) => nudgeKwok(client, ['mi355x-0']));
    await kubectl('wait', 'node/mi355x-0', '--for=condition=Ready', '--timeout=20s');
    await kubectl('delete', 'node/mi355x-0');
  });
});

describe('mintKubeconfig()', { timeout: testTimeoutMs }, () => {
  test('gives a user who may do nothing yet', async () => {
    const path = join(work, 'ann.kubeconfig');
    await mintKubeconfig(state, { user: 'ann', groups: ['ml'], path });
    const forbidden = run(kubectlProgram(), ['--kubeconfig', path, 'get', 'pods']);
    await expect(forbidden).rejects.toThrow('User "ann" cannot list resource "pods"');
  });
});

describe('stopSandbox()', { timeout: bootTimeoutMs }, () => {
  test('leaves no process and no file, simulators included', async () => {
    const short = await startSandbox({ name: 'short', directory: join(work, 'short') });
    const pod = { ...leaderPod('served'), metadata: { name: 'served' } };
    await apply(pod, short);
    await run(kubectlProgram(), [
      ...['--kubeconfig', short.kubeconfigPath, 'wait', 'pod/served'],
      ...['--for=condition=Ready', '--timeout=20s'],
    ]);
    const processes = [...Object.values(short.processes), ...readSimulators(short)];
    expect(processes).toHaveLength(8);
    await stopSandbox(short.directory);
    expect(processes.filter(isRunning)).toEqual([]);
    expect(existsSync(short.directory)).toBe(false);
  });

  test('is what an interrupted start does', async () => {
    const controller = new AbortController();
    const interrupted = join(work, 'interrupted');
    const start = startSandbox({ name: 'int', directory: interrupted, signal: controller.signal });
    const outcome = expect(start).rejects.toMatchObject({ code: 'INTERRUPTED' });
    await expect
      .poll(() => existsSync(join(interrupted, 'logs', 'etcd.log')), {
        timeout: 60_000,
        interval: 10,
      })
      .toBe(true);
    const started = JSON.parse(
      readFileSync(join(interrupted, 'sandbox.json'), 'utf8'),
    ) as SandboxState;
    controller.abort();
    await outcome;
    expect(existsSync(interrupted)).toBe(false);
    expect(Object.values(started.processes).filter(isRunning)).toEqual([]);
  });
});

function leaderWorkerSet(name: string, replicas: number) {
  const gpus = { limits: { 'nvidia.com/gpu': '8' } };
  return {
    apiVersion: 'leaderworkerset.x-k8s.io/v1',
    kind: 'LeaderWorkerSet',
    metadata: { name },
    spec: {
      replicas,
      leaderWorkerTemplate: {
        size: 2,
        leaderTemplate: { spec: leaderPod(name, gpus).spec },
        workerTemplate: { spec: { containers: [{ name: 'engine', image: 'x', resources: gpus }] } },
      },
    },
  };
}

function leaderPod(name: string, resources: object = {}) {
  const engine = {
    name: 'engine',
    image: 'x',
    args: ['--served-model-name', 'deepseek-v3.2'],
    ports: [{ name: 'http', containerPort: 8000 }],
    resources,
  };
  const initContainers = [{ name: 'prepare', image: 'x' }];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { initContainers, containers: [engine] },
  };
}

async function applyLeaderWorkerSet(name: string, replicas = 2): Promise<void> {
  await apply(leaderWorkerSet(name, replicas));
  await kubectl('wait', `lws/${name}`, '--for=condition=Available', '--timeout=90s');
}

async function apply(object: object, target = state): Promise<void> {
  const file = join(work, `${crypto.randomUUID()}.json`);
  writeFileSync(file, JSON.stringify(object));
  await run(kubectlProgram(), ['--kubeconfig', target.kubeconfigPath, 'apply', '-f', file]);
}

function kubectl(...args: string[]): Promise<string> {
  return run(kubectlProgram(), ['--kubeconfig', state.kubeconfigPath, ...args]);
}

function kubectlProgram(): string {
  return state.binaries['kubectl'] ?? 'kubectl';
}

async function run(program: string, args: readonly string[]): Promise<string> {
  const { stdout } = await execFileAsync(program, args);
  return stdout;
}

function lwsSelector(name: string): string {
  return `leaderworkerset.sigs.k8s.io/name=${name}`;
}

/** Empty while the pod is away. */
function podUid(name: string): Promise<string> {
  return kubectl('get', 'pod', name, '--ignore-not-found', '-o=jsonpath={.metadata.uid}').then(
    (uid) => (uid === '' ? podUid(name) : uid),
  );
}

function readSimulators({ directory: root }: SandboxState): ProcessIdentity[] {
  return JSON.parse(readFileSync(join(root, 'simulators.json'), 'utf8')) as ProcessIdentity[];
}

/** Simulators do not carry a pod's name, so this one must be the only pod served. */
async function simulatorsOf(pod: string): Promise<ProcessIdentity[]> {
  await kubectl('wait', `pod/${pod}`, '--for=condition=Ready', '--timeout=20s');
  return readSimulators(state).slice(-1);
}

async function withPortForward(target: string, use: (url: string) => Promise<void>): Promise<void> {
  const args = ['--kubeconfig', state.kubeconfigPath, 'port-forward', target, ':8000'];
  const child = spawn(kubectlProgram(), args, { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    const port = /127\.0\.0\.1:(\d+)/.exec(line)?.[1] ?? '';
    await use(`http://127.0.0.1:${port}`);
  } finally {
    child.kill();
    await Promise.race([once(child, 'exit'), sleep(2_000)]);
  }
}

async function chat(url: string, question: string): Promise<unknown> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'deepseek-v3.2',
      messages: [{ role: 'user', content: question }],
    }),
  });
  const answer = (await response.json()) as { choices: { message: { content: string } }[] };
  return answer.choices[0]?.message.content;
}
