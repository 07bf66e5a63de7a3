import { describe, expect, test } from 'vitest';
import { nameCause } from '../../../src/actions/health/explain/name-cause.ts';
import { TimelineFeed } from '../../../src/actions/health/index.ts';
import { noSurroundings } from '../../../src/actions/health/read-surroundings.ts';
import { readObjects, toFacts } from '../../../src/actions/health/wait/object-readings.ts';
import { causeOfPod, judgeGroups } from '../../../src/health/index.ts';
import type { Layout } from '../../../src/layout/index.ts';
import {
  aContainer,
  aLayout,
  aLoadingPod,
  aPod,
  createdMs,
  notReady,
  terminated,
} from '../../health/builders.ts';
import { FakeClock, FakeCluster } from './fakes.ts';

const crashed = (worker: number, finishedAt: string) =>
  aPod({
    worker,
    conditions: notReady,
    containers: [
      aContainer({
        restartCount: 2,
        state: { waiting: { reason: 'CrashLoopBackOff' } },
        lastState: terminated(1, 'Error', finishedAt),
      }),
    ],
  });

async function judge(layout: Layout, cluster: FakeCluster) {
  const clock = new FakeClock(createdMs + 600_000);
  const objects = await readObjects(layout, { cluster, clock });
  const scalings = new Map();
  const surroundings = noSurroundings;
  const read = { objects, scalings, surroundings, probes: new Map(), service: new Map() };
  return judgeGroups(layout, (group) => toFacts(group, read), 'none');
}

async function blameWorker(cluster: FakeCluster) {
  const layout = aLayout();
  cluster.put(crashed(0, '2026-03-01T10:05:00Z'), crashed(1, '2026-03-01T10:05:09Z'));
  const groups = await judge(layout, cluster);
  const [group] = groups;
  const pod = group?.pods[0];
  if (group === undefined || pod === undefined) throw new Error('the fixture has no pod');
  const cause = causeOfPod(group, pod);
  return nameCause(cluster, cause, { groups, events: [], secrets: ['s3cret-key'], layout });
}

describe('nameCause', () => {
  test('blames the pod whose log shows the first failure, not the one that ended first', async () => {
    const cluster = new FakeCluster();
    cluster.logs.set(
      'deepseek-main-0 previous',
      '2026-03-01T10:04:59Z RuntimeError: Connection closed by peer [10.0.0.2]:1',
    );
    cluster.logs.set(
      'deepseek-main-0-1 previous',
      '2026-03-01T10:05:08Z (EngineCore_DP9 pid=3) SafetensorError: HeaderTooLarge s3cret-key',
    );
    expect(await blameWorker(cluster)).toMatchObject({
      code: 'crash-loop',
      subject: 'Pod/deepseek/deepseek-main-0-1',
      ranks: '8-15',
      node: 'node-0-1',
      signature: { code: 'weights-corrupt', rank: 'DP9' },
      advice: expect.stringContaining('sha256sum') as string,
    });
  });

  test('masks secrets in the lines that show it', async () => {
    const cluster = new FakeCluster();
    cluster.logs.set('deepseek-main-0-1 previous', 'SafetensorError: s3cret-key');
    const { signature } = await blameWorker(cluster);
    expect(signature?.lines).toEqual(['SafetensorError: ***']);
  });

  test('leaves a cause without a known failure, or without the right to read logs, as it is', async () => {
    const silent = await blameWorker(new FakeCluster());
    expect(silent.signature).toBeUndefined();
    const forbidden = new FakeCluster();
    forbidden.forbidden.add('get pods/log');
    expect(await blameWorker(forbidden)).toEqual(silent);
  });

  test('does not blame what only slows a group down', async () => {
    const cluster = new FakeCluster();
    cluster.logs.set('deepseek-main-0 previous', 'NCCL INFO NET/IB : No device found.');
    expect((await blameWorker(cluster)).signature).toBeUndefined();
  });
});

describe('TimelineFeed', () => {
  const at = (second: number, text: string) =>
    `${new Date(createdMs + second * 1000).toISOString()} ${text}`;

  test('remembers what scrolled out of the log, and starts anew with a new pod', async () => {
    const layout = aLayout();
    const cluster = new FakeCluster();
    const pod = aLoadingPod();
    cluster.put(pod, aLoadingPod({ worker: 1 }));
    const clock = new FakeClock(createdMs + 60_000);
    const feed = new TimelineFeed(layout, { cluster, clock });
    cluster.logs.set(
      'deepseek-main-0',
      [at(5, 'Resolved architecture: x'), at(20, 'Starting to load model')].join('\n'),
    );
    await feed.read(await judge(layout, cluster), [pod]);
    cluster.logs.set('deepseek-main-0', at(55, 'Model loading took 88.6 GiB memory'));
    const [later] = await feed.read(await judge(layout, cluster), [pod]);
    expect(later?.spans.map(({ phase }) => phase).slice(-3)).toEqual([
      'starting',
      'loading weights',
      'preparing',
    ]);
    const again = aLoadingPod({ uid: 'another' });
    cluster.put(again);
    const [fresh] = await feed.read(await judge(layout, cluster), [again]);
    expect(fresh?.spans.map(({ phase }) => phase)).not.toContain('loading weights');
  });

  test('leaves out what may not be read', async () => {
    const layout = aLayout();
    const cluster = new FakeCluster();
    const pod = aLoadingPod();
    cluster.put(pod);
    cluster.forbidden.add('get pods/log').add('list Event');
    const feed = new TimelineFeed(layout, { cluster, clock: new FakeClock(createdMs + 60_000) });
    const [timeline] = await feed.read(await judge(layout, cluster), [pod]);
    expect(timeline?.phase).toBe('starting');
  });
});
