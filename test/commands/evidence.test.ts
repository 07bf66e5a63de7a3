import { gunzipSync } from 'node:zlib';
import { unpackTar } from 'modern-tar';
import { describe, expect, test } from 'vitest';
import { FakeCluster } from '../actions/fake-cluster.ts';
import { run } from './fake-context.ts';

async function applied(): Promise<FakeCluster> {
  const cluster = new FakeCluster();
  await run('apply --yes --no-wait', { cluster });
  return cluster;
}

describe('evidence', () => {
  test('writes one archive and says what is in it', async () => {
    const { code, stdout, files } = await run('evidence --canary none --out e.tar.gz -o json', {
      cluster: await applied(),
    });
    const document = JSON.parse(stdout) as { readonly kind: string; readonly files: string[] };
    expect(code).toBe(0);
    const entries = await unpackTar(gunzipSync(files.bytes.get('e.tar.gz') ?? new Uint8Array()));
    expect(entries.map(({ header }) => header.name)).toEqual(document.files);
    expect(document).toMatchObject({ kind: 'Evidence', file: 'e.tar.gz' });
    expect(document.files).toEqual(
      expect.arrayContaining([
        'README.txt',
        'health.json',
        'plan.json',
        'report.html',
        'spec.yaml',
      ]),
    );
  });

  test('replaces an archive only with --force', async () => {
    const cluster = await applied();
    const { files } = await run('evidence --canary none --out e.tar.gz', { cluster });
    const again = await run('evidence --canary none --out e.tar.gz', { cluster, files });
    expect(again.code).toBe(1);
    expect(again.stderr).toContain('error FILE_EXISTS');
    // Known before anything is asked.
    expect(again.opened).toEqual([]);
    const forced = await run('evidence --canary none --out e.tar.gz --force', { cluster, files });
    expect(forced.code).toBe(0);
  });
});

describe('health --report', () => {
  test('writes a page beside its usual answer, and replaces an older one', async () => {
    const cluster = await applied();
    const { code, files } = await run('health --canary none --report h.html', { cluster });
    expect(code).toBe(3);
    const page = files.texts.get('h.html');
    expect(page).toMatch(/^<!doctype html>/);
    expect(page).toContain("default-src 'none'");
    expect((await run('health --canary none --report h.html', { cluster, files })).code).toBe(3);
  });
});

test('plan leaves out what the Prometheus Operator would read when it is missing, and says so', async () => {
  const { files } = await run('render');
  const text = files.texts.get('dsdeploy.yaml') ?? '';
  files.texts.set('dsdeploy.yaml', `${text}\nobservability:\n  alerts: true\n`);
  const cluster = new FakeCluster();
  cluster.unserved.add('monitoring.coreos.com/v1/PrometheusRule');
  const { code, stdout, stderr } = await run('plan', { files, cluster });
  const plain = await run('plan', { cluster: new FakeCluster() });
  expect({ code, stderr }).toEqual({ code: plain.code, stderr: plain.stderr });
  expect(stdout).toContain('is left out: the cluster does not serve');
  expect(stdout).not.toContain('create  PrometheusRule');
});
