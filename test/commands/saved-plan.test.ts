import { expect, test } from 'vitest';
import { FakeCluster } from '../actions/fake-cluster.ts';
import { FakeFiles, run, templateText } from './fake-context.ts';

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
  ['show', 'plan'],
])('%s is a usage error', async (commandLine, text) => {
  const { code, stderr, opened } = await run(commandLine);
  expect({ code, opened }).toEqual({ code: 64, opened: [] });
  expect(stderr).toContain(text);
});
