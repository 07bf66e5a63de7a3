import { expect, test } from 'vitest';
import { FakeCluster } from '../actions/fake-cluster.ts';
import { FakeFiles, FakeTerminal, run, templateText } from './fake-context.ts';

async function planned() {
  const files = new FakeFiles({ 'dsdeploy.yaml': templateText });
  const cluster = new FakeCluster();
  const result = await run('plan --out plan.json', { files, cluster });
  cluster.reset();
  return { files, cluster, result };
}

test('plan --out saves the plan and says how to go on', async () => {
  const { result, files } = await planned();
  expect(result.code).toBe(2);
  expect(result.stderr).toContain('dsdeploy apply plan.json');
  expect(JSON.parse(files.texts.get('plan.json') ?? '')).toMatchObject({ kind: 'SavedPlan' });
});

test('show prints what plan printed, and contacts no cluster', async () => {
  const { result, files } = await planned();
  const shown = await run('show plan.json', { files });
  expect(shown).toMatchObject({ code: 0, stdout: result.stdout, opened: [] });
});

test('apply FILE does what the file says, without the spec', async () => {
  const { files, cluster } = await planned();
  files.texts.delete('dsdeploy.yaml');
  const { code, stdout } = await run('apply plan.json --yes --no-wait', { files, cluster });
  expect({ code, applied: /^Applied: \d+ created$/m.test(stdout) }).toEqual({
    code: 0,
    applied: true,
  });
});

test('apply FILE writes nothing once an object has moved', async () => {
  const { files, cluster } = await planned();
  const text = files.texts.get('plan.json') ?? '';
  const { namespace } = JSON.parse(text).plan.deployment;
  cluster.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  cluster.reset();
  const result = await run('apply plan.json --yes --no-wait', { files, cluster });
  expect({ code: result.code, writes: cluster.writes }).toEqual({ code: 5, writes: [] });
  expect(result.stderr).toContain('error PLAN_STALE');
  expect(result.stderr).toContain(`Namespace/${namespace}`);
});

test('apply FILE asks nobody about a plan that is stale', async () => {
  const { files, cluster } = await planned();
  const { namespace } = JSON.parse(files.texts.get('plan.json') ?? '').plan.deployment;
  cluster.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  const terminal = new FakeTerminal(() => true);
  const result = await run('apply plan.json --no-wait', { files, cluster, terminal });
  expect({ code: result.code, questions: terminal.questions }).toEqual({ code: 5, questions: [] });
});

test('apply FILE runs preflight again, and stops at what it finds today', async () => {
  const { files, cluster } = await planned();
  cluster.put({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'tiny' },
    status: { allocatable: {}, conditions: [{ type: 'Ready', status: 'True' }] },
  });
  cluster.reset();
  const result = await run('apply plan.json --yes --no-wait', { files, cluster });
  expect({ code: result.code, writes: cluster.writes }).toEqual({ code: 1, writes: [] });
  expect(result.stderr).toContain('PREFLIGHT_FAILED');
  const skipped = await run('apply plan.json --yes --no-wait --skip-preflight', { files, cluster });
  expect(skipped.code).toBe(0);
});

test.each([
  ['cut short', (text: string) => text.slice(0, text.length / 2), 'was edited or cut short'],
  [
    'of a newer version',
    (text: string) => text.replace('"formatVersion": 1', '"formatVersion": 2'),
    '2, and this dsdeploy reads 1',
  ],
  [
    'edited',
    (text: string) => text.replace('"replicas": 1', '"replicas": 9'),
    'was edited or cut short',
  ],
  ['something else', () => '{"kind":"List"}', 'not a plan that'],
  ['empty', () => '', 'not a plan that'],
])('apply and show refuse a file that is %s', async (_what, change, message) => {
  const { files, cluster } = await planned();
  files.texts.set('plan.json', change(files.texts.get('plan.json') ?? ''));
  for (const line of ['show plan.json', 'apply plan.json --yes']) {
    const result = await run(line, { files, cluster });
    expect({ code: result.code, writes: cluster.writes }).toEqual({ code: 1, writes: [] });
    expect(result.stderr).toContain('error PLAN_FILE_INVALID');
    expect(result.stderr).toContain(message);
  }
});

test('apply FILE refuses another cluster behind the same address', async () => {
  const { files, cluster } = await planned();
  cluster.target = { ...cluster.target, clusterUid: 'cluster-2' };
  const result = await run('apply plan.json --yes --no-wait', { files, cluster });
  expect({ code: result.code, writes: cluster.writes }).toEqual({ code: 5, writes: [] });
  expect(result.stderr).toContain('cluster-2');
});

test.each([
  ['plan --offline --out plan.json', '--offline'],
  ['apply plan.json --namespace other', 'namespace of a saved plan'],
  ['apply plan.json --take .spec.replicas', 'what is taken of a saved plan'],
  ['apply plan.json --adopt all', 'what is adopted of a saved plan'],
  ['show', 'plan'],
])('%s is a usage error', async (commandLine, text) => {
  const { code, stderr, opened } = await run(commandLine);
  expect({ code, opened }).toEqual({ code: 64, opened: [] });
  expect(stderr).toContain(text);
});
