import { describe, expect, test } from 'vitest';
import { applyPlan } from '../../../src/actions/apply/index.ts';
import { destroyDeployment, planDestroy } from '../../../src/actions/destroy/index.ts';
import { prepareRevision, readHistory, readRevision } from '../../../src/actions/history/index.ts';
import { type PlanRequest, planDeployment } from '../../../src/actions/plan/index.ts';
import { DsdeployError } from '../../../src/errors/index.ts';
import type { Manifest } from '../../../src/manifest/index.ts';
import { hasChanges, revisionRef } from '../../../src/plan/index.ts';
import { errorOf } from '../error-of.ts';
import { FakeCluster, Killed } from '../fake-cluster.ts';
import {
  aRequest,
  configMap,
  deployment,
  leaderWorkerSet,
  without,
} from '../fixture-deployment.ts';
import { FakeClock, RecordingHost } from '../recording-host.ts';

interface Given {
  readonly request?: PlanRequest;
  readonly spec?: string;
  readonly host?: RecordingHost;
  readonly rollbackOf?: number;
}

/** Plans, applies and records, as the command does. */
async function apply(cluster: FakeCluster, given: Given = {}) {
  const { request = aRequest(), spec = 'name: v32\n', host = new RecordingHost() } = given;
  const plan = await planDeployment(request, { cluster, host });
  const ports = { cluster, host, clock: new FakeClock(), operator: 'ann@laptop' };
  const last = await prepareRevision({ plan, spec, rollbackOf: given.rollbackOf }, ports);
  await applyPlan(plan, { cluster, host, last });
}

function withImage(image: string): PlanRequest {
  const kept = without(aRequest(), 'v32-main').manifests;
  return aRequest({ manifests: [...kept, leaderWorkerSet({ image })] });
}

async function history(cluster: FakeCluster) {
  return (await readHistory(deployment, { cluster })).revisions;
}

describe('prepareRevision()', () => {
  test('records who applied what, last of all writes', async () => {
    const cluster = new FakeCluster();
    await apply(cluster);
    expect(cluster.writes.at(-1)).toBe('apply ConfigMap/llm/v32-revision-1');
    expect(await history(cluster)).toMatchObject([
      {
        number: 1,
        recordedAt: '1970-01-01T00:00:00.000Z',
        operator: 'ann@laptop',
        user: 'ann',
        summary: '5 created',
        objects: 5,
        isCurrent: true,
      },
    ]);
  });

  test('keeps spec and objects as they were rendered, and makes them immutable', async () => {
    const cluster = new FakeCluster();
    await apply(cluster);
    const detail = await readRevision(deployment, 1, { cluster });
    expect(detail.spec).toBe('name: v32\n');
    const byName = (manifests: readonly Manifest[]) =>
      manifests.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
    expect(byName(detail.manifests)).toEqual(byName(aRequest().manifests));
    expect(cluster.find('ConfigMap', 'v32-revision-1')).toMatchObject({ immutable: true });
  });

  test('writes nothing when nothing changed', async () => {
    const cluster = new FakeCluster();
    await apply(cluster);
    cluster.reset();
    await apply(cluster);
    expect(cluster.writes).toEqual([]);
  });

  test('writes one object and one revision when one object changed', async () => {
    const cluster = new FakeCluster();
    await apply(cluster);
    cluster.reset();
    await apply(cluster, { request: withImage('vllm:2') });
    expect(cluster.writes).toEqual([
      'apply LeaderWorkerSet/llm/v32-main',
      'apply ConfigMap/llm/v32-revision-2',
    ]);
    expect((await history(cluster)).map(({ summary }) => summary)).toEqual([
      '5 created',
      '1 updated: v32-main containers[name=engine].image vllm:1 -> vllm:2',
    ]);
  });

  test('records another spec of the same objects', async () => {
    const cluster = new FakeCluster();
    await apply(cluster);
    cluster.reset();
    await apply(cluster, { spec: 'name: v32\nnote: 1\n' });
    expect(cluster.writes).toEqual(['apply ConfigMap/llm/v32-revision-2']);
    expect((await history(cluster)).at(-1)?.summary).toBe('same objects');
  });

  test('does not record the repair of an edit by hand, which changes nothing that is wanted', async () => {
    const cluster = new FakeCluster();
    await apply(cluster);
    const live = cluster.find('ConfigMap', 'v32-start');
    if (live === undefined) throw new Error('apply made it');
    cluster.put({ ...live, data: { a: 'by hand' } });
    cluster.reset();
    await apply(cluster);
    expect(cluster.writes).toEqual(['apply ConfigMap/llm/v32-start']);
  });

  test('names the revision a rollback goes back to', async () => {
    const cluster = new FakeCluster();
    await apply(cluster);
    await apply(cluster, { request: withImage('vllm:2') });
    await apply(cluster, { rollbackOf: 1 });
    expect((await history(cluster)).at(-1)).toMatchObject({
      number: 3,
      rollbackOf: 1,
      summary: 'back to 1; 1 updated: v32-main containers[name=engine].image vllm:2 -> vllm:1',
    });
  });

  test('keeps ten and never uses a number twice', async () => {
    const cluster = new FakeCluster();
    for (let number = 1; number <= 13; number += 1)
      await apply(cluster, { request: withImage(`vllm:${String(number)}`) });
    expect((await history(cluster)).map(({ number }) => number)).toEqual([
      4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
    ]);
  });

  test('leaves a ConfigMap of the same name that is not ours alone, and warns', async () => {
    const cluster = new FakeCluster();
    await apply(cluster);
    const theirs = { ...configMap('v32-revision-2', { mine: 'x' }) };
    cluster.put(theirs);
    const host = new RecordingHost();
    await apply(cluster, { request: withImage('vllm:2'), host });
    expect(cluster.find('ConfigMap', 'v32-revision-2')).toMatchObject({ data: { mine: 'x' } });
    expect(host.messages).toContainEqual(
      expect.objectContaining({ code: 'WARNING', text: expect.stringContaining('not kept') }),
    );
  });
});

