import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Canary, Verdict } from '../../src/health/index.ts';
import { refOf } from '../../src/manifest/index.ts';
import { renderManifests } from '../../src/render/index.ts';
import { ensureSandboxBinaries } from '../../src/sandbox/index.ts';
import type { Behaviour } from '../fixtures/openai-behaviour.ts';
import { OpenAiEndpoint } from '../fixtures/openai-endpoint.ts';
import { aDeployment, apiKey, HealthSandbox, outcomes } from './health-sandbox.ts';

/** A first build takes about ten minutes on two cores, more beside other tests. */
const buildTimeoutMs = 30 * 60_000;
const bootTimeoutMs = 120_000;
const testTimeoutMs = 90_000;

const layout = aDeployment('faults');
const { namespace } = layout.spec;
const leader = 'faults-main-0';
const leaderSubject = `Pod/${namespace}/${leader}`;
const service = `Service/${namespace}/faults-api`;
const dataRanks = Array.from({ length: 16 }, (_, rank) => rank);

let sandbox: HealthSandbox;
let healed: (() => Promise<void>)[] = [];

beforeAll(async () => {
  await ensureSandboxBinaries();
}, buildTimeoutMs);

beforeAll(async () => {
  sandbox = await HealthSandbox.start('faults', 4);
  await sandbox.deploy(layout);
  expect((await sandbox.wait(layout)).verdict).toBe('healthy');
}, bootTimeoutMs);

/** Faults that only show when a time-out passes; any other is not to meet one on a busy machine. */
const waits: ReadonlySet<Behaviour> = new Set<Behaviour>([
  ...(['silent', 'slow', 'rank-hangs', 'stream-breaks'] as const),
]);

/** Every fault is mended, and then nothing is left of it. */
afterEach(async () => {
  for (const heal of healed.splice(0).toReversed()) await heal();
  healed = [];
  await expect
    .poll(async () => (await sandbox.read(layout)).verdict, { timeout: 40_000 })
    .toBe('healthy');
}, testTimeoutMs);

afterAll(async () => {
  await sandbox.stop();
}, testTimeoutMs);

/** Puts an endpoint of ours behind the leader's port. */
async function befall(behaviour: Behaviour, { slowMs = 0 } = {}): Promise<void> {
  const endpoint = await OpenAiEndpoint.start({
    behaviour,
    apiKey,
    dataRanks,
    badRank: 11,
    slowMs,
  });
  healed.push(() => endpoint.close());
  healed.push(await sandbox.redirect(layout, leader, endpoint));
}

/** Applies a change of a rendered object, to be taken back. */
async function change(kind: string, name: string, edit: (spec: object) => object): Promise<void> {
  const found = renderManifests(layout).find(
    (manifest) => manifest.kind === kind && manifest.metadata.name === name,
  );
  if (found === undefined) throw new Error(`no ${kind} ${name}`);
  healed.push(() => sandbox.apply(found));
  await sandbox.apply({ ...found, spec: edit(found.spec as object) });
}

describe('an endpoint that misbehaves behind a ready pod', { timeout: testTimeoutMs }, () => {
  test.each<{
    behaviour: Behaviour;
    verdict: Verdict;
    code: string;
    ranks?: string;
    canary?: Canary;
  }>([
    { behaviour: 'dead-engine', verdict: 'unhealthy', code: 'chat', ranks: '0-7' },
    { behaviour: 'no-models', verdict: 'unhealthy', code: 'models' },
    { behaviour: 'wrong-model', verdict: 'unhealthy', code: 'models' },
    { behaviour: 'gibberish', verdict: 'unhealthy', code: 'copy' },
    { behaviour: 'silent', verdict: 'unhealthy', code: 'progress' },
    { behaviour: 'slow', verdict: 'unhealthy', code: 'chat' },
    { behaviour: 'rank-hangs', verdict: 'unhealthy', code: 'rank-answers', ranks: '11' },
    {
      behaviour: 'rank-gibberish',
      verdict: 'unhealthy',
      code: 'rank-answers',
      ranks: '11',
      canary: 'full',
    },
    { behaviour: 'rank-absent', verdict: 'unhealthy', code: 'ranks', ranks: '11' },
    { behaviour: 'stream-halts', verdict: 'unhealthy', code: 'stream' },
    { behaviour: 'stream-breaks', verdict: 'unhealthy', code: 'stream' },
    { behaviour: 'busy-503', verdict: 'unhealthy', code: 'chat' },
    { behaviour: 'busy-429', verdict: 'unknown', code: 'chat' },
    { behaviour: 'open', verdict: 'unhealthy', code: 'bad-key' },
    { behaviour: 'metrics-off', verdict: 'unknown', code: 'metrics' },
    { behaviour: 'metrics-frozen', verdict: 'unknown', code: 'progress' },
    { behaviour: 'metrics-odd', verdict: 'unknown', code: 'metrics' },
    { behaviour: 'reasoning-missing', verdict: 'unhealthy', code: 'thinking-on', canary: 'full' },
    { behaviour: 'tool-as-text', verdict: 'unhealthy', code: 'tool-call', canary: 'full' },
  ])(
    '$behaviour: $verdict, because of $code',
    async ({ behaviour, verdict, code, ranks, canary }) => {
      await befall(behaviour);
      const chatMs = waits.has(behaviour) ? 2_000 : 20_000;
      const report = await sandbox.read(layout, { canary: canary ?? 'quick', chatMs });
      expect(report).toMatchObject({
        verdict,
        cause: { code, subject: leaderSubject, ...(ranks === undefined ? {} : { ranks }) },
      });
      expect(report.cause?.advice).toBeDefined();
      // What was only not seen yet harms nobody.
      if (verdict === 'unhealthy') expect(report.cause?.impact).toBeDefined();
    },
  );

  test('a first word that takes longer than anybody waits is a failure, though every answer is right', async () => {
    await befall('slow-first-token', { slowMs: 15_500 });
    const report = await sandbox.read(layout, { chatMs: 40_000 });
    expect(report).toMatchObject({
      verdict: 'unhealthy',
      cause: { code: 'first-token', subject: leaderSubject },
    });
    expect(outcomes(report)).toMatchObject({ chat: 'passed', stream: 'passed' });
  });

  test('a good model is healthy in the full canary too', async () => {
    await befall('good');
    const report = await sandbox.read(layout, { canary: 'full' });
    expect(report.checks.notDone.map(({ id }) => id)).toEqual(['service-network']);
    expect(report.verdict).toBe('healthy');
  });

  test('the echo of the sandbox is not taken for a model by the full canary', async () => {
    const report = await sandbox.read(layout, { canary: 'full' });
    expect(report.verdict).toBe('unhealthy');
    expect(outcomes(report)).toMatchObject({ copy: 'passed', arithmetic: 'failed' });
  });
});

