import { pipeline, type Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { Agent, request } from 'undici';
import type { CanaryAnswer, ProbeAnswer } from '../../../health/index.ts';

export interface Question {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly apiKey?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | undefined;
  readonly timeoutMs: number;
  /** Ends the wait before its time, as if that had passed. */
  readonly giveUp?: AbortSignal | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Connections to use again: one through an API server costs more than what is asked over it. */
  readonly agent: Agent;
}

/**
 * What came back; `broken` is an answer that began and whose connection then ended, `hung-up` a
 * connection that was taken and ended without a word.
 */
export type Reply =
  | (CanaryAnswer & { readonly kind: 'answered' })
  | (CanaryAnswer & { readonly kind: 'broken' })
  | { readonly kind: 'hung-up' }
  | Exclude<ProbeAnswer, { readonly kind: 'answered' }>;

/**
 * Connections to one endpoint. Time-outs are those of a question: an engine may be silent for long.
 */
export function endpointAgent(): Agent {
  return new Agent({ pipelining: 1, headersTimeout: 0, bodyTimeout: 0 });
}

/** Why a wait is given up: the engine stands still. */
export const stoodStill = Symbol('the engine stands still');

/** Bytes read of an answer; enough for any we ask for, and an endless one ends here. */
const maxBodyBytes = 4 << 20;

/**
 * Sends one request and reads the answer within the time-out, body included.
 *
 * A connection that cannot be made is `not-asked`: through a port-forward it cannot be told whether the
 * engine or the way to it is down. Proxies of the environment are not used, as the address is local.
 */
export async function ask(question: Question): Promise<Reply> {
  const { timeoutMs, giveUp, signal } = question;
  const timeout = AbortSignal.timeout(timeoutMs);
  const startedMs = performance.now();
  try {
    const signals = [timeout, giveUp, signal].filter((entry) => entry !== undefined);
    return await send(question, AbortSignal.any(signals));
  } catch (error) {
    if (signal?.aborted === true) throw error;
    if (timeout.aborted) return { kind: 'timed-out', afterSeconds: timeoutMs / 1000 };
    if (giveUp?.aborted === true) {
      const afterSeconds = Math.ceil((performance.now() - startedMs) / 1000);
      const isStill = giveUp.reason === stoodStill;
      return { kind: 'timed-out', afterSeconds, ...(isStill ? { stoodStill: true } : {}) };
    }
    const code = describe(error);
    if (code === 'UND_ERR_SOCKET') return { kind: 'hung-up' };
    return { kind: 'not-asked', reason: `no connection to the engine: ${code}` };
  }
}

async function send(question: Question, signal: AbortSignal): Promise<Reply> {
  const { url, method, apiKey, headers, body, agent: dispatcher } = question;
  const startedMs = performance.now();
  const answer = await request(url, {
    method,
    dispatcher,
    signal,
    headers: {
      ...headers,
      ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body }),
  });
  const reader = new BodyReader(startedMs, isEndless(answer.headers));
  const { 'content-encoding': encoding } = answer.headers;
  const kind = await reader.read(unpacked(answer.body, encoding), signal);
  const came = { status: answer.statusCode, ...reader.result() };
  return kind === 'answered' ? { kind, ...came } : { kind, ...came };
}

/** Nobody is asked for it, but proxies pack answers all the same. */
function unpacked(body: Readable, encoding: unknown): AsyncIterable<Buffer> {
  const unpack = typeof encoding === 'string' ? unpackers.get(encoding)?.() : undefined;
  if (unpack === undefined) return body;
  // A failure ends both, and is told by the reader of the last.
  return pipeline(body, unpack, () => undefined);
}

const unpackers: ReadonlyMap<string, () => Transform> = new Map([
  ['gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
]);

/** The last event of a stream of chat completions. */
const streamEnd = /^data: ?\[DONE\]\s*$/m;

/** Whether only the end of the connection ends the body, which not every port-forward passes on. */
function isEndless(headers: Readonly<Record<string, unknown>>): boolean {
  return headers['transfer-encoding'] === undefined && headers['content-length'] === undefined;
}

/** Reads a body and remembers when each part of it came. */
class BodyReader {
  readonly #startedMs: number;
  readonly #isEndless: boolean;
  readonly #decoder = new TextDecoder();
  readonly #arrivals: { readonly afterMs: number; readonly characters: number }[] = [];
  #text = '';

  constructor(startedMs: number, isEndless: boolean) {
    this.#startedMs = startedMs;
    this.#isEndless = isEndless;
  }

  async read(body: AsyncIterable<Buffer>, signal: AbortSignal): Promise<'answered' | 'broken'> {
    let size = 0;
    try {
      for await (const chunk of body) {
        size += chunk.length;
        this.#text += this.#decoder.decode(chunk, { stream: true });
        this.#arrivals.push({ afterMs: this.#elapsedMs(), characters: this.#text.length });
        if (size > maxBodyBytes || (this.#isEndless && streamEnd.test(this.#text))) break;
      }
      return 'answered';
    } catch (error) {
      if (signal.aborted || size === 0) throw error;
      return 'broken';
    }
  }

  result(): Pick<CanaryAnswer, 'body' | 'arrivals' | 'tookMs'> {
    return { body: this.#text, arrivals: this.#arrivals, tookMs: this.#elapsedMs() };
  }

  #elapsedMs(): number {
    return performance.now() - this.#startedMs;
  }
}

/** The code alone: messages of the client can quote headers. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown failure';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
