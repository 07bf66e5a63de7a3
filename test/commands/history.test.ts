import { describe, expect, test } from 'vitest';
import { DsdeployError } from '../../src/errors/index.ts';
import { FakeCluster } from '../actions/fake-cluster.ts';
import { FakeFiles, FakeTerminal, run, templateText } from './fake-context.ts';

const changedText = templateText.replace(
  /^( *)engine: vllm$/m,
  '$1engine: vllm\n$1maxSequences: 128',
);
const byName = '--name deepseek -n deepseek';

function onDisk(text: string): FakeFiles {
  return new FakeFiles({ 'dsdeploy.yaml': text });
}

/** A cluster with the template as revision 1 and a change of it as revision 2. */
async function twoRevisions(): Promise<FakeCluster> {
  const cluster = new FakeCluster();
  await run('apply --yes --no-wait', { cluster });
  await run('apply --yes --no-wait', { cluster, files: onDisk(changedText) });
  cluster.reset();
  return cluster;
}

describe('history', () => {
  test('lists the newest first, and which is current', async () => {
    const { code, stdout } = await run('history', { cluster: await twoRevisions() });
    expect(code).toBe(0);
    const [header, second, first] = stdout.trimEnd().split('\n');
    expect(header).toMatch(/^revision +applied +by +what$/);
    expect(second).toMatch(
      /^ +2 +1970-01-01 00:00:00Z +ann@laptop +current: 1 updated: deepseek-main --max-num-seqs absent -> 128/,
    );
    expect(first).toMatch(/^ +1 .*created$/);
  });

  test('says that nothing was recorded, exit 0', async () => {
    const { code, stdout } = await run('history');
    expect(code).toBe(0);
    expect(stdout).toContain('Nothing of "deepseek" is recorded');
  });

  test('needs no spec with a name and a namespace', async () => {
    const cluster = await twoRevisions();
    const { code, stdout } = await run(`history ${byName} -o json`, {
      cluster,
      files: new FakeFiles({}),
    });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      kind: 'History',
      revisions: [{ number: 1 }, { isCurrent: true }],
    });
  });

  test('N shows what going back would change', async () => {
    const { stdout } = await run('history 1', { cluster: await twoRevisions() });
    expect(stdout).toContain('Spec, from revision 2 to this one');
    expect(stdout).toMatch(/- +maxSequences: 128/);
    expect(stdout).toMatch(/- spec.*: --max-num-seqs/);
    expect(stdout).toContain('`dsdeploy rollback 1`');
  });

  test('N --spec prints a spec that plans as no change', async () => {
    const cluster = await twoRevisions();
    const { stdout } = await run('history 2 --spec', { cluster });
    const plan = await run('plan', { cluster, files: onDisk(stdout) });
    expect(plan.code).toBe(0);
  });

  test('N --manifests prints the objects as render does', async () => {
    const cluster = await twoRevisions();
    const { stdout } = await run('history 2 --manifests', { cluster });
    expect(stdout).toBe((await run('render', { files: onDisk(changedText) })).stdout);
  });

  test.each([
    { line: 'history 9', code: 1, error: 'REVISION_NOT_FOUND' },
    { line: 'history two', code: 64, error: 'USAGE' },
    { line: 'history 0', code: 64, error: 'USAGE' },
    { line: 'history --spec', code: 64, error: 'USAGE' },
    { line: 'history 1 --spec --manifests', code: 64, error: 'USAGE' },
    { line: 'history --name deepseek', code: 64, error: 'USAGE' },
    { line: 'history 1 --name other -n deepseek', code: 1, error: 'HISTORY_EMPTY' },
  ])('$line is one $error', async ({ line, code, error }) => {
    const result = await run(line, { cluster: await twoRevisions() });
    expect(result.code).toBe(code);
    expect(result.stderr.match(/^error \w+/gm)).toEqual([`error ${error}`]);
  });

  test('is one error without the right to list', async () => {
    const cluster = await twoRevisions();
    cluster.before = ({ verb }) => {
      if (verb === 'list') throw new DsdeployError('CLUSTER_FORBIDDEN', 'Cannot list ConfigMap');
    };
    const { code, stderr } = await run('history', { cluster });
    expect(code).toBe(1);
    expect(stderr).toContain('error CLUSTER_FORBIDDEN: Cannot list ConfigMap');
  });
});

