import { describe, expect, test } from 'vitest';
import { FakeFiles, run, templateText } from './fake-context.ts';

const tooSmall = templateText.replace('tensor: 1, data: 16', 'tensor: 3, data: 5');

function withSpec(text: string) {
  return { files: new FakeFiles({ 'dsdeploy.yaml': text }) };
}

describe('plan --offline', () => {
  test('shows layout and objects, exits 0 and opens no cluster', async () => {
    const { code, stdout, opened } = await run('plan --offline');
    expect({ code, opened }).toEqual({ code: 0, opened: [] });
    expect(stdout).toContain('offline, not compared with any cluster');
    expect(stdout).toContain('left for the KV cache');
    expect(stdout).toContain('+ LeaderWorkerSet/deepseek/deepseek-main');
    expect(stdout).toMatch(/Plan: \d+ to create, 0 to update, 0 to delete/);
  });

  test('-o json is one document with a summary and the layout', async () => {
    const { stdout } = await run('plan --offline -o json');
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({ apiVersion: 'dsdeploy/v1', kind: 'Plan' });
    expect(document.summary.create).toBe(document.changes.length);
    expect(document.layout.groups[0].kind).toBe('placed');
  });

  test('--namespace replaces the one of the spec', async () => {
    const { stdout } = await run('plan --offline --namespace lab');
    expect(stdout).toContain('+ LeaderWorkerSet/lab/deepseek-main');
  });
});

describe('a layout that breaks a rule', () => {
  test.each(['plan --offline', 'plan', 'fit'])(
    '%s shows why on stdout and exits 4',
    async (line) => {
      const { code, stdout, opened } = await run(line, withSpec(tooSmall));
      expect({ code, opened }).toEqual({ code: 4, opened: [] });
      expect(stdout).toContain('Group main: refused');
    },
  );

  test.each(['apply --yes', 'render', 'health'])('%s is an error with exit 4', async (line) => {
    const { code, stdout, stderr, opened } = await run(line, withSpec(tooSmall));
    expect({ code, stdout, opened }).toEqual({ code: 4, stdout: '', opened: [] });
    expect(stderr).toContain('error LAYOUT_REFUSED');
  });
});

describe('a spec that cannot be used', () => {
  test.each([
    ['', 'SPEC_INVALID'],
    ['a: [', 'SPEC_INVALID'],
    [`${templateText}\nmodle: 1\n`, 'SPEC_INVALID'],
  ])('%j exits 4 with %s', async (text, code) => {
    const result = await run('plan', withSpec(text));
    expect(result).toMatchObject({ code: 4, stdout: '', opened: [] });
    expect(result.stderr).toContain(`error ${code}`);
    expect(result.stderr).toContain('dsdeploy.yaml:');
  });

  test('that is missing is told with `dsdeploy init`', async () => {
    const { code, stderr } = await run('fit -f lab.yaml');
    expect(code).toBe(4);
    expect(stderr).toContain('error SPEC_MISSING');
    expect(stderr).toContain('dsdeploy init');
  });
});

describe('fit', () => {
  test('reads stdin with -f -', async () => {
    const files = new FakeFiles({});
    files.stdin = templateText;
    expect(await run('fit -f -', { files })).toMatchObject({ code: 0 });
  });

  test('-o json tells the verdict', async () => {
    expect(JSON.parse((await run('fit -o json')).stdout)).toMatchObject({
      kind: 'Fit',
      fits: true,
    });
  });
});

describe('render', () => {
  test('prints YAML documents in apply order', async () => {
    const { stdout, code } = await run('render');
    expect(code).toBe(0);
    const kinds = stdout.match(/^kind: \w+$/gm);
    expect(kinds?.[0]).toBe('kind: Namespace');
    expect(kinds?.at(-1)).toBe('kind: LeaderWorkerSet');
  });

  test('--directory writes one numbered file per object', async () => {
    const { stdout, files } = await run('render -d out');
    const written = stdout.trim().split('\n');
    expect(written[0]).toBe('out/01-namespace-deepseek.yaml');
    expect(written.every((path) => files.texts.has(path))).toBe(true);
  });

  test('--directory removes what an earlier render left, and nothing else', async () => {
    const { files } = await run('render -d out');
    const service = [...files.texts.keys()].find((path) => path.includes('-service-'));
    const text = files.texts.get(service ?? '') ?? '';
    const foreign = {
      // Numbered like ours: of another deployment, of somebody else, and not an object at all.
      'out/77-service-other.yaml': text.replaceAll(/(instance: )deepseek/g, '$1other'),
      'out/78-service-deepseek.yaml': text.replaceAll(/(managed-by: )dsdeploy/g, '$1kustomize'),
      'out/79-notes-deepseek.yaml': '# app.kubernetes.io/instance: deepseek\n',
      'out/values.yaml': text,
      'elsewhere/80-service-deepseek.yaml': text,
    };
    for (const [path, content] of Object.entries(foreign)) files.texts.set(path, content);
    files.texts.set('out/80-service-deepseek.yaml', text);
    const { code, stdout, stderr } = await run('render -d out -o json', { files });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ removed: ['out/80-service-deepseek.yaml'] });
    expect(stderr).toContain('Removed out/80-service-deepseek.yaml');
    expect([...files.texts.keys()]).toEqual(expect.arrayContaining(Object.keys(foreign)));
    expect(files.texts.has('out/80-service-deepseek.yaml')).toBe(false);
  });

  test('-o json lists the manifests', async () => {
    const document = JSON.parse((await run('render -o json')).stdout);
    expect(document).toMatchObject({ apiVersion: 'dsdeploy/v1', kind: 'RenderResult' });
    expect(document.manifests[0].kind).toBe('Namespace');
  });
});

describe('schema', () => {
  test('prints a JSON Schema', async () => {
    expect(JSON.parse((await run('schema')).stdout)).toHaveProperty('$schema');
  });
});

describe('init', () => {
  const empty = () => ({ files: new FakeFiles({}) });

  test('writes a spec that plans, its schema, and names the values of the site', async () => {
    const { code, stdout, files } = await run('init', empty());
    expect(code).toBe(0);
    expect([...files.texts.keys()]).toEqual(['dsdeploy.yaml', 'dsdeploy.schema.json']);
    expect(stdout).toContain('pools.h200.fabric.rdma');
    expect(stdout).toContain('kubectl get nodes');
    expect(await run('plan --offline', { files })).toMatchObject({ code: 0 });
  });

  test('leaves an existing file alone without --force', async () => {
    const files = new FakeFiles({ 'dsdeploy.yaml': 'mine' });
    const { code, stderr } = await run('init', { files });
    expect(code).toBe(1);
    expect(stderr).toContain('--force');
    expect([...files.texts]).toEqual([['dsdeploy.yaml', 'mine']]);
  });

  test('replaces it with --force', async () => {
    const files = new FakeFiles({ 'dsdeploy.yaml': 'mine' });
    expect((await run('init --force', { files })).code).toBe(0);
    expect(files.texts.get('dsdeploy.yaml')).toBe(templateText);
  });

  test('lists the templates and writes none', async () => {
    const { stdout, files } = await run('init --list-templates', empty());
    expect(stdout).toContain('h200-vllm-2-nodes');
    expect(files.texts.size).toBe(0);
  });

  test('names the nearest template', async () => {
    const { code, stderr } = await run('init --template h200-vllm-2-node', empty());
    expect(code).toBe(64);
    expect(stderr).toContain('did you mean "h200-vllm-2-nodes"?');
  });
});