describe('an apply whose history cannot be kept', () => {
  test('goes on with a warning when ConfigMaps may not be listed', async () => {
    const cluster = new FakeCluster();
    const host = new RecordingHost();
    cluster.before = ({ verb, ref }) => {
      if (verb === 'list' && ref.kind === 'ConfigMap')
        throw new DsdeployError('CLUSTER_FORBIDDEN', 'Cannot list ConfigMap: you lack list');
    };
    await apply(cluster, { host });
    expect(cluster.find('LeaderWorkerSet', 'v32-main')).toBeDefined();
    expect(host.messages).toContainEqual(
      expect.objectContaining({ code: 'WARNING', text: expect.stringContaining('you lack list') }),
    );
  });

  test('is recorded by the next one when the write was refused', async () => {
    const cluster = new FakeCluster();
    cluster.before = ({ verb, ref }) => {
      if (verb === 'apply' && ref.name === 'v32-revision-1')
        throw new DsdeployError('QUOTA_EXCEEDED', 'Cannot apply: the quota is used up');
    };
    await apply(cluster);
    expect(await history(cluster)).toEqual([]);
    cluster.reset();
    await apply(cluster);
    expect(cluster.writes).toEqual(['apply ConfigMap/llm/v32-revision-1']);
  });

  test.each(['before', 'after'] as const)(
    'converges after a kill %s any request, with one revision per change',
    async (moment) => {
      for (let at = 1; ; at += 1) {
        const cluster = new FakeCluster();
        await apply(cluster);
        cluster.reset();
        cluster[moment] = ({ number }) => {
          if (number === at) throw new Killed();
        };
        const request = withImage('vllm:2');
        const killed = await apply(cluster, { request }).then(
          () => false,
          (error: unknown) => error instanceof Killed,
        );
        cluster.reset();
        await apply(cluster, { request });
        expect((await history(cluster)).map(({ number }) => number)).toEqual([1, 2]);
        const plan = await planDeployment(request, { cluster, host: new RecordingHost() });
        expect(hasChanges(plan)).toBe(false);
        if (!killed) break;
      }
    },
  );
});

