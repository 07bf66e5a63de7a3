/**
 * `npm run demo`: the whole story on a real control plane with simulated GPU nodes. Every step is a
 * command a user could type; each is printed, timed, and must end with the exit code it promises.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSandboxStatus, stopSandbox } from '../src/sandbox/index.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cli = join(root, 'dist', 'dsdeploy.mjs');
const namespace = 'deepseek';

interface StepOptions {
  readonly expectedCode?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Shown instead of the command line. */
  readonly shown?: string;
}

const running = new Set<ChildProcess>();
const timings: { readonly step: string; readonly seconds: number }[] = [];
/** Aborted by the first Ctrl-C. */
const interruption = new AbortController();

async function main(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'dsdeploy-demo-'));
  const sandbox = join(directory, 'sandbox');
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  try {
    await story(directory, sandbox);
    printTimings();
  } finally {
    for (const child of running) child.kill('SIGTERM');
    await stopSandbox(sandbox);
    await rm(directory, { recursive: true, force: true });
  }
}

async function story(directory: string, sandbox: string): Promise<void> {
  await step('Bundle the command line', ['node', 'tools/build.ts']);
  await step(
    'Start a sandbox: a real Kubernetes control plane, two simulated nodes of 8 x H200',
    dsdeploy('sandbox', 'up', '--name', 'demo', '--directory', sandbox),
  );
  const kubeconfig = await sandboxKubeconfig(sandbox);
  const env = { KUBECONFIG: kubeconfig };
  const file = join(directory, 'dsdeploy.yaml');
  await step('Write a spec from a template', dsdeploy('init', '-f', file), { env });
  await step('Plan: does it fit, what will change', dsdeploy('plan', '-f', file), {
    env,
    expectedCode: 2,
  });
  await step('Apply, and wait until every rank serves', dsdeploy('apply', '--yes', '-f', file), {
    env,
  });
  await step('Check health', dsdeploy('health', '-f', file), { env });
  await chat(sandbox, env);
  await step('Plan again: nothing to change', dsdeploy('plan', '-f', file), { env });
  await step('Destroy', dsdeploy('destroy', '--yes', '-f', file), { env });
  await step('Stop the sandbox', dsdeploy('sandbox', 'down', '--directory', sandbox));
}

function dsdeploy(...args: string[]): string[] {
  return ['node', cli, ...args];
}

async function sandboxKubeconfig(directory: string): Promise<string> {
  const status = await readSandboxStatus(directory);
  if (status.state === undefined) throw new Error('Cannot read the sandbox: it is not running');
  return status.state.kubeconfigPath;
}

/** One request by plain HTTP, through `kubectl port-forward` to the Service of the leaders. */
async function chat(sandbox: string, env: Readonly<Record<string, string>>): Promise<void> {
  const status = await readSandboxStatus(sandbox);
  const kubectl = status.state?.binaries['kubectl'];
  if (kubectl === undefined) throw new Error('Cannot chat: the sandbox names no kubectl');
  heading('Chat: one request to the leader, through the Kubernetes API');
  const startedMs = Date.now();
  const key = await apiKey(kubectl, env);
  const forward = await portForward(kubectl, env);
  try {
    const body = {
      model: 'deepseek-ai/DeepSeek-V3.2',
      messages: [{ role: 'user', content: 'Say hello to the racks' }],
      max_tokens: 32,
    };
    console.log(
      `$ curl -H "Authorization: Bearer $KEY" ${forward.url}/v1/chat/completions -d '${JSON.stringify(body)}'`,
    );
    const response = await fetch(`${forward.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(30_000),
    });
    const answer = await response.text();
    console.log(answer);
    if (!response.ok) throw new Error(`Chat failed: status ${response.status}`);
  } finally {
    forward.child.kill('SIGTERM');
  }
  record('Chat', startedMs);
}

async function apiKey(kubectl: string, env: Readonly<Record<string, string>>): Promise<string> {
  const args = [
    '-n',
    namespace,
    'get',
    'secret',
    'deepseek-api-key',
    '-o',
    'jsonpath={.data.api-key}',
  ];
  console.log(`$ KEY=$(kubectl ${args.join(' ')} | base64 -d)`);
  const child = start([kubectl, ...args], env, 'pipe');
  let text = '';
  for await (const chunk of child.stdout ?? []) text += String(chunk);
  return Buffer.from(text, 'base64').toString('utf8');
}

async function portForward(
  kubectl: string,
  env: Readonly<Record<string, string>>,
): Promise<{ readonly url: string; readonly child: ChildProcess }> {
  console.log(`$ kubectl -n ${namespace} port-forward service/deepseek-api :8000 &`);
  const args = ['-n', namespace, 'port-forward', 'service/deepseek-api', ':8000'];
  const child = start([kubectl, ...args], env, 'pipe');
  // Not `for await`: leaving it would close the pipe, and kubectl dies of that.
  return await new Promise((resolve, reject) => {
    child.stdout?.on('data', (chunk: unknown) => {
      const port = /127\.0\.0\.1:(\d+)/.exec(String(chunk))?.[1];
      if (port !== undefined) resolve({ url: `http://127.0.0.1:${port}`, child });
    });
    child.on('exit', () => {
      reject(new Error('Cannot reach the leader: kubectl port-forward ended'));
    });
  });
}

async function step(
  title: string,
  command: readonly string[],
  options: StepOptions = {},
): Promise<void> {
  if (isInterrupted())
    throw new Error(`interrupted before step "${title}"; everything is cleaned up`);
  heading(title);
  console.log(`$ ${shown(command)}`);
  const startedMs = Date.now();
  const code = await new Promise<number>((resolve, reject) => {
    const child = start(command, options.env ?? {}, 'inherit');
    child.on('error', reject);
    child.on('exit', (exit, signal) => {
      resolve(exit ?? (signal === 'SIGINT' ? 130 : 1));
    });
  });
  record(title, startedMs);
  if (isInterrupted()) throw new Error(`interrupted in step "${title}"; everything is cleaned up`);
  const expected = options.expectedCode ?? 0;
  if (code !== expected) {
    throw new Error(`Step "${title}" ended with ${code}, expected ${expected}`);
  }
}

function shown(command: readonly string[]): string {
  return command.join(' ').replace(`node ${cli}`, 'dsdeploy');
}

function start(
  [program = '', ...args]: readonly string[],
  env: Readonly<Record<string, string>>,
  output: 'inherit' | 'pipe',
): ChildProcess {
  const child = spawn(program, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', output, 'inherit'],
  });
  running.add(child);
  child.on('exit', () => running.delete(child));
  return child;
}

function isInterrupted(): boolean {
  return interruption.signal.aborted;
}

function onSignal(): void {
  // The child has the signal from the terminal; its exit ends the step and `finally` cleans up.
  interruption.abort();
}

function heading(title: string): void {
  console.log(`\n== ${title}`);
}

function record(step: string, startedMs: number): void {
  const seconds = (Date.now() - startedMs) / 1000;
  timings.push({ step, seconds });
  console.log(`-- took ${seconds.toFixed(1)} s`);
}

function printTimings(): void {
  console.log('\nAll steps ended as promised:');
  for (const { step, seconds } of timings) {
    console.log(`  ${seconds.toFixed(1).padStart(6)} s  ${step.split(':')[0] ?? step}`);
  }
}

try {
  await main();
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  console.error(`\ndemo ${isInterrupted() ? '' : 'failed: '}${reason}`);
  process.exitCode = isInterrupted() ? 130 : 1;
}