describe('rollback', () => {
  test('shows the plan, asks, and applies the revision before', async () => {
    const cluster = await twoRevisions();
    const terminal = new FakeTerminal(() => true);
    const { code } = await run('rollback --no-wait', { cluster, terminal });
    expect(code).toBe(0);
    expect(terminal.questions).toEqual(['Roll "deepseek" back to revision 1 in context lab?']);
    expect(terminal.shown).toContain('0 to create, 1 to update, 0 to delete');
    expect(terminal.shown).toContain('Disruption');
    expect(cluster.writes).toEqual([
      'apply Lease/deepseek/deepseek-lock',
      'apply LeaderWorkerSet/deepseek/deepseek-main',
      'apply ConfigMap/deepseek/deepseek-revision-3',
      'delete Lease/deepseek/deepseek-lock',
    ]);
    expect((await run('plan', { cluster })).code).toBe(0);
  });

  test('writes nothing after a no', async () => {
    const cluster = await twoRevisions();
    const { code } = await run('rollback', { cluster, terminal: new FakeTerminal(() => false) });
    expect({ code, writes: cluster.writes }).toEqual({ code: 5, writes: [] });
  });

  test('to what is live is no change, exit 0, asks nothing and writes nothing', async () => {
    const cluster = await twoRevisions();
    const terminal = new FakeTerminal(() => false);
    const { code } = await run('rollback 2 --no-wait', { cluster, terminal });
    expect({ code, writes: cluster.writes, questions: terminal.questions }).toEqual({
      code: 0,
      writes: [],
      questions: [],
    });
  });

  test('run again goes on and undoes nothing, and says how to', async () => {
    const cluster = await twoRevisions();
    await run('rollback --yes --no-wait', { cluster });
    cluster.reset();
    const { code, stderr } = await run('rollback --yes --no-wait', { cluster });
    expect({ code, writes: cluster.writes }).toEqual({ code: 0, writes: [] });
    expect(stderr).toContain(
      'Revision 3, the current one, went back to revision 1 already, so this goes on with it; `dsdeploy rollback 2` undoes it',
    );
    expect((await run('plan', { cluster })).code).toBe(0);
  });

  test('run again mends what moved since', async () => {
    const cluster = await twoRevisions();
    await run('rollback --yes --no-wait', { cluster });
    cluster.drop({
      apiVersion: 'v1',
      kind: 'Service',
      namespace: 'deepseek',
      name: 'deepseek-api',
    });
    await run('rollback --yes --no-wait', { cluster });
    expect((await run('plan', { cluster })).code).toBe(0);
  });

  test('waits for health when it is run again', async () => {
    const cluster = await twoRevisions();
    await run('rollback --yes --no-wait', { cluster });
    const { code, stdout } = await run('rollback --yes --wait-timeout 30s', { cluster });
    expect(code).toBe(3);
    expect(stdout).toContain('gave up after 30s');
  });

  test('to the revision before undoes it', async () => {
    const cluster = await twoRevisions();
    await run('rollback --yes --no-wait', { cluster });
    const { stderr } = await run('rollback 2 --yes --no-wait', { cluster });
    expect(stderr).not.toContain('goes on with it');
    expect((await run('plan', { cluster, files: onDisk(changedText) })).code).toBe(0);
    const { stdout } = await run('history -o json', { cluster });
    expect(JSON.parse(stdout).revisions).toMatchObject([
      {},
      {},
      { number: 3, rollbackOf: 1 },
      { number: 4, rollbackOf: 2 },
    ]);
  });

  test('after an apply on top of a rollback goes to the revision before again', async () => {
    const cluster = await twoRevisions();
    await run('rollback --yes --no-wait', { cluster });
    await run('apply --yes --no-wait', { cluster, files: onDisk(changedText) });
    await run('rollback --yes --no-wait', { cluster });
    expect((await run('plan', { cluster })).code).toBe(0);
    const { stdout } = await run('history -o json', { cluster });
    expect(JSON.parse(stdout).revisions).toMatchObject([
      {},
      {},
      { number: 3, rollbackOf: 1 },
      { number: 4 },
      { number: 5, rollbackOf: 3 },
    ]);
  });

  test.each([
    { text: changedText, said: true },
    { text: templateText, said: false },
  ])('says that the spec on disk would undo it: $said', async ({ text, said }) => {
    const cluster = await twoRevisions();
    const { stderr } = await run('rollback --yes --no-wait', { cluster, files: onDisk(text) });
    expect(stderr.includes('undoes this rollback')).toBe(said);
    expect(stderr.includes('dsdeploy history 1 --spec > FILE')).toBe(said);
  });

  test('needs no spec with a name and a namespace', async () => {
    const cluster = await twoRevisions();
    const files = new FakeFiles({});
    expect((await run(`rollback --yes --no-wait ${byName}`, { cluster, files })).code).toBe(0);
  });

  test('waits for health as apply does', async () => {
    const cluster = await twoRevisions();
    const { code, stdout } = await run('rollback --yes --wait-timeout 30s', { cluster });
    expect(code).toBe(3);
    expect(stdout).toContain('gave up after 30s');
  });

  test.each([
    { line: 'rollback 9 --yes', code: 1, error: 'REVISION_NOT_FOUND' },
    { line: 'rollback -1 --yes', code: 64, error: 'USAGE' },
    { line: 'rollback', code: 5, error: 'DECLINED' },
  ])('$line is $error and writes nothing', async ({ line, code, error }) => {
    const cluster = await twoRevisions();
    const result = await run(line, { cluster });
    expect({ code: result.code, writes: cluster.writes }).toEqual({ code, writes: [] });
    expect(result.stderr).toContain(`error ${error}`);
  });

  test('is refused with one revision, and with none', async () => {
    const cluster = new FakeCluster();
    expect((await run('rollback --yes', { cluster })).stderr).toContain('error HISTORY_EMPTY');
    await run('apply --yes --no-wait', { cluster });
    const { stderr } = await run('rollback --yes', { cluster });
    expect(stderr).toContain('revision 1 of "deepseek" is the only one');
  });
});

