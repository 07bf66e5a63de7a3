import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { FakeCluster } from '../actions/fake-cluster.ts';
import { FakeFiles, run, templateText } from './fake-context.ts';

const nowhere = {
  'dsdeploy.yaml': templateText.replace('nvidia.com/gpu.product: NVIDIA-H200', 'rack: nowhere'),
};

describe('preflight', () => {
  test('is part of the plan and leaves its exit code alone', async () => {
    const { code, stdout } = await run('plan', { files: new FakeFiles(nowhere) });
    expect(code).toBe(2);
    expect(stdout).toContain('Preflight: 1 error');
    expect(stdout).toContain('NODES_MISSING');
    expect(stdout).toContain('kubectl get nodes -l rack=nowhere');
  });

  test('stops apply before the first write, with every finding', async () => {
    const { code, stderr, cluster } = await run('apply --yes', { files: new FakeFiles(nowhere) });
    expect({ code, writes: cluster.writes }).toEqual({ code: 1, writes: [] });
    expect(stderr).toContain('error PREFLIGHT_FAILED');
    expect(stderr).toContain('--skip-preflight');
  });

  test('does not stop an apply that has nothing to write', async () => {
    const cluster = new FakeCluster();
    const files = new FakeFiles(nowhere);
    await run('apply --yes --no-wait --skip-preflight', { cluster, files });
    const { code } = await run('apply --yes --no-wait', { cluster, files });
    expect(code).toBe(0);
  });

  test('is left out with --skip-preflight, by plan and by apply', async () => {
    const files = new FakeFiles(nowhere);
    const plan = await run('plan --skip-preflight -o json', { files });
    expect(JSON.parse(plan.stdout)).not.toHaveProperty('findings');
    const applied = await run('apply --yes --no-wait --skip-preflight', { files });
    expect(applied.code).toBe(0);
    expect(applied.cluster.writes.length).toBeGreaterThan(0);
  });
});

describe('plan --rbac', () => {
  test('prints roles that kubectl can apply, and opens no cluster', async () => {
    const { code, stdout, opened } = await run('plan --rbac --subject serviceaccount:ci:deployer');
    expect({ code, opened }).toEqual({ code: 0, opened: [] });
    const objects = parseAllDocuments(stdout).map(
      (document) => document.toJS() as { kind: string; subjects?: readonly object[] },
    );
    expect(new Set(objects.map(({ kind }) => kind))).toEqual(
      new Set(['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding']),
    );
    const subjects = objects.flatMap(({ subjects: given = [] }) => given);
    expect(new Set(subjects.map((subject) => JSON.stringify(subject)))).toEqual(
      new Set([JSON.stringify({ kind: 'ServiceAccount', name: 'deployer', namespace: 'ci' })]),
    );
  });

  test('is a document with the roles by name', async () => {
    const { stdout } = await run('plan --rbac -o json');
    const { kind, roles } = JSON.parse(stdout) as { kind: string; roles: { role: string }[] };
    expect(kind).toBe('AccessRoles');
    expect(roles.map(({ role }) => role)).toEqual(['view-plan', 'apply', 'destroy']);
  });

  test.each(['ann', 'user:', 'serviceaccount:ci'])('refuses the subject %s', async (subject) => {
    expect((await run(`plan --rbac --subject ${subject}`)).code).toBe(64);
  });
});

describe('render --format', () => {
  test('writes the files of a format, and warns of a key that only apply makes', async () => {
    const { code, files, stderr } = await run('render --format helm -d chart');
    expect(code).toBe(0);
    expect([...files.texts.keys()]).toContain('chart/Chart.yaml');
    expect(stderr).toContain('from `dsdeploy apply` only');
  });

  test.each([
    'render --format helm',
    'render --format argocd -d out',
    'render --format flux -d out',
  ])('%s is refused with a hint', async (line) => {
    const { code, stderr } = await run(line);
    expect(code).toBe(64);
    expect(stderr).toContain('hint:');
  });
});
