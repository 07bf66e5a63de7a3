import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { sglangServerInfo } from '../../../src/engines/sglang/server-info.ts';
import { startEngineFront } from '../../../src/sandbox/agent/engine-front.ts';
import { RankMetrics } from '../../../src/sandbox/agent/rank-metrics.ts';
import { portOf } from '../../../src/sandbox/ports.ts';

let engine: Server;
let front: Server;
let url: string;

beforeAll(async () => {
  engine = createServer((incoming, outgoing) => {
    outgoing.writeHead(201, { 'x-path': incoming.url });
    incoming.pipe(outgoing);
  });
  await new Promise<void>((resolve) => engine.listen(0, '127.0.0.1', resolve));
  front = await startEngineFront({ apiKey: 's3cret', dataRanks: [4, 5] }, targetOf(engine));
  url = `http://127.0.0.1:${String(portOf(front))}`;
});

afterAll(() => {
  front.close();
  engine.close();
});

describe('startEngineFront()', () => {
  test.each([
    { authorization: undefined, scenario: 'no key' },
    { authorization: 'Bearer wrong', scenario: 'a wrong key' },
    { authorization: 's3cret', scenario: 'a key without its scheme' },
  ])('refuses /v1 with $scenario', async ({ authorization }) => {
    const headers = authorization === undefined ? {} : { authorization };
    const response = await fetch(`${url}/v1/models`, { headers });
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({ error: 'Unauthorized' });
  });

  test('passes request and answer through with the key', async () => {
    const headers = { authorization: 'Bearer s3cret' };
    const response = await fetch(`${url}/v1/chat`, { method: 'POST', headers, body: 'hello' });
    expect(response.status).toBe(201);
    expect(response.headers.get('x-path')).toBe('/v1/chat');
    expect(await response.text()).toBe('hello');
  });

  test('leaves health open', async () => {
    expect((await fetch(`${url}/health`)).status).toBe(201);
  });

  test('tells the metrics of its ranks apart', async () => {
    const body = 'vllm:kv_cache_usage_perc 0.5';
    const response = await fetch(`${url}/metrics`, { method: 'POST', body });
    expect((await response.text()).split('\n')).toEqual([
      'vllm:kv_cache_usage_perc{engine="4"} 0.5',
      'vllm:kv_cache_usage_perc{engine="5"} 0.5',
    ]);
  });

  test.each([
    { wanted: '1', status: 201 },
    { wanted: '2', status: 400 },
    // The name of a rank in the group, not its place here.
    { wanted: '4', status: 400 },
    { wanted: 'any', status: 201 },
  ])('answers $status to who wants rank $wanted of its two', async ({ wanted, status }) => {
    const headers = { authorization: 'Bearer s3cret', 'x-data-parallel-rank': wanted };
    const path = `${url}/v1/chat/completions`;
    const response = await fetch(path, { method: 'POST', headers, body: 'hello' });
    expect(response.status).toBe(status);
  });

  test('passes unknown pages through as they are', async () => {
    const headers = { authorization: 'Bearer s3cret' };
    expect((await fetch(`${url}/server_info`, { headers })).status).toBe(201);
  });
});

describe('startEngineFront() of SGLang', () => {
  const sglang = { tensor: 16, pipeline: 1, data: 2, attentionData: 1 };
  let sglangFront: Server;
  let sglangUrl: string;

  beforeAll(async () => {
    sglangFront = await startEngineFront(
      { apiKey: 's3cret', sglang, dataRanks: [0] },
      targetOf(engine),
    );
    sglangUrl = `http://127.0.0.1:${String(portOf(sglangFront))}`;
  });

  afterAll(() => {
    sglangFront.close();
  });

  test('counts under its names, with labels and parts of histograms', async () => {
    const body = [
      '# TYPE vllm:num_requests_running gauge',
      'vllm:num_requests_running{model_name="v32"} 3',
      'vllm:kv_cache_usage_perc{model_name="v32"} 0.5',
      'vllm:time_to_first_token_seconds_bucket{le="0.1"} 4',
      'vllm:lora_requests_info 1',
    ].join('\n');
    const response = await fetch(`${sglangUrl}/metrics`, { method: 'POST', body });
    expect((await response.text()).split('\n')).toEqual([
      '# TYPE sglang:num_running_reqs gauge',
      'sglang:num_running_reqs{model_name="v32"} 3',
      'sglang:token_usage{model_name="v32"} 0.5',
      'sglang:time_to_first_token_seconds_bucket{le="0.1"} 4',
      'vllm:lora_requests_info 1',
    ]);
  });

  test('tells its sizes to whoever has the key', async () => {
    expect((await fetch(`${sglangUrl}/server_info`)).status).toBe(401);
    const headers = { authorization: 'Bearer s3cret' };
    const page: unknown = await (await fetch(`${sglangUrl}/server_info`, { headers })).json();
    expect(sglangServerInfo.read(page)).toEqual({ ranks: 16, dataRanks: 2, states: 2 });
  });
});

function targetOf(server: Server) {
  return { port: portOf(server), rankMetrics: new RankMetrics([4, 5]) };
}