describe('secrets in a revision', () => {
  const canary = 'hf_canary0123456789';
  test.each([
    ['a variable named like one', [{ name: 'HF_TOKEN', value: canary }]],
    ['a value that looks like one', [{ name: 'OTHER', value: canary }]],
    ['an address with a password', [{ name: 'PROXY', value: `http://me:${canary}@proxy:3128` }]],
  ])('%s keeps spec and objects out', async (_case, env) => {
    const cluster = new FakeCluster();
    const lws = leaderWorkerSet();
    const containers = [{ name: 'engine', image: 'vllm:1', env }];
    const workerTemplate = { spec: { containers } };
    const spec = { replicas: 2, leaderWorkerTemplate: { size: 2, workerTemplate } };
    const kept = without(aRequest(), 'v32-main').manifests;
    await apply(cluster, { request: aRequest({ manifests: [...kept, { ...lws, spec }] }) });
    const stored = JSON.stringify(cluster.find('ConfigMap', 'v32-revision-1'));
    expect(stored).not.toContain(canary);
    expect(stored).not.toContain('content.json.gz');
    const error = await errorOf(readRevision(deployment, 1, { cluster }));
    expect(error).toMatchObject({ code: 'REVISION_INVALID' });
    expect(error.hint).toContain('keep');
    expect(`${error.message} ${error.hint ?? ''}`).not.toContain(canary);
  });
});

describe('reading a history', () => {
  test('is empty before the first apply, and an error where a revision is needed', async () => {
    const cluster = new FakeCluster();
    expect(await history(cluster)).toEqual([]);
    expect(await errorOf(readRevision(deployment, 1, { cluster }))).toMatchObject({
      code: 'HISTORY_EMPTY',
    });
  });

  test('names the numbers there are when another is asked for', async () => {
    const cluster = new FakeCluster();
    await apply(cluster);
    const error = await errorOf(readRevision(deployment, 7, { cluster }));
    expect(error).toMatchObject({ code: 'REVISION_NOT_FOUND' });
    expect(error.hint).toContain('There are: 1.');
  });

  test('refuses content that was swapped', async () => {
    const cluster = new FakeCluster();
    await apply(cluster);
    await apply(cluster, { request: withImage('vllm:2') });
    const [first, second] = ['v32-revision-1', 'v32-revision-2'].map((name) =>
      cluster.find('ConfigMap', name),
    );
    if (first === undefined || second === undefined) throw new Error('both were recorded');
    cluster.put({ ...first, binaryData: second['binaryData'] });
    expect(await errorOf(readRevision(deployment, 1, { cluster }))).toMatchObject({
      code: 'REVISION_INVALID',
      message: expect.stringContaining('digests'),
    });
  });

  test('tells what going back would change', async () => {
    const cluster = new FakeCluster();
    await apply(cluster);
    const manifests = [...without(aRequest(), 'v32-other').manifests, configMap('v32-new')];
    await apply(cluster, { request: aRequest({ manifests }) });
    const { changes } = await readRevision(deployment, 1, { cluster });
    expect(changes?.map(({ action, ref }) => `${action} ${ref.name}`)).toEqual([
      'create v32-other',
      'delete v32-new',
    ]);
  });
});

describe('destroy', () => {
  async function destroy(cluster: FakeCluster) {
    const host = new RecordingHost();
    const plan = await planDestroy(deployment, { cluster });
    return destroyDeployment(plan, { cluster, host, clock: new FakeClock() });
  }

  test('takes the history along', async () => {
    const cluster = new FakeCluster();
    await apply(cluster);
    await apply(cluster, { request: withImage('vllm:2') });
    const { deleted } = await destroy(cluster);
    expect(deleted).toContainEqual(revisionRef(deployment, 2));
    expect(cluster.names()).toEqual([]);
  });

  test('takes it along when nothing else is left', async () => {
    const cluster = new FakeCluster();
    await apply(cluster, { request: aRequest({ createNamespace: true }) });
    const inventory = cluster.find('ConfigMap', 'v32-inventory');
    if (inventory === undefined) throw new Error('apply recorded one');
    cluster.drop({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'llm', name: 'v32-inventory' });
    await destroy(cluster);
    expect(cluster.find('ConfigMap', 'v32-revision-1')).toBeUndefined();
  });
});
