import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { readHealth } from '../../../src/actions/health/index.ts';
import { ask, endpointAgent } from '../../../src/actions/health/probe/ask.ts';
import { expectedEndpoints, type HealthReport } from '../../../src/health/index.ts';
import { type Layout, planLayout } from '../../../src/layout/index.ts';
import { aGroup, aPool, aSpec } from '../../fixtures/a-spec.ts';
import type { Behaviour } from '../../fixtures/openai-behaviour.ts';
import {
  type EndpointOptions,
  type Handler,
  OpenAiEndpoint,
} from '../../fixtures/openai-endpoint.ts';
import {
  aLayout,
  anLws,
  aPod,
  aService,
  aSlice,
  createdMs,
  namespace,
} from '../../health/builders.ts';
import { answer, FakeClock, FakeCluster, hang, status } from './fakes.ts';

const endpoints: OpenAiEndpoint[] = [];

afterEach(async () => {
  await Promise.all(endpoints.splice(0).map((endpoint) => endpoint.close()));
});

const dataRanks = Array.from({ length: 16 }, (_, rank) => rank);

const apiKey = 'sk-canary-test';

const keyed = aLayout({ api: { keySecret: { name: 'k', key: 'key', generate: false } } });

const sglangSpec = aSpec({
  pools: [aPool()],
  groups: [
    aGroup({
      engine: 'sglang',
      release: '0.5.23',
      parallelism: { tensor: 1, data: 16, pipeline: 1, expert: true },
    }),
  ],
});

const sglangLayout = planLayout({ ...sglangSpec, api: keyed.spec.api });

/** Health of one group of two pods whose leader is a real endpoint with some behaviour. */
async function readWith(
  options: EndpointOptions,
  {
    canary = 'full',
    layout = keyed,
    chatMs = 1_000,
    standstillMs = 15_000,
    healthMs = 1_000,
    needleTokens,
  }: {
    canary?: 'quick' | 'full';
    layout?: Layout;
    chatMs?: number;
    standstillMs?: number;
    healthMs?: number;
    needleTokens?: number;
  } = {},
): Promise<HealthReport> {
  const endpoint = await OpenAiEndpoint.start({ dataRanks, apiKey, badRank: 11, ...options });
  endpoints.push(endpoint);
  const cluster = new FakeCluster();
  cluster.put(anLws(), aPod(), aPod({ worker: 1 }), aService(), aSlice(['deepseek-main-0']));
  cluster.engines.set('deepseek-main-0', endpoint.url);
  const clock = new FakeClock(createdMs + 3_600_000);
  const timeoutsMs = {
    'http-health': healthMs,
    models: 1_000,
    chat: chatMs,
    standstill: standstillMs,
  };
  return readHealth(layout, { cluster, clock }, { canary, apiKey, timeoutsMs, needleTokens });
}

function idsOf({ groups }: HealthReport, outcome: string): string[] {
  const checks = groups.flatMap((group) => group.checks);
  return checks.filter((check) => check.outcome === outcome).map(({ id }) => id);
}

function find({ groups }: HealthReport, id: string) {
  return groups.flatMap((group) => group.checks).find((check) => check.id === id);
}

