import { setTimeout as sleep } from 'node:timers/promises';
import pRetry from 'p-retry';
import { type Dispatcher, request, WebSocket } from 'undici';
import type { Credential } from '../auth/credential.ts';
import type { CredentialSource } from '../auth/credential-source.ts';
import type { Timings } from '../timings.ts';
import { createDispatcher } from './create-dispatcher.ts';
import { isTransient } from './is-transient.ts';
import { parseWarnings } from './parse-warnings.ts';
import { BadReplyError, StatusError } from './status-error.ts';

export interface ApiRequest {
  readonly method: 'GET' | 'PATCH' | 'POST' | 'DELETE';
  /** Absolute path on the API server, each segment encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly signal?: AbortSignal;
  /** Another answer that passes by itself, beside those every request retries. */
  readonly retryAlso?: (error: StatusError) => boolean;
}

export interface ApiReply {
  readonly text: string;
  readonly warnings: readonly string[];
}

export interface ApiTransportOptions {
  readonly serverUrl: URL;
  readonly credentials: CredentialSource;
  readonly proxy: string | undefined;
  readonly timings: Timings;
  /** Ends every request and wait. */
  readonly signal: AbortSignal;
}

/**
 * Speaks plain JSON to one API server over one connection pool. Objects go through untouched:
 * what is not known here is neither dropped nor renamed.
 *
 * Throws `StatusError`, `BadReplyError` or what undici throws; `map-error.ts` makes them readable.
 */
export class ApiTransport {
  readonly #options: ApiTransportOptions;
  readonly #baseUrl: string;
  #pool: { readonly credential: Credential; readonly dispatcher: Dispatcher } | undefined;
  #hasAnswered = false;
  #resumeAtMs = 0;

  constructor(options: ApiTransportOptions) {
    this.#options = options;
    const { origin, pathname } = options.serverUrl;
    // Gateways serve several clusters under path prefixes.
    this.#baseUrl = origin + pathname.replace(/\/$/, '');
  }

  /** Sends a request, with retries, and parses the JSON object it answers. */
  async json(apiRequest: ApiRequest): Promise<{ readonly value: unknown } & ApiReply> {
    const reply = await this.text(apiRequest);
    return { ...reply, value: parseObject(reply.text) };
  }

