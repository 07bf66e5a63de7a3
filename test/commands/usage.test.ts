import { describe, expect, test } from 'vitest';
import { commands } from '../../src/commands/commands.ts';
import { DsdeployError } from '../../src/errors/index.ts';
import { FakeCluster } from '../actions/fake-cluster.ts';
import { FakeFiles, run, templateText } from './fake-context.ts';

const names = commands.map(({ name }) => name);
const lines = [
  ...names.filter((name) => name !== 'sandbox'),
  'sandbox up',
  'sandbox down',
  'sandbox status',
];

describe('a mistake in the command line', () => {
  test.each(lines)('%s with an unknown option runs nothing and ends with 64', async (line) => {
    const { code, stdout, stderr, opened, files } = await run(`${line} --no-such-option`);
    expect({ code, stdout, opened }).toEqual({ code: 64, stdout: '', opened: [] });
    expect(stderr).toContain('error USAGE');
    expect([...files.texts.keys()]).toEqual(['dsdeploy.yaml']);
  });

  test.each(lines)('%s with a surplus word runs nothing and ends with 64', async (line) => {
    // Of these the first word is the name of a plan file.
    const words = ['show', 'apply'].includes(line) ? 'plan.json surplus' : 'surplus';
    const { code, opened } = await run(`${line} ${words}`);
    expect({ code, opened }).toEqual({ code: 64, opened: [] });
  });

  test.each([
    ['plan --ofline', '--offline'],
    ['apply --yess', '--yes'],
    ['destroy --include-volume', '--include-volumes'],
    ['sandbox up --node h200=1', '--nodes'],
    ['plan --namespce x', '--namespace'],
  ])('%s is told the nearest option', async (line, option) => {
    expect((await run(line)).stderr).toContain(`Did you mean ${option}?`);
  });

  test.each([
    ['plann', 'Did you mean "plan"?'],
    ['', 'dsdeploy --help'],
    ['sandbox', 'up, down or status'],
    ['plan -o yaml', '--output is "yaml", and may be one of "text", "json"'],
    ['plan here', 'unexpected word "here"'],
    ['plan -f', '-f needs a value'],
    ['plan --file=', 'empty'],
    ['plan --namespace Not_A_Label', 'DNS label'],
    ['apply --wait-timeout soon', 'duration'],
    ['sandbox up --nodes h100=2', 'h200'],
    ['show', '<plan-file> is missing'],
    ['completion fish', '$SHELL'],
    ['estimate --device-hour-price 2', 'Add --cost'],
    ['estimate --utilization 0.5', 'Add --cost'],
    ['estimate --objective latency', 'Add --search'],
  ])('"%s" ends with 64 and says %s', async (line, text) => {
    const { code, stderr } = await run(line);
    expect(code).toBe(64);
    expect(stderr).toContain(text);
  });

  test.each([
    ['apply --wait-timeout soon', '--wait-timeout', 'for example 90m or 1h30m'],
    ['plan --adopt start', '--adopt', 'ConfigMap/llm/v32-start'],
    ['plan --namespace Not_A_Label', '--namespace', 'lower-case letters'],
    ['estimate --concurrency a,b', '--concurrency', '--concurrency 4,16,64'],
    ['health --canary-context -5', '--canary-context', '--canary-context 65536'],
  ])('"%s" names the option %s and shows what to write', async (line, subject, example) => {
    const { stderr } = await run(`${line} -o json`);
    const { hint, ...error } = JSON.parse(stderr) as { readonly hint: string };
    expect(error).toMatchObject({ code: 'USAGE', subject });
    expect(hint).toContain(example);
  });

  test('is one JSON document on stderr with -o json', async () => {
    const { code, stdout, stderr } = await run('plan --ofline -o json');
    expect(JSON.parse(stderr)).toMatchObject({
      apiVersion: 'dsdeploy/v1',
      kind: 'Error',
      code: 'USAGE',
    });
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
  });
});

describe('help', () => {
  test.each(lines)('%s --help describes the command and runs nothing', async (line) => {
    const { code, stdout, opened } = await run(`${line} --help`);
    expect({ code, opened }).toEqual({ code: 0, opened: [] });
    expect(stdout).toContain(`dsdeploy ${line}`);
    expect(stdout).toContain('--help');
  });

  test.each(lines.filter((line) => line !== 'schema'))('%s --help lists examples', async (line) => {
    expect((await run(`${line} --help`)).stdout).toContain('Examples:');
  });

  test('every example parses', async () => {
    for (const { examples } of commands) {
      for (const example of examples) {
        const line = example.replace('$0 ', '').replace(/ [|>].*$/, '');
        // `--help` at the end stops before the handler, after the options were checked.
        expect(await run(`${line} --help`)).toMatchObject({ code: 0 });
      }
    }
  });

  test('--version prints the version alone', async () => {
    expect(await run('--version')).toMatchObject({ code: 0, stdout: '9.9.9\n', stderr: '' });
  });

  test('completion prints a script', async () => {
    expect((await run('completion')).stdout).toContain('--get-yargs-completions');
  });
});

describe('an option that is given twice', () => {
  test('counts as given last', async () => {
    const files = new FakeFiles({ 'good.yaml': templateText });
    const line = 'plan --offline -o text -f missing.yaml -f good.yaml -n one -n two -o json';
    const { code, stdout } = await run(line, { files });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ deployment: { namespace: 'two' } });
  });

  test('counts every time where it is a list', async () => {
    const cluster = new FakeCluster();
    await run('apply --yes --no-wait', { cluster });
    const fields = ['.spec.replicas', '.spec.networkConfig.subdomainPolicy'];
    const conflictOnce = () => {
      let isFirst = true;
      cluster.before = ({ verb, ref }) => {
        if (verb !== 'dry-run' || ref.kind !== 'LeaderWorkerSet' || !isFirst) return;
        isFirst = false;
        const details = fields.map((location) => ({ location, message: 'owned by kubectl' }));
        throw new DsdeployError('FIELD_CONFLICT', 'Two fields conflict', { details });
      };
    };
    conflictOnce();
    expect((await run(`plan --take ${fields[1] ?? ''}`, { cluster })).code).toBe(1);
    conflictOnce();
    const both = fields.map((field) => `--take ${field}`).join(' ');
    expect((await run(`plan ${both}`, { cluster })).code).toBe(0);
  });
});
