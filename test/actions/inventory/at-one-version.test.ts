import { describe, expect, test } from 'vitest';
import { applyPlan } from '../../../src/actions/apply/index.ts';
import { compareAtOneVersion } from '../../../src/actions/inventory/index.ts';
import { planDeployment } from '../../../src/actions/plan/index.ts';
import { DsdeployError } from '../../../src/errors/index.ts';
import { refOf } from '../../../src/manifest/index.ts';
import { hasChanges } from '../../../src/plan/index.ts';
import { errorOf } from '../error-of.ts';
import { FakeCluster } from '../fake-cluster.ts';
import { aRequest } from '../fixture-deployment.ts';
import { RecordingHost } from '../recording-host.ts';

const host = new RecordingHost();

/** A deployed cluster where a controller notes something at each of the first `times` dry-runs. */
async function withBusyController(times: number): Promise<FakeCluster> {
  const cluster = new FakeCluster();
  await applyPlan(await planDeployment(aRequest(), { cluster, host }), { cluster, host });
  cluster.reset();
  let written = 0;
  cluster.before = ({ verb, ref }) => {
    if (verb !== 'dry-run' || ref.kind !== 'LeaderWorkerSet' || written === times) return;
    written += 1;
    const live = cluster.find('LeaderWorkerSet', ref.name);
    if (live === undefined) return;
    const annotations = { ...live.metadata.annotations, 'example.com/seen': String(written) };
    cluster.put({ ...live, metadata: { ...live.metadata, annotations } }, 'controller');
  };
  return cluster;
}

describe('a comparison at one version', () => {
  test('a write between the read and the dry-run is not told as a change of ours', async () => {
    const cluster = await withBusyController(2);
    const plan = await planDeployment(aRequest(), { cluster, host });
    expect(hasChanges(plan)).toBe(false);
    const reads = cluster.requests.filter(
      ({ verb, ref }) => verb === 'get' && ref.kind === 'LeaderWorkerSet',
    );
    expect(reads).toHaveLength(3);
  });

  test('an object that never rests is taken as it is', async () => {
    const cluster = await withBusyController(100);
    const plan = await planDeployment(aRequest(), { cluster, host });
    expect(plan.changes.filter(({ action }) => action === 'update')).toHaveLength(1);
  });

  test('an object that rests is read once', async () => {
    const cluster = await withBusyController(0);
    await planDeployment(aRequest(), { cluster, host });
    const ids = cluster.requests
      .filter(({ verb, ref }) => verb === 'get' && ref.kind !== 'Namespace')
      .map(({ ref }) => `${ref.kind}/${ref.name}`);
    expect(ids).toEqual([...new Set(ids)]);
  });

  test('a patch that met a write is tried again, and its error told when it meets one each time', async () => {
    const [live] = [...(await withBusyController(0)).objects.values()];
    const lost = new DsdeployError('OBJECT_CHANGED', 'somebody was quicker');
    const failing = (times: number) => (race: number) =>
      race < times ? Promise.reject(lost) : Promise.resolve(live === undefined ? {} : { live });
    expect(await compareAtOneVersion(failing(3))).toEqual({ live });
    expect(await errorOf(compareAtOneVersion(failing(100)))).toBe(lost);
    const other = new DsdeployError('OBJECT_INVALID', 'no such field', {
      subject: live === undefined ? '' : refOf(live).name,
    });
    let calls = 0;
    const refused = () => {
      calls += 1;
      return Promise.reject(other);
    };
    expect(await errorOf(compareAtOneVersion(refused))).toBe(other);
    expect(calls).toBe(1);
  });
});