  /** Sends a request, with retries, and reads the whole answer. */
  async text(apiRequest: ApiRequest): Promise<ApiReply> {
    return this.#withRetries(apiRequest, async (signal) => {
      const { headers, body } = await this.#send(apiRequest, signal);
      return { text: await body.text(), warnings: parseWarnings(headers['warning']) };
    });
  }

  /** Opens an answer that goes on, such as a watch. Not retried; silence is the caller's to judge. */
  async stream(apiRequest: ApiRequest): Promise<AsyncIterable<Uint8Array>> {
    const signal = this.#signalFor(apiRequest);
    const { body } = await this.#send(apiRequest, signal, { bodyTimeout: 0 });
    return body;
  }

  /** Starts a WebSocket over the same pool, so that proxies and certificates hold for it too. */
  async openWebSocket(path: string, protocols: readonly string[]): Promise<WebSocket> {
    const { credential, dispatcher } = await this.#connection();
    const headers = Object.entries(credential.headers).flatMap(([name, value]) =>
      [value].flat().map((one): [string, string] => [name, one]),
    );
    const url = this.#baseUrl.replace(/^http/, 'ws') + path;
    return new WebSocket(url, { protocols: [...protocols], dispatcher, headers });
  }

  async close(): Promise<void> {
    const pool = this.#pool;
    this.#pool = undefined;
    await pool?.dispatcher.destroy();
  }

  async #withRetries<T>(
    apiRequest: ApiRequest,
    attempt: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { timings } = this.#options;
    const signal = this.#signalFor(apiRequest);
    return pRetry(
      async () => {
        await this.#waitForTurn(signal);
        return attempt(signal);
      },
      {
        retries: timings.retries,
        minTimeout: timings.retryMinMs,
        maxTimeout: timings.retryMaxMs,
        maxRetryTime: timings.retryBudgetMs,
        randomize: true,
        signal,
        onFailedAttempt: ({ error }) => {
          this.#holdBack(error);
        },
        shouldRetry: ({ error, attemptNumber: tries }) =>
          isTransient(error, { hasAnswered: this.#hasAnswered, tries }) ||
          (error instanceof StatusError && apiRequest.retryAlso?.(error) === true),
      },
    );
  }

  /** One `Retry-After` slows every request down, not only the one that was told. */
  #holdBack(error: Error): void {
    if (!(error instanceof StatusError) || error.retryAfterMs === undefined) return;
    const waitMs = Math.min(error.retryAfterMs, this.#options.timings.retryAfterMaxMs);
    this.#resumeAtMs = Math.max(this.#resumeAtMs, Date.now() + waitMs);
  }

  async #waitForTurn(signal: AbortSignal): Promise<void> {
    const waitMs = this.#resumeAtMs - Date.now();
    // A little more for each, so that the held back requests do not all start in one instant.
    if (waitMs > 0) await sleep(waitMs * (1 + Math.random() / 10), undefined, { signal });
  }

  #signalFor({ signal }: ApiRequest): AbortSignal {
    return signal === undefined
      ? this.#options.signal
      : AbortSignal.any([signal, this.#options.signal]);
  }

  async #send(
    apiRequest: ApiRequest,
    signal: AbortSignal,
    extra: { readonly bodyTimeout?: number } = {},
  ): Promise<Dispatcher.ResponseData> {
    const connection = await this.#connection();
    let reply = await this.#exchange(connection, apiRequest, signal, extra);
    if (reply.statusCode === 401) {
      await reply.body.dump();
      // An expired token is renewed once; a second refusal is the answer.
      await this.#options.credentials.refresh(connection.credential);
      reply = await this.#exchange(await this.#connection(), apiRequest, signal, extra);
    }
    if (reply.statusCode >= 200 && reply.statusCode < 300) return reply;
    const text = await reply.body.text();
    if (reply.statusCode < 400) {
      const location = reply.headers['location'];
      throw new BadReplyError(`it redirects to ${first(location) ?? 'nowhere'}`);
    }
    throw new StatusError(reply.statusCode, text, first(reply.headers['retry-after']));
  }

  async #exchange(
    {
      credential,
      dispatcher,
    }: { readonly credential: Credential; readonly dispatcher: Dispatcher },
    apiRequest: ApiRequest,
    signal: AbortSignal,
    extra: { readonly bodyTimeout?: number },
  ): Promise<Dispatcher.ResponseData> {
    const { method, path, query, body, contentType = 'application/json' } = apiRequest;
    const reply = await request(this.#baseUrl + path + formatQuery(query), {
      ...extra,
      dispatcher,
      method,
      signal,
      headers: {
        accept: 'application/json',
        'user-agent': 'dsdeploy',
        ...(body === undefined ? {} : { 'content-type': contentType }),
        ...credential.headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    this.#hasAnswered = true;
    return reply;
  }

  /** The pool for the current credential; a new client certificate needs new connections. */
  async #connection(): Promise<{
    readonly credential: Credential;
    readonly dispatcher: Dispatcher;
  }> {
    const { credentials, proxy, timings } = this.#options;
    const credential = await credentials.current();
    const pool = this.#pool;
    if (pool?.credential === credential) return pool;
    if (pool !== undefined && isSameIdentity(pool.credential, credential)) {
      this.#pool = { credential, dispatcher: pool.dispatcher };
      return this.#pool;
    }
    // Running watches end by themselves; the old pool closes behind the last of them.
    void pool?.dispatcher.close();
    this.#pool = {
      credential,
      dispatcher: createDispatcher({ tls: credential.tls, proxy, timings }),
    };
    return this.#pool;
  }
}

function isSameIdentity(a: Credential, b: Credential): boolean {
  return (
    String(a.tls.cert) === String(b.tls.cert) &&
    String(a.tls.key) === String(b.tls.key) &&
    String(a.tls.ca) === String(b.tls.ca)
  );
}

function parseObject(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    // What is left of a JSON object may be a part of a Secret.
    const beginning = text.trimStart().startsWith('{')
      ? 'a JSON object that ends too early'
      : text.slice(0, 80).replace(/\s+/g, ' ');
    throw new BadReplyError(`it is not JSON: ${beginning}`, { cause: error });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new BadReplyError('it is JSON, but not an object');
}

function formatQuery(query: ApiRequest['query']): string {
  const entries = Object.entries(query ?? {}).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return entries.length === 0 ? '' : `?${new URLSearchParams(entries).toString()}`;
}

function first(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