describe('the full canary', () => {
  test('passes a good model, skips nothing but the network, and measures', async () => {
    const report = await readWith({});
    expect(idsOf(report, 'failed')).toEqual([]);
    expect(report.verdict).toBe('healthy');
    expect(report.checks.notDone.map(({ id }) => id)).toEqual(['service-network']);
    expect(find(report, 'first-token')?.measured).toMatchObject({
      ttftMs: expect.any(Number) as number,
      outputTokensPerSecond: expect.any(Number) as number,
    });
    expect(find(report, 'needle')?.measured?.promptTokens).toBeGreaterThan(4_000);
    expect(JSON.stringify(report)).not.toContain(apiKey);
  });

  test.each<{ behaviour: Behaviour; failed: readonly string[] }>([
    {
      behaviour: 'gibberish',
      failed: [
        ...['copy', 'copy-exact', 'arithmetic', 'thinking-on', 'thinking-off'],
        ...['tool-call', 'tool-call-stream', 'stop', 'needle'],
      ],
    },
    { behaviour: 'reasoning-missing', failed: ['thinking-on'] },
    { behaviour: 'reasoning-elsewhere', failed: ['thinking-on'] },
    { behaviour: 'reasoning-inline', failed: ['thinking-on'] },
    { behaviour: 'thinks-always', failed: ['thinking-off'] },
    { behaviour: 'tool-as-text', failed: ['tool-call', 'tool-call-stream'] },
    { behaviour: 'tool-arguments-invalid', failed: ['tool-call', 'tool-call-stream'] },
    { behaviour: 'stream-halts', failed: ['stream', 'first-token', 'tool-call-stream'] },
    { behaviour: 'stream-breaks', failed: ['stream', 'first-token', 'tool-call-stream'] },
    { behaviour: 'stream-differs', failed: ['stream'] },
    { behaviour: 'ignores-stop', failed: ['stop'] },
    { behaviour: 'ignores-limit', failed: ['token-limit'] },
    { behaviour: 'no-prefix-cache', failed: ['prefix-cache'] },
    { behaviour: 'loses-needle', failed: ['needle'] },
    { behaviour: 'no-developer-role', failed: ['developer-role'] },
    { behaviour: 'open', failed: ['bad-key'] },
  ])('blames $behaviour with $failed and nothing else', async ({ behaviour, failed }) => {
    const report = await readWith({ behaviour });
    expect(idsOf(report, 'failed')).toEqual(failed);
    expect(report.verdict).toBe('unhealthy');
    for (const id of failed) {
      const check = find(report, id);
      expect(check?.impact, id).toBeDefined();
      expect(check?.advice, id).toBeDefined();
    }
  });

  test('fails an echo in whatever a model has to understand', async () => {
    const report = await readWith({ behaviour: 'echo' });
    const failed = idsOf(report, 'failed');
    expect(failed).toEqual(expect.arrayContaining(['arithmetic', 'tool-call', 'needle']));
    expect(failed).not.toContain('copy');
  });

  test('leaves a needle that does not fit the context unknown', async () => {
    const report = await readWith({}, { needleTokens: 131_072 });
    expect(find(report, 'needle')).toMatchObject({
      outcome: 'unknown',
      advice: 'Lower --canary-context.',
    });
    expect(report.verdict).toBe('unknown');
  });
});

describe('a rank that answers gibberish', () => {
  test('is named by the full canary, which asks each rank to repeat a line', async () => {
    const report = await readWith({ behaviour: 'rank-gibberish' });
    expect(find(report, 'rank-answers')).toMatchObject({
      outcome: 'failed',
      ranks: '11',
      detail: expect.stringMatching(
        /^data-parallel ranks 11 of 16 answer wrong: was asked to repeat a line/,
      ) as string,
      impact: expect.stringMatching(/^About 6 % of all answers are wrong/) as string,
    });
    expect(report).toMatchObject({
      verdict: 'unhealthy',
      cause: { code: 'rank-answers', ranks: '11' },
    });
  });

  test('does not keep the other questions from being asked', async () => {
    const report = await readWith({ behaviour: 'rank-gibberish' });
    expect(idsOf(report, 'unknown')).toEqual([]);
  });

  test('is told by its number alone where metrics do not show who answered', async () => {
    const options = { behaviour: 'rank-gibberish', engine: 'sglang' } as const;
    const check = find(await readWith(options, { layout: sglangLayout }), 'rank-answers');
    expect(check?.outcome).toBe('failed');
    expect(check?.detail).toMatch(/^requests meant for data-parallel ranks 11 of 16 got wrong/);
    expect(check?.ranks).toBeUndefined();
  });
});

