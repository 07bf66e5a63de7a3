import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { applyPlan } from '../../../src/actions/apply/index.ts';
import { planDeployment } from '../../../src/actions/plan/index.ts';
import type { Manifest } from '../../../src/manifest/index.ts';
import { errorOf } from '../error-of.ts';
import { FakeCluster } from '../fake-cluster.ts';
import { aRequest, configMap, namespaceManifest } from '../fixture-deployment.ts';
import { RecordingHost } from '../recording-host.ts';

const host = new RecordingHost();

const base64 = (content: Buffer | string) => Buffer.from(content).toString('base64');

interface RecordOptions {
  readonly kind?: 'Secret' | 'ConfigMap';
  readonly version?: number;
  readonly status?: string;
  readonly objects?: readonly Manifest[];
}

/** What Helm records of a release "web", as a Secret or, with another driver, a ConfigMap. */
function record(options: RecordOptions = {}): Manifest {
  const { kind = 'Secret', version = 1, status = 'deployed', objects = [] } = options;
  const manifest = objects
    .map((object) => `---\n# Source: web\n${JSON.stringify(object)}\n`)
    .join('');
  const content = {
    name: 'web',
    namespace: 'llm',
    info: { status },
    manifest,
    config: { pw: 'S3' },
  };
  const release = base64(gzipSync(JSON.stringify(content)));
  const name = `sh.helm.release.v1.web.v${String(version)}`;
  return {
    apiVersion: 'v1',
    kind,
    metadata: { name, namespace: 'llm', labels: { owner: 'helm', name: 'web' } },
    data: { release: kind === 'Secret' ? base64(release) : release },
  };
}

const start = configMap('v32-start');
const forgetting = { ...aRequest({ adopt: ['all'] }), forgetReleases: ['web'] };

async function refusal(...objects: readonly Manifest[]) {
  const cluster = new FakeCluster([namespaceManifest, ...objects]);
  return await errorOf(planDeployment(forgetting, { cluster, host }));
}

describe('a plan that forgets a Helm release', () => {
  test.each(['Secret', 'ConfigMap'] as const)(
    'deletes its records, a %s each, last of all',
    async (kind) => {
      const { namespace: _unsaid, ...metadata } = start.metadata;
      const old = record({ kind, status: 'superseded', objects: [configMap('gone-since')] });
      const now = record({
        kind,
        version: 2,
        objects: [{ ...start, metadata }, namespaceManifest],
      });
      const cluster = new FakeCluster([
        namespaceManifest,
        start,
        old,
        now,
        configMap('gone-since'),
      ]);
      const plan = await planDeployment(forgetting, { cluster, host });
      const names = ['sh.helm.release.v1.web.v1', 'sh.helm.release.v1.web.v2'];
      expect(plan.changes.slice(-2).map(({ ref }) => ref.name)).toEqual(names);
      await applyPlan(plan, { cluster, host });
      expect(cluster.writes.filter((write) => write.startsWith('delete'))).toEqual(
        names.map((name) => `delete ${kind}/llm/${name}`),
      );
      expect(cluster.find('ConfigMap', 'v32-start')).toBeDefined();
    },
  );

  test('warns where there is no such release, so that it can be run again', async () => {
    const cluster = new FakeCluster();
    const { warnings } = await planDeployment(forgetting, { cluster, host });
    expect(warnings).toEqual([expect.stringContaining('nothing to forget') as string]);
  });

  test('is refused with each object that lives and is no part of the deployment', async () => {
    const objects = [start, configMap('stranger'), configMap('deleted-by-hand')];
    const error = await refusal(start, configMap('stranger'), record({ objects }));
    expect(error).toMatchObject({
      code: 'RELEASE_NOT_ADOPTED',
      details: [{ location: 'ConfigMap/llm/stranger' }],
    });
  });

  test('is refused while Helm is at work on the release', async () => {
    const error = await refusal(start, record({ status: 'pending-upgrade', objects: [start] }));
    expect(error.code).toBe('RELEASE_NOT_ADOPTED');
    expect(error.message).toContain('pending-upgrade');
  });

  test('is refused where the record cannot be read, and does not quote it', async () => {
    const broken = { ...record(), data: { release: base64('S3cret-of-a-chart') } };
    const error = await refusal(start, broken);
    expect(error.code).toBe('RELEASE_NOT_ADOPTED');
    expect(JSON.stringify(error) + String(error.cause)).not.toContain('S3cret');
  });
});
