import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { portOf, startKeyGate } from '../../../src/sandbox/agent/key-gate.ts';

let engine: Server;
let gate: Server;
let url: string;

beforeAll(async () => {
  engine = createServer((incoming, outgoing) => {
    outgoing.writeHead(201, { 'x-path': incoming.url });
    incoming.pipe(outgoing);
  });
  await new Promise<void>((resolve) => engine.listen(0, '127.0.0.1', resolve));
  gate = await startKeyGate('s3cret', portOf(engine));
  url = `http://127.0.0.1:${String(portOf(gate))}`;
});

afterAll(() => {
  gate.close();
  engine.close();
});

describe('startKeyGate()', () => {
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
});