describe('the quick canary', () => {
  test.each<{ behaviour: Behaviour }>([{ behaviour: 'good' }, { behaviour: 'echo' }])(
    'passes $behaviour: it proves that an endpoint serves',
    async ({ behaviour }) => {
      const report = await readWith({ behaviour }, { canary: 'quick' });
      expect(idsOf(report, 'failed')).toEqual([]);
      expect(report.verdict).toBe('healthy');
    },
  );

  test.each<{ behaviour: Behaviour; verdict: string; code: string; ranks?: string }>([
    { behaviour: 'gibberish', verdict: 'unhealthy', code: 'copy' },
    { behaviour: 'dead-engine', verdict: 'unhealthy', code: 'chat' },
    { behaviour: 'no-models', verdict: 'unhealthy', code: 'models' },
    { behaviour: 'wrong-model', verdict: 'unhealthy', code: 'models' },
    { behaviour: 'busy-503', verdict: 'unhealthy', code: 'chat' },
    { behaviour: 'busy-429', verdict: 'unknown', code: 'chat' },
    { behaviour: 'silent', verdict: 'unhealthy', code: 'progress' },
    { behaviour: 'slow', verdict: 'unhealthy', code: 'chat' },
    { behaviour: 'rank-hangs', verdict: 'unhealthy', code: 'rank-answers', ranks: '11' },
    { behaviour: 'rank-absent', verdict: 'unhealthy', code: 'ranks', ranks: '11' },
    { behaviour: 'metrics-off', verdict: 'unknown', code: 'metrics' },
    { behaviour: 'metrics-odd', verdict: 'unknown', code: 'metrics' },
    { behaviour: 'metrics-frozen', verdict: 'unknown', code: 'progress' },
    { behaviour: 'open', verdict: 'unhealthy', code: 'bad-key' },
  ])('calls $behaviour $verdict, because of $code', async ({ behaviour, verdict, code, ranks }) => {
    const report = await readWith({ behaviour }, { canary: 'quick', chatMs: 600 });
    expect(report).toMatchObject({
      verdict,
      cause: {
        code,
        subject: `Pod/${namespace}/deepseek-main-0`,
        ...(ranks === undefined ? {} : { ranks }),
      },
    });
  });

  test('does not require metrics that the spec turned off', async () => {
    const layout = {
      ...keyed,
      spec: { ...keyed.spec, observability: { ...keyed.spec.observability, metrics: false } },
    };
    const report = await readWith({ behaviour: 'metrics-off' }, { canary: 'quick', layout });
    expect(report.verdict).toBe('healthy');
    expect(idsOf(report, 'skipped')).toEqual(
      expect.arrayContaining(['metrics', 'ranks', 'progress']),
    );
  });

  test('asks nothing more once the first question got no answer', async () => {
    const report = await readWith({ behaviour: 'silent' }, { canary: 'quick', chatMs: 300 });
    expect(find(report, 'copy')).toMatchObject({ outcome: 'unknown' });
    expect(find(report, 'progress')).toMatchObject({
      outcome: 'failed',
      ranks: expect.any(String) as string,
    });
  });

  test('waits for a time-out once, and leaves what comes after it unknown', async () => {
    const slow = { behaviour: 'slow-first-token', slowMs: 60_000 } as const;
    const report = await readWith(slow, { canary: 'quick', chatMs: 600 });
    expect(idsOf(report, 'failed')).toEqual(['stream']);
    expect(idsOf(report, 'unknown')).toEqual(['first-token', 'max-tokens', 'bad-key']);
    expect(report.cause?.code).toBe('stream');
  });
});