describe('diff', () => {
  test('exits 0 when the cluster is as it was applied, whatever the spec on disk says', async () => {
    const cluster = await twoRevisions();
    const { code, stdout } = await run('diff', { cluster });
    expect(code).toBe(0);
    expect(stdout).toContain('Drift: none, the cluster is as revision 2');
    expect(cluster.writes).toEqual([]);
  });

  test('exits 2 with what was changed and what is missing', async () => {
    const cluster = await twoRevisions();
    const start = cluster.find('ConfigMap', 'deepseek-start');
    if (start === undefined) throw new Error('apply made it');
    cluster.put({ ...start, data: { other: 'by hand' } });
    cluster.drop({
      apiVersion: 'v1',
      kind: 'Service',
      namespace: 'deepseek',
      name: 'deepseek-api',
    });
    const { code, stdout } = await run('diff', { cluster });
    expect(code).toBe(2);
    expect(stdout).toContain('~ ConfigMap/deepseek/deepseek-start');
    expect(stdout).toContain('- Service/deepseek/deepseek-api is missing');
    expect(stdout).toContain('1 changed, 1 missing');
    expect(cluster.writes).toEqual([]);
  });

  test('tells an object that may not be read beside the others, exit 2', async () => {
    const cluster = await twoRevisions();
    cluster.before = ({ verb, ref }) => {
      if (verb === 'get' && ref.kind === 'Secret')
        throw new DsdeployError('CLUSTER_FORBIDDEN', 'Cannot read the Secret: you lack get');
    };
    const { code, stdout } = await run('diff', { cluster });
    expect(code).toBe(2);
    expect(stdout).toMatch(/\? Secret.* could not be compared: .*you lack get/);
  });

  test('is an error before the first apply', async () => {
    const { code, stderr } = await run('diff');
    expect(code).toBe(1);
    expect(stderr).toContain('error HISTORY_EMPTY');
  });
});
