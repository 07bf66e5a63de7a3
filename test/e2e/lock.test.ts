import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readHistory } from '../../src/actions/history/index.ts';
import { takeLock } from '../../src/actions/lock/index.ts';
import type { Cluster } from '../../src/cluster/index.ts';
import { lockRef } from '../../src/plan/index.ts';
import { errorOf } from '../actions/error-of.ts';
import { FakeClock, RecordingHost } from '../actions/recording-host.ts';
import { templateText } from '../commands/fake-context.ts';
import { openTestSandbox, type TestSandbox } from './a-sandbox.ts';

let sandbox: TestSandbox;
let cluster: Cluster;

beforeAll(async () => {
  sandbox = await openTestSandbox('lock', {
    nodes: [{ kind: 'h200', count: 8 }],
  });
  ({ cluster } = sandbox);
}, 900_000);

afterAll(() => sandbox.close(), 60_000);

/** The template's deployment, in a namespace of its own. */
async function writeSpec(namespace: string): Promise<string> {
  const path = join(sandbox.directory, `${namespace}.yaml`);
  await writeFile(path, templateText.replace(/^name: /m, `namespace: ${namespace}\nname: `));
  return path;
}

interface CliResult {
  readonly code: number | null;
  readonly stderr: string;
}

/** Runs the bin from source, as a process of its own. */
async function cli(...args: readonly string[]): Promise<CliResult> {
  const child = spawn(process.execPath, ['src/cli.ts', ...args], {
    env: { ...process.env, KUBECONFIG: sandbox.state.kubeconfigPath, CI: '1' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString('utf8');
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stderr };
}

/** A process that holds the lock of the template's deployment. */
async function holdLock(namespace: string): Promise<ChildProcess> {
  const args = ['test/e2e/hold-lock.ts', sandbox.state.kubeconfigPath, namespace, 'deepseek'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function readLease(namespace: string) {
  return await cluster.get(lockRef({ name: 'deepseek', namespace }));
}

describe('while another process changes the deployment, apply', () => {
  test('says who, and writes nothing; once that is killed, it takes over by itself', {
    timeout: 300_000,
  }, async () => {
    const namespace = 'held';
    const spec = await writeSpec(namespace);
    expect((await cli('apply', '--yes', '--no-wait', '-f', spec)).code).toBe(0);
    expect(await readLease(namespace)).toBeUndefined();

    const holder = await holdLock(namespace);
    const destroying = await cli('destroy', '--yes', '-f', spec);
    expect(destroying.code).toBe(1);
    expect(destroying.stderr).toContain('LOCKED');
    expect(destroying.stderr).toContain(`bob@desk (process ${String(holder.pid)}, since 20`);
    // Without changes there is nothing to lock.
    expect((await cli('apply', '--yes', '--no-wait', '-f', spec)).code).toBe(0);

    await kill(holder);
    const after = await cli('destroy', '--yes', '-f', spec);
    expect(after.stderr).toContain('Took over the lock of bob@desk');
    expect(after.code).toBe(0);
  });

  test('keeps a rollback out as well, and of two rollbacks one works', {
    timeout: 300_000,
  }, async () => {
    const namespace = 'back';
    const spec = await writeSpec(namespace);
    const apply = ['apply', '--yes', '--no-wait', '-f', spec];
    expect((await cli(...apply)).code).toBe(0);
    const text = await readFile(spec, 'utf8');
    await writeFile(spec, text.replace(/^( +)release: .*$/m, '$&\n$1extraEnv: { A: b }'));
    expect((await cli(...apply)).code).toBe(0);
    const rollback = ['rollback', '1', '--yes', '--no-wait', '-f', spec];

    const holder = await holdLock(namespace);
    const kept = await cli(...rollback);
    expect(kept.code).toBe(1);
    expect(kept.stderr).toContain(`bob@desk (process ${String(holder.pid)}, since 20`);
    await kill(holder);

    const results = await Promise.all([1, 2].map(() => cli(...rollback)));
    const codes = results.map(({ code }) => code).toSorted();
    expect(codes[0], results[0]?.stderr).toBe(0);
    const loser = results.find(({ code }) => code !== 0);
    if (loser !== undefined) expect(loser.stderr).toMatch(/LOCKED|PLAN_STALE/);
    // Whoever lost finds it done.
    const again = await cli(...rollback);
    expect(again.code, again.stderr).toBe(0);
    const deployment = { name: 'deepseek', namespace };
    const { revisions } = await readHistory(deployment, { cluster });
    expect(revisions.map(({ number, rollbackOf }) => [number, rollbackOf])).toEqual([
      [1, undefined],
      [2, undefined],
      [3, 1],
    ]);
    expect(await readLease(namespace)).toBeUndefined();
  });

  test('lets exactly one of two win that start in the same moment', {
    timeout: 300_000,
  }, async () => {
    const spec = await writeSpec('race');
    const results = await Promise.all(
      [1, 2].map(() => cli('apply', '--yes', '--no-wait', '-f', spec)),
    );
    const codes = results.map(({ code }) => code).toSorted();
    expect(codes[0]).toBe(0);
    // The other finds the lock, or what was written under it, or comes when all is done.
    const loser = results.find(({ code }) => code !== 0);
    if (loser !== undefined) expect(loser.stderr).toMatch(/LOCKED|PLAN_STALE/);
    const last = await cli('apply', '--yes', '--no-wait', '-f', spec);
    expect(last.code).toBe(0);
    expect(last.stderr).toContain('no changes, the cluster matches the spec');
    expect(await readLease('race')).toBeUndefined();
  });
});

describe('takeLock()', () => {
  const ports = () => ({ cluster, host: new RecordingHost(), clock: new FakeClock() });
  const request = (namespace: string) => ({
    deployment: { name: 'deepseek', namespace },
    owner: { operator: 'ann@laptop', processId: 1 },
    what: 'apply "deepseek"',
  });

  test('gives the lock to one of many that ask in the same moment', async () => {
    await sandbox.kubectl('create', 'namespace', 'many');
    const asked = await Promise.allSettled(
      Array.from({ length: 8 }, () =>
        takeLock(request('many'), {
          ...ports(),
          // Whoever loses does not wait for the winner here.
          signal: AbortSignal.timeout(2000),
          clock: {
            nowMs: () => Date.now(),
            sleep: () => new Promise((end) => setTimeout(end, 50)),
          },
        }),
      ),
    );
    const won = asked.filter(({ status }) => status === 'fulfilled');
    expect(won).toHaveLength(1);
    for (const result of asked) if (result.status === 'fulfilled') await result.value.release();
    expect(await readLease('many')).toBeUndefined();
  });

  test('ends a holder whose lock was taken over, before its next write', async () => {
    await sandbox.kubectl('create', 'namespace', 'asleep');
    const sleeper = await takeLock(request('asleep'), ports());
    // Its machine sleeps, so that nobody renews; the heir sees 30 simulated seconds of silence.
    sleeper.stopRenewing();
    const heir = await takeLock(request('asleep'), ports());
    await heir.assertHeld();
    await sleeper.release();
    expect(await readLease('asleep')).toBeDefined();
    await heir.release();
    expect(await readLease('asleep')).toBeUndefined();
  });

  test('fails in a namespace that is not there', async () => {
    expect((await errorOf(takeLock(request('nowhere'), ports()))).code).toBe('NAMESPACE_MISSING');
  });
});
