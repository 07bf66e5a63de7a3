import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { planDeployment } from '../../../src/actions/plan/index.ts';
import { readSavedPlan, writeSavedPlan } from '../../../src/actions/saved-plan/index.ts';
import { nodeFiles } from '../../../src/commands/process/node-files.ts';
import { planLayout } from '../../../src/layout/index.ts';
import { contentDigest, findPlainSecrets } from '../../../src/plan/index.ts';
import { aTemplateSpec } from '../../render/a-layout.ts';
import { errorOf } from '../error-of.ts';
import { FakeCluster } from '../fake-cluster.ts';
import { aRequest, leaderWorkerSet } from '../fixture-deployment.ts';
import { FakeClock, RecordingHost } from '../recording-host.ts';

const ports = { files: nodeFiles, clock: new FakeClock() };
let directory = '';
let path = '';

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dsdeploy-plan-'));
  path = join(directory, 'plan.json');
});

afterEach(() => rm(directory, { recursive: true }));

async function aView(request = aRequest()) {
  const plan = await planDeployment(request, {
    cluster: new FakeCluster(),
    host: new RecordingHost(),
  });
  return { plan, layout: planLayout(aTemplateSpec('h200-vllm-2-nodes')) };
}

test('a saved plan is read back as it was, by its owner alone', async () => {
  const view = await aView();
  await writeSavedPlan(view, path, ports);
  const saved = await readSavedPlan(path, nodeFiles);
  expect(saved.plan).toEqual(JSON.parse(JSON.stringify(view.plan)));
  expect(saved.layout).toEqual(JSON.parse(JSON.stringify(view.layout)));
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test('an older plan is replaced, also one that everybody could read', async () => {
  await writeSavedPlan(await aView(), path, ports);
  await writeFile(join(directory, 'wide.json'), await readFile(path), { mode: 0o644 });
  await writeSavedPlan(await aView(), join(directory, 'wide.json'), ports);
  expect((await stat(join(directory, 'wide.json'))).mode & 0o777).toBe(0o600);
});

test('a file that is not a plan is left alone', async () => {
  await writeFile(path, 'name: deepseek');
  expect((await errorOf(writeSavedPlan(await aView(), path, ports))).code).toBe('FILE_EXISTS');
  expect(await readFile(path, 'utf8')).toBe('name: deepseek');
});

type Json = Record<string, unknown>;

describe('a plan file is refused', () => {
  const edits: readonly (readonly [string, (saved: Json) => unknown, string])[] = [
    ['one that was edited', (saved) => ({ ...saved, savedAt: 'later' }), 'was edited'],
    ['one with a field added', (saved) => ({ ...saved, extra: 1 }), 'was edited'],
    ['one of another version', (saved) => ({ ...saved, formatVersion: 2 }), 'format version is 2'],
    ['another document', () => ({ apiVersion: 'dsdeploy/v1', kind: 'Plan' }), 'not a plan'],
    [
      'one with parts missing',
      ({ layout: _layout, ...saved }) => ({ ...saved, contentSha256: contentDigest(saved) }),
      'parts of it are missing',
    ],
  ];

  test.each(edits)('%s', async (_what, edit, reason) => {
    await writeSavedPlan(await aView(), path, ports);
    const saved = JSON.parse(await readFile(path, 'utf8')) as Json;
    await writeFile(path, JSON.stringify(edit(saved)));
    const error = await errorOf(readSavedPlan(path, nodeFiles));
    expect(error).toMatchObject({ code: 'PLAN_FILE_INVALID', subject: path });
    expect(error.message).toContain(reason);
  });

  test('one that is cut short', async () => {
    await writeSavedPlan(await aView(), path, ports);
    await writeFile(path, (await readFile(path, 'utf8')).slice(0, 500));
    expect((await errorOf(readSavedPlan(path, nodeFiles))).code).toBe('PLAN_FILE_INVALID');
  });

  test('one that is not there', async () => {
    expect((await errorOf(readSavedPlan(path, nodeFiles))).message).toContain('no such file');
  });
});

const engine = (extra: Json) => ({
  ...leaderWorkerSet(),
  spec: { template: { spec: { containers: [{ name: 'engine', ...extra }] } } },
});

test.each([
  ['a variable', engine({ env: [{ name: 'HF_TOKEN', value: 'hf_canary' }] }), 1],
  ['an argument', engine({ args: ['--api-key', 'canary'] }), 1],
  ['an argument with equals sign', engine({ args: ['--api-key=canary'] }), 1],
  ['a reference to a variable', engine({ args: ['--api-key', '$(API_KEY)'] }), 0],
  ['a reference after an equals sign', engine({ args: ['--api-key=$(API_KEY)'] }), 0],
  ['no secret', engine({ args: ['--max-model-len', '4096'] }), 0],
])('plain secrets are found in %s', (_what, manifest, count) => {
  expect(findPlainSecrets(manifest)).toHaveLength(count);
});

test('a plan with a secret in plain text is not written', async () => {
  const { manifests } = aRequest();
  const leaking = engine({ args: ['--api-key', 'canary'] });
  const request = aRequest({ manifests: [leaking, ...manifests.slice(1)] });
  const error = await errorOf(writeSavedPlan(await aView(request), path, ports));
  expect(error.code).toBe('SECRET_IN_PLAN');
  expect(JSON.stringify(error.details) + error.message).not.toContain('canary');
  await expect(stat(path)).rejects.toThrow('ENOENT');
});