describe('a Service that disagrees with its pods', { timeout: testTimeoutMs }, () => {
  test.each<{ fault: string; selector: (own: object) => object; says: string }>([
    {
      fault: 'selects the workers too',
      selector: (own) => ({ ...own, 'dsdeploy/serves': undefined }),
      says: 'faults-main-0-1, where nothing answers',
    },
    {
      fault: 'selects nothing',
      selector: (own) => ({ ...own, 'dsdeploy/serves': 'nobody' }),
      says: `hands no requests to ${leader}`,
    },
  ])('$fault', async ({ selector, says }) => {
    await change('Service', 'faults-api', (spec) => ({
      ...spec,
      selector: JSON.parse(
        JSON.stringify(selector((spec as { selector: object }).selector)),
      ) as object,
    }));
    const report = await sandbox.readUntil(
      layout,
      ({ cause }) => cause?.code === 'service-endpoints',
    );
    expect(report).toMatchObject({
      verdict: 'unhealthy',
      cause: { code: 'service-endpoints', subject: service },
    });
    expect(report.cause?.message).toContain(says);
  });

  test('leads to a port where nothing listens', async () => {
    await change('Service', 'faults-api', (spec) => ({
      ...spec,
      ports: [{ name: 'http', port: 8000, protocol: 'TCP', targetPort: 9999 }],
    }));
    const report = await sandbox.readUntil(
      layout,
      ({ cause }) => cause?.code === 'service-endpoints',
    );
    expect(report.cause?.message).toContain('at port 9999, the API is at 8000');
  });
});

describe('a NetworkPolicy that cuts the group', { timeout: testTimeoutMs }, () => {
  test.each<{ policy: string; pod: string; ranks: string; says: string }>([
    {
      policy: 'faults-main-in-group',
      pod: leader,
      ranks: '0-7',
      says: `cut ${leader} from ${leader}-1`,
    },
    { policy: 'faults-dns', pod: leader, ranks: '0-7', says: `keep ${leader} from DNS` },
  ])('$policy is gone, the default deny stays', async ({ policy, pod, ranks, says }) => {
    const found = renderManifests(layout).find(({ metadata }) => metadata.name === policy);
    if (found === undefined) throw new Error(`no ${policy}`);
    healed.push(() => sandbox.apply(found));
    await sandbox.delete(refOf(found));
    const report = await sandbox.read(layout);
    expect(report).toMatchObject({
      verdict: 'unhealthy',
      cause: { code: 'network-policy', subject: `Pod/${namespace}/${pod}`, ranks },
    });
    expect(report.cause?.message).toContain(says);
    expect(report.cause?.advice).toContain('dsdeploy plan');
  });
});

describe('a ready pod whose engine was killed', { timeout: testTimeoutMs }, () => {
  test('is unhealthy, though Kubernetes says Ready', async () => {
    healed.push(async () => {
      const ref = { apiVersion: 'v1', kind: 'Pod', namespace, name: leader };
      const pod = await sandbox.cluster.get(ref);
      await sandbox.cluster.delete(ref, { uid: pod?.metadata.uid ?? '' });
    });
    sandbox.killEngines();
    const report = await sandbox.readUntil(layout, ({ verdict }) => verdict !== 'healthy');
    expect(report.verdict).toBe('unhealthy');
    expect(report.groups[0]?.pods.every(({ verdict }) => verdict === 'healthy')).toBe(true);
    expect(report.cause).toMatchObject({ code: 'http-health', subject: leaderSubject });
  });
});

describe('a node that is drained', { timeout: testTimeoutMs }, () => {
  test('leaves a group that no other node takes', async () => {
    const pods = await sandbox.cluster.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace });
    const used = new Set(pods.map(({ spec }) => (spec as { nodeName?: string }).nodeName ?? ''));
    const nodes = await sandbox.cluster.list({ apiVersion: 'v1', kind: 'Node' });
    const names = nodes.map(({ metadata }) => metadata.name);
    healed.push(() => sandbox.kubectl('uncordon', ...names));
    await sandbox.kubectl('cordon', ...names);
    const [node = ''] = used;
    await sandbox.kubectl(
      ...['drain', node, '--ignore-daemonsets', '--delete-emptydir-data', '--disable-eviction'],
    );
    const report = await sandbox.readUntil(layout, ({ cause }) => cause?.code === 'unschedulable');
    expect(report).toMatchObject({ verdict: 'unhealthy', cause: { code: 'unschedulable' } });
    expect(report.cause?.subject).toMatch(new RegExp(`^Pod/${namespace}/faults-main-0(-1)?$`));
    expect(report.cause?.message).toContain('were unschedulable');
    expect(report.cause?.advice).toContain('kubectl uncordon');
  });
});