describe('an engine that stands still', () => {
  /** Far more than any test takes: only the standstill ends the wait. */
  const chatMs = 600_000;

  test.each<{ behaviour: Behaviour; code: string; ranks?: string }>([
    { behaviour: 'silent', code: 'progress' },
    { behaviour: 'slow', code: 'chat' },
    { behaviour: 'rank-hangs', code: 'rank-answers', ranks: '11' },
  ])('is given up long before the time-out: $behaviour', async ({ behaviour, code, ranks }) => {
    const options = { canary: 'quick', chatMs, standstillMs: 600 } as const;
    const report = await readWith({ behaviour }, options);
    expect(report).toMatchObject({
      verdict: 'unhealthy',
      cause: { code, ...(ranks === undefined ? {} : { ranks }) },
    });
    expect(report.cause?.message).toMatch(/nothing moved|no token was counted/);
  });

  test('is told from one that only has much to do', async () => {
    const busy = { behaviour: 'crawls', slowMs: 900 } as const;
    const options = { canary: 'quick', chatMs, standstillMs: 400 } as const;
    const report = await readWith(busy, options);
    expect(find(report, 'chat')).toMatchObject({ outcome: 'passed' });
    expect(find(report, 'rank-answers')).toMatchObject({ outcome: 'passed' });
    expect(report.verdict).toBe('healthy');
  });

  test.each<{ what: string; headers: Record<string, string>; pack: (text: string) => Buffer }>([
    { what: 'packed', headers: { 'content-encoding': 'gzip' }, pack: (text) => gzipSync(text) },
    { what: 'plain', headers: {}, pack: (text) => Buffer.from(text) },
  ])('is not seen in a stream that only [DONE] ends, $what', async ({ headers, pack }) => {
    const piece = { choices: [{ index: 0, finish_reason: 'stop', delta: { content: 'x' } }] };
    const endless: Handler = (_, response) => {
      // Neither a length nor chunks: only the end of the connection would tell, and it stays open.
      response.useChunkedEncodingByDefault = false;
      response.writeHead(200, { ...headers, 'content-type': 'text/event-stream' });
      response.write(pack(`data: ${JSON.stringify(piece)}\n\ndata: [DONE]\n\n`));
    };
    const endpoint = await OpenAiEndpoint.start({ answers: { '/stream': endless } });
    endpoints.push(endpoint);
    const agent = endpointAgent();
    const url = `${endpoint.url}/stream`;
    const reply = await ask({ url, method: 'GET', timeoutMs: 60_000, agent });
    await agent.destroy();
    expect(reply).toMatchObject({ kind: 'answered', status: 200 });
    if (reply.kind === 'answered') expect(reply.body).toContain('[DONE]');
  });

  test('is not known to, without metrics: the time-out decides', async () => {
    const options = { canary: 'quick', chatMs: 700, standstillMs: 100 } as const;
    const silent = { behaviour: 'silent', answers: { '/metrics': status(404) } } as const;
    const report = await readWith(silent, options);
    expect(find(report, 'chat')?.detail).toBe('no answer within 0.7 s');
  });
});

describe('a group whose servers each answer for a share of its ranks', () => {
  const { spec } = keyed;

  /** Health of a group with one server for each of its endpoints; `bad` is what the one of a rank does. */
  async function readShares(
    loadBalancing: 'hybrid' | 'multi-port',
    bad?: { readonly rank: number; readonly behaviour: Behaviour },
  ): Promise<HealthReport> {
    const groups = spec.groups.map((group) => ({ ...group, loadBalancing }));
    const layout = planLayout({ ...spec, groups });
    const [group] = layout.groups;
    const shares = group?.kind === 'placed' ? expectedEndpoints(group) : [];
    const cluster = new FakeCluster();
    const names = ['deepseek-main-0', 'deepseek-main-0-1'];
    const labels = { 'dsdeploy/serves': 'api' };
    cluster.put(anLws(), aPod(), aPod({ worker: 1, labels }), aService(), aSlice(names));
    for (const { pod, port, dataRanks: own } of shares) {
      const isBad = bad !== undefined && own.includes(bad.rank);
      const fault = isBad ? { behaviour: bad.behaviour, badRank: bad.rank } : {};
      const server = await OpenAiEndpoint.start({ apiKey, dataRanks: own, ...fault });
      endpoints.push(server);
      cluster.engines.set(`${pod.name}:${port}`, server.url);
    }
    const clock = new FakeClock(createdMs + 3_600_000);
    // Only the standstill ends a wait, on a busy machine too: there are sixteen servers.
    const timeoutsMs = { 'http-health': 60_000, models: 60_000, chat: 60_000, standstill: 3_000 };
    return readHealth(layout, { cluster, clock }, { canary: 'full', apiKey, timeoutsMs });
  }

  test('is healthy: each rank is asked for by its place at its own server', async () => {
    const report = await readShares('hybrid');
    expect(report.checks.notDone.map(({ id }) => id)).toEqual(['service-network']);
    expect(report.verdict).toBe('healthy');
  });

  test('is unhealthy for a rank of a worker that hangs, which is named as in the group', async () => {
    const report = await readShares('hybrid', { rank: 11, behaviour: 'rank-hangs' });
    expect(report).toMatchObject({
      verdict: 'unhealthy',
      cause: { code: 'rank-answers', ranks: '11', subject: `Pod/${namespace}/deepseek-main-0-1` },
    });
  });

  test('is healthy where each rank has a port of its own', async () => {
    const report = await readShares('multi-port');
    expect(new Set(report.checks.notDone.map(({ id }) => id))).toEqual(
      new Set(['rank-answers', 'service-network']),
    );
    expect(report.verdict).toBe('healthy');
  });

  test.each<{ behaviour: Behaviour; code: string }>([
    { behaviour: 'gibberish', code: 'copy' },
    { behaviour: 'dead-engine', code: 'chat' },
    { behaviour: 'silent', code: 'progress' },
  ])('blames the rank of a port for $behaviour, and not its pod', async ({ behaviour, code }) => {
    const report = await readShares('multi-port', { rank: 11, behaviour });
    expect(report).toMatchObject({
      verdict: 'unhealthy',
      cause: { code, ranks: '11', subject: `Pod/${namespace}/deepseek-main-0-1` },
    });
    expect(report.cause?.message).toMatch(/^port 8003: /);
  });
});

