import { Agent, request } from 'undici';
import type { ProbeAnswer } from '../../health/index.ts';

export interface Question {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly apiKey?: string | undefined;
  readonly body?: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Bytes read of an answer; enough for any we ask for, and an endless one ends here. */
const maxBodyBytes = 1 << 20;

/**
 * Sends one request and reads the answer within the time-out, body included.
 *
 * A connection that breaks is `not-asked`: through a port-forward it cannot be told whether the
 * engine or the way to it is down. Proxies of the environment are not used, as the address is local.
 */
export async function ask(question: Question): Promise<ProbeAnswer> {
  const { url, method, apiKey, body, timeoutMs, signal } = question;
  const timeout = AbortSignal.timeout(timeoutMs);
  const agent = new Agent({ connections: 1, pipelining: 0 });
  try {
    const answer = await request(url, {
      method,
      dispatcher: agent,
      signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
      headers: {
        ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body }),
    });
    const text = await readCapped(answer.body);
    return { kind: 'answered', status: answer.statusCode, body: text };
  } catch (error) {
    if (signal?.aborted === true) throw error;
    if (timeout.aborted) return { kind: 'timed-out', afterSeconds: timeoutMs / 1000 };
    return { kind: 'not-asked', reason: `no connection to the engine: ${describe(error)}` };
  } finally {
    await agent.destroy();
  }
}

async function readCapped(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > maxBodyBytes) break;
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The code alone: messages of the client can quote headers. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown failure';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
