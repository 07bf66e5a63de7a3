import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { readInventory } from '../../src/actions/inventory/index.ts';
import { type Cluster, openCluster } from '../../src/cluster/index.ts';
import { lockRef } from '../../src/plan/index.ts';
import { startSandbox, stopSandbox } from '../../src/sandbox/index.ts';
import { templateText } from '../commands/fake-context.ts';
import { SlowProxy } from './slow-proxy.ts';

let directory = '';
let kubeconfigPath = '';
let slowKubeconfigPath = '';
let cluster: Cluster;
let proxy: SlowProxy;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dsdeploy-interrupt-'));
  const name = `interrupt-${String(process.pid)}`;
  const nodes = [{ kind: 'h200', count: 16 }] as const;
  const sandbox = await startSandbox({ name, directory: join(directory, 'sandbox'), nodes });
  ({ kubeconfigPath } = sandbox);
  cluster = await openCluster({ kubeconfig: kubeconfigPath });
  const config = parse(await readFile(kubeconfigPath, 'utf8')) as Kubeconfig;
  const [entry] = config.clusters;
  if (entry === undefined) throw new Error('the sandbox has no cluster');
  proxy = await SlowProxy.start(entry.cluster.server, 150);
  entry.cluster.server = proxy.url;
  slowKubeconfigPath = join(directory, 'slow');
  await writeFile(slowKubeconfigPath, stringify(config), { mode: 0o600 });
}, 900_000);

afterAll(async () => {
  await proxy.stop();
  await cluster.close();
  await stopSandbox(join(directory, 'sandbox'));
  await rm(directory, { recursive: true, force: true });
}, 60_000);

interface Kubeconfig {
  readonly clusters: readonly { readonly cluster: { server: string } }[];
}

/** The template's deployment, in a namespace of its own. */
async function writeSpec(namespace: string): Promise<string> {
  const path = join(directory, `${namespace}.yaml`);
  await writeFile(path, templateText.replace(/^name: /m, `namespace: ${namespace}\nname: `));
  return path;
}

interface CliResult {
  readonly code: number | null;
  readonly stderr: string;
}

/** Runs the bin from source, and sends SIGINT once for each text that it writes to stderr. */
async function cli(
  args: readonly string[],
  {
    interruptAt = [],
    slow = true,
  }: { readonly interruptAt?: readonly RegExp[]; readonly slow?: boolean } = {},
): Promise<CliResult> {
  const child = spawn(process.execPath, ['src/cli.ts', ...args], {
    env: {
      ...process.env,
      KUBECONFIG: slow ? slowKubeconfigPath : kubeconfigPath,
      CI: '1',
      NO_COLOR: '1',
      FORCE_COLOR: undefined,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  const texts = [...interruptAt];
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString('utf8');
    const [next] = texts;
    if (next === undefined || !next.test(stderr)) return;
    texts.shift();
    child.kill('SIGINT');
  });
  const [code] = (await once(child, 'close')) as [number | null];
  expect(texts, stderr).toEqual([]);
  return { code, stderr };
}

const apply = (spec: string) => ['apply', '--yes', '-f', spec];

async function namespaceOf(name: string) {
  return await cluster.get({ apiVersion: 'v1', kind: 'Namespace', name });
}

async function leaseOf(namespace: string) {
  return await cluster.get(lockRef({ name: 'deepseek', namespace }));
}

/** Applies what is left, and checks that all of it is recorded. */
async function converge(spec: string, namespace: string): Promise<void> {
  const again = await cli([...apply(spec), '--no-wait'], { slow: false });
  expect(again.code, again.stderr).toBe(0);
  const last = await cli(['plan', '-f', spec], { slow: false });
  expect(last.code, last.stderr).toBe(0);
  const { entries } = await readInventory({ name: 'deepseek', namespace }, { cluster });
  expect(entries.every(({ uid }) => uid !== '')).toBe(true);
  expect(entries).toHaveLength(12);
  expect(await leaseOf(namespace)).toBeUndefined();
}

const stackLine = /^\s+at .*[:(]/m;

describe('Ctrl-C', { timeout: 300_000 }, () => {
  test('while it reads: nothing is written, and no stack is shown', async () => {
    const spec = await writeSpec('reading');
    const { code, stderr } = await cli(apply(spec), { interruptAt: [/^Checking /m] });
    expect({ code, stack: stackLine.test(stderr) }, stderr).toEqual({ code: 130, stack: false });
    expect(stderr).toContain('INTERRUPTED');
    expect(await namespaceOf('reading')).toBeUndefined();
  });

  test('while it plans only: exit 130, and no stack', async () => {
    const spec = await writeSpec('planning');
    const { code, stderr } = await cli(['plan', '-f', spec], { interruptAt: [/^Using context/m] });
    expect({ code, stack: stackLine.test(stderr) }, stderr).toEqual({ code: 130, stack: false });
  });

  test.each([1, 3, 6])(
    'while it writes object %i: the request ends, and done and not started are told',
    async (nth) => {
      const namespace = `writing-${String(nth)}`;
      const spec = await writeSpec(namespace);
      const at = new RegExp(`^ ?${String(nth)}/12 . \\S+ created`, 'm');
      const { code, stderr } = await cli(apply(spec), { interruptAt: [at] });
      expect({ code, stack: stackLine.test(stderr) }, stderr).toEqual({ code: 130, stack: false });
      expect(stderr).toContain('INTERRUPTED');
      expect(stderr).toMatch(/Namespace\/\S+.*created/);
      expect(stderr).toMatch(/LeaderWorkerSet\/\S+.*not started/);
      expect(await leaseOf(namespace)).toBeUndefined();
      await converge(spec, namespace);
    },
  );

  test('a second time: it ends at once, and the next run goes on without an unlock', async () => {
    const namespace = 'twice';
    const spec = await writeSpec(namespace);
    const { code, stderr } = await cli(apply(spec), {
      interruptAt: [/^ ?3\/12 . \S+ created/m, /^Finishing the request in flight|^ ?4\/12/m],
    });
    expect(code, stderr).toBe(130);
    // A request that ends before the second signal is there ends the run in order.
    expect(stderr).toMatch(/^(Ended at once|error INTERRUPTED)/m);
    await converge(spec, namespace);
  });

  test('while it waits: all is applied, and no stack is shown', async () => {
    const namespace = 'waiting';
    const spec = await writeSpec(namespace);
    const { code, stderr } = await cli(apply(spec), { interruptAt: [/^Waiting /m] });
    expect({ code, stack: stackLine.test(stderr) }, stderr).toEqual({ code: 130, stack: false });
    await converge(spec, namespace);
  });
});