describe('an engine whose metrics do not tell its ranks apart', () => {
  const planned = sglangLayout;

  test('is healthy when it runs the ranks of the layout by its own word', async () => {
    expect(planned.fits).toBe(true);
    const report = await readWith({ engine: 'sglang' }, { layout: planned });
    expect(find(report, 'ranks')).toMatchObject({
      outcome: 'passed',
      detail: 'the server runs 16 ranks, 16 data-parallel; 16 schedulers answered',
    });
    expect(find(report, 'thinking-on')).toMatchObject({
      outcome: 'passed',
      detail: 'thoughts in reasoning_content, answer right',
    });
    expect(report.verdict).toBe('healthy');
    // The page holds every argument of the server, the key among them.
    expect(JSON.stringify(report)).not.toContain(apiKey);
  });

  test.each<{ fault: string; options: EndpointOptions; verdict: string; says: string }>([
    {
      fault: 'lacks a data-parallel rank',
      options: { behaviour: 'rank-absent', ranks: 16 },
      verdict: 'unhealthy',
      says: 'the server runs 16 ranks, 15 data-parallel; the layout has 16 and 16',
    },
    {
      fault: 'runs on half of its devices',
      options: { ranks: 8 },
      verdict: 'unhealthy',
      says: 'the server runs 8 ranks, 16 data-parallel; the layout has 16 and 16',
    },
    {
      fault: 'hangs in a scheduler',
      options: { behaviour: 'rank-hangs' },
      verdict: 'unknown',
      says: 'GET /server_info: no answer within 0.5 s',
    },
    {
      fault: 'has another page there',
      options: { answers: { '/server_info': answer({ ok: true }) } },
      verdict: 'unknown',
      says: 'GET /server_info answered something else',
    },
  ])('is $verdict when it $fault', async ({ options, verdict, says }) => {
    const report = await readWith({ engine: 'sglang', ...options }, { layout: planned });
    const outcome = verdict === 'unhealthy' ? 'failed' : 'unknown';
    expect(find(report, 'ranks')).toMatchObject({ outcome, detail: says });
    expect(report.verdict === 'healthy').toBe(false);
    if (verdict === 'unhealthy') expect(report.cause).toMatchObject({ code: 'ranks' });
  });

  test('may let its health wait for its schedulers, longer than a page takes', async () => {
    const late: Handler = (_, response) => {
      setTimeout(() => response.writeHead(200).end(), 700);
    };
    const options = { engine: 'sglang', answers: { '/health': late } } as const;
    const report = await readWith(options, { layout: planned, healthMs: 60_000 });
    expect(report.verdict).toBe('healthy');
  });

  test('is given up when its health waits for schedulers that stand still', async () => {
    const options = { engine: 'sglang', answers: { '/health': hang } } as const;
    const limits = { layout: planned, healthMs: 600_000, standstillMs: 400 };
    const report = await readWith(options, limits);
    expect(report).toMatchObject({ verdict: 'unhealthy', cause: { code: 'http-health' } });
    expect(find(report, 'chat')).toMatchObject({ outcome: 'unknown' });
  });

  test('is not waited for when not even its pages answer', async () => {
    const silent = { '/health': hang, '/v1/models': hang, '/metrics': hang };
    const options = { engine: 'sglang', answers: silent } as const;
    const report = await readWith(options, { layout: planned, healthMs: 600_000 });
    expect(report).toMatchObject({ verdict: 'unhealthy', cause: { code: 'http-health' } });
  });
});
