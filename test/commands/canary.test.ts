import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Manifest } from '../../src/manifest/index.ts';
import { FakeCluster } from '../actions/fake-cluster.ts';
import { FakeClock } from '../actions/recording-host.ts';
import { FakeFiles, type RunResult, run, templateText } from './fake-context.ts';

/** Values that occur nowhere else, so that finding one is finding a leak. */
function aCanary(): string {
  return `canary-${randomBytes(9).toString('hex')}`;
}

/** Every form in which a value may show. */
function formsOf(value: string): string[] {
  return [value, Buffer.from(value).toString('base64'), encodeURIComponent(value)];
}

function everythingOf({ stdout, stderr, files }: RunResult, given: readonly string[]): string {
  const written = [...files.texts].filter(([path]) => !given.includes(path));
  return [stdout, stderr, ...written.flat()].join('\n');
}

const inSpec = aCanary();
const inLiveEnv = aCanary();
const inLiveSecret = aCanary();
const inLastApplied = aCanary();
const canaries = [inSpec, inLiveEnv, inLiveSecret, inLastApplied];

/** The template with a secret in the environment, where it does not belong. */
const specText = templateText.replace(
  /^( {2}- name: main\n)/m,
  `$1    extraEnv: { HF_TOKEN: ${inSpec} }\n`,
);

/** A cluster on which it runs, and on which people have left their secrets since. */
if (!specText.includes(inSpec)) throw new Error('the template has changed');

async function aCluster(): Promise<FakeCluster> {
  const cluster = new FakeCluster();
  const files = new FakeFiles({ 'dsdeploy.yaml': specText });
  const { code, stderr } = await run('apply --yes --no-wait', { files, cluster });
  expect(code, stderr).toBe(0);
  const lws = cluster.find('LeaderWorkerSet', 'deepseek-main');
  const secret = cluster.find('Secret', 'deepseek-api-key');
  if (lws === undefined || secret === undefined) throw new Error('the template has changed');
  cluster.put(JSON.parse(JSON.stringify(lws).replaceAll(inSpec, inLiveEnv)) as Manifest);
  const annotations = {
    ...secret.metadata.annotations,
    'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ data: inLastApplied }),
  };
  cluster.put({
    ...secret,
    metadata: { ...secret.metadata, annotations },
    data: { 'api-key': Buffer.from(inLiveSecret).toString('base64') },
  });
  cluster.reset();
  return cluster;
}

describe('no secret value leaves in what is printed or written by', () => {
  test.each([
    'plan',
    'plan -o json',
    'plan --offline',
    'plan --offline -o json',
    'plan --rbac',
    'plan --out plan.json',
    'apply --yes --no-wait',
    'apply --yes --no-wait -o json',
    'diff',
    'diff -o json',
    'history',
    'history 1',
    'history 1 -o json',
    'history 1 --spec',
    'fit',
    'fit -o json',
    'health -o json',
    'destroy --yes',
    'destroy --yes -o json',
  ])('%s', async (commandLine) => {
    const cluster = await aCluster();
    const files = new FakeFiles({ 'dsdeploy.yaml': specText });
    const result = await run(commandLine, { files, cluster, clock: new FakeClock() });
    const text = everythingOf(result, ['dsdeploy.yaml']);
    expect(text).not.toBe('');
    for (const form of canaries.flatMap(formsOf)) expect(text).not.toContain(form);
  });

  test('the ConfigMaps that apply leaves in the cluster', async () => {
    const cluster = await aCluster();
    const maps = [...cluster.objects.values()].filter(({ kind }) => kind === 'ConfigMap');
    expect(maps.length).toBeGreaterThan(1);
    for (const form of formsOf(inSpec)) expect(JSON.stringify(maps)).not.toContain(form);
  });

  test('a bug, when what it says looks like a secret', async () => {
    const bearer = aCanary();
    const cluster = new FakeCluster();
    cluster.before = () => {
      throw new TypeError(`request failed: {"authorization":"Bearer ${bearer}"}`);
    };
    for (const commandLine of ['plan', 'plan -o json']) {
      const result = await run(commandLine, { cluster });
      expect(result.stderr).toContain('INTERNAL');
      expect(result.stderr).not.toContain(bearer);
    }
  });
});

test('a secret that changes is told as a change, without either value', async () => {
  const cluster = await aCluster();
  const { stdout, code } = await run('plan', {
    files: new FakeFiles({ 'dsdeploy.yaml': specText }),
    cluster,
  });
  expect(code).toBe(2);
  expect(stdout).toMatch(/HF_TOKEN.*\n?.*\(secret, before\).*\(secret, after\)/);
});
