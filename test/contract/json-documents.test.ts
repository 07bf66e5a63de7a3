import { readdirSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { FakeCluster } from '../actions/fake-cluster.ts';
import { FakeFiles, run, templateText } from '../commands/fake-context.ts';
import { readRepositoryFile } from '../render/repository-file.ts';

const schemaFiles = readdirSync(new URL('../../docs/schemas', import.meta.url)).toSorted();

const validators = new Map(
  schemaFiles.map((file) => {
    const schema: object = JSON.parse(readRepositoryFile(`docs/schemas/${file}`));
    return [
      file.replace('.schema.json', ''),
      new Ajv({ allErrors: true, strict: false }).compile(schema),
    ] as const;
  }),
);

/** Problems of a document against the published schema of its kind. */
function problemsOf(text: string): { kind: string; problems: unknown } {
  const document: { kind: string } = JSON.parse(text);
  const validate = validators.get(document.kind);
  if (validate === undefined) return { kind: document.kind, problems: 'no schema is published' };
  validate(document);
  return { kind: document.kind, problems: validate.errors ?? [] };
}

async function appliedCluster(): Promise<FakeCluster> {
  const cluster = new FakeCluster();
  await run('apply --yes --no-wait', { cluster });
  return cluster;
}

const broken = templateText.replace('data: 16', 'data: 32');

describe('-o json prints documents that their published schema accepts', () => {
  test.each([
    { line: 'fit', kind: 'Fit' },
    { line: 'fit', kind: 'Fit', text: broken },
    { line: 'estimate --concurrency 4,64', kind: 'Estimate' },
    { line: 'estimate', kind: 'Estimate', text: broken },
    { line: 'estimate --search --nodes 2', kind: 'Estimate' },
    {
      line: 'estimate --cost --device-hour-price 2 --utilization 0.5 --concurrency 64',
      kind: 'Estimate',
    },
    { line: 'plan', kind: 'Plan' },
    { line: 'plan --offline', kind: 'Plan' },
    { line: 'apply --yes --no-wait', kind: 'ApplyResult' },
    { line: 'render', kind: 'RenderResult' },
    { line: 'init -f other.yaml', kind: 'InitResult' },
    { line: 'sandbox status', kind: 'SandboxStatus' },
    { line: 'sandbox down', kind: 'SandboxStopResult' },
  ])('$line gives a $kind', async ({ line, kind, text = templateText }) => {
    const files = new FakeFiles({ 'dsdeploy.yaml': text });
    const { stdout } = await run(`${line} -o json`, { files });
    expect(problemsOf(stdout)).toEqual({ kind, problems: [] });
  });

  test.each([
    { line: 'plan', kind: 'Plan' },
    { line: 'health', kind: 'HealthReport' },
    { line: 'diff', kind: 'Drift' },
    { line: 'history', kind: 'History' },
    { line: 'history 1', kind: 'Revision' },
    { line: 'rollback 1 --no-wait', kind: 'ApplyResult' },
    { line: 'destroy --yes', kind: 'DestroyResult' },
  ])('$line gives a $kind after apply', async ({ line, kind }) => {
    const { stdout } = await run(`${line} -o json`, { cluster: await appliedCluster() });
    expect(problemsOf(stdout)).toEqual({ kind, problems: [] });
  });

  test.each(['plan', 'plan --frobnicate', 'apply'])('%s gives an Error on stderr', async (line) => {
    const files = line === 'plan' ? new FakeFiles({}) : undefined;
    const result = await run(`${line} -o json`, files === undefined ? {} : { files });
    const last = result.stderr.trim().split('\n').at(-1) ?? '';
    expect(result.stdout).toBe('');
    expect(problemsOf(last)).toEqual({ kind: 'Error', problems: [] });
  });
});

describe('published schemas', () => {
  test('refuse a key they do not know and a value of the wrong type', async () => {
    const { stdout } = await run('plan -o json');
    const document: object = JSON.parse(stdout);
    for (const change of [{ surprise: 1 }, { changes: 'none' }]) {
      const { problems } = problemsOf(JSON.stringify({ ...document, ...change }));
      expect(problems).not.toEqual([]);
    }
  });
});
