import { once } from 'node:events';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** One request as it arrived. */
export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly rawHeaders: readonly string[];
  readonly body: string;
  readonly atMs: number;
}

/** Answers one request, in whatever way a server can. */
export type Reply = (response: ServerResponse, request: RecordedRequest) => void;

export interface FakeApiServerOptions {
  /** Speaks https with this pair, http without. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

const coreResources = ['ConfigMap', 'Pod', 'Secret', 'Service', 'Namespace'] as const;

/**
 * An API server whose answers are scripted: for each `METHOD /path` a queue of replies, of which
 * the last one stays. Knows the discovery of a few kinds by itself and records what it was sent.
 */
export class FakeApiServer {
  readonly requests: RecordedRequest[] = [];
  connections = 0;
  readonly #replies = new Map<string, Reply[]>();
  readonly #server;
  readonly #scheme: string;

  private constructor({ tls }: FakeApiServerOptions) {
    const listener = (request: IncomingMessage, response: ServerResponse) => {
      void this.#handle(request, response);
    };
    this.#scheme = tls === undefined ? 'http' : 'https';
    this.#server =
      tls === undefined ? createHttpServer(listener) : createHttpsServer(tls, listener);
    this.#server.on('connection', () => {
      this.connections += 1;
    });
    this.on('GET /version', json({ gitVersion: 'v1.36.3' }));
    this.on('GET /api/v1', discovery('v1', coreResources));
    this.on('GET /apis/networking.k8s.io/v1', discovery('networking.k8s.io/v1', ['NetworkPolicy']));
    this.on(
      'GET /apis/apiextensions.k8s.io/v1',
      discovery('apiextensions.k8s.io/v1', ['CustomResourceDefinition']),
    );
  }

  static async start(options: FakeApiServerOptions = {}): Promise<FakeApiServer> {
    const fake = new FakeApiServer(options);
    fake.#server.listen(0, '127.0.0.1');
    await once(fake.#server, 'listening');
    return fake;
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `${this.#scheme}://127.0.0.1:${port}`;
  }

  /** Sets the replies of a route, for example `GET /api/v1/namespaces/ds/pods`. */
  on(route: string, ...replies: Reply[]): void {
    this.#replies.set(route, replies);
  }

  /** Requests of one route, in the order they came. */
  seen(route: string): readonly RecordedRequest[] {
    return this.requests.filter(({ method, path }) => `${method} ${path}` === route);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(message.url ?? '/', 'http://fake');
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk as Buffer);
    const request: RecordedRequest = {
      method: message.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: message.headers,
      rawHeaders: message.rawHeaders,
      body: Buffer.concat(chunks).toString('utf8'),
      atMs: Date.now(),
    };
    this.requests.push(request);
    const queue = this.#replies.get(`${request.method} ${request.path}`) ?? [];
    const reply = queue.length > 1 ? queue.shift() : queue[0];
    (reply ?? status(404, 'NotFound', 'the server could not find the requested resource'))(
      response,
      request,
    );
  }
}

/** Answers with a JSON value. */
export function json(value: unknown, headers: Record<string, string | string[]> = {}): Reply {
  return raw(JSON.stringify(value), { 'content-type': 'application/json', ...headers });
}

/** Answers with a text as it stands. */
export function raw(
  text: string,
  headers: Record<string, string | string[]> = {},
  code = 200,
): Reply {
  return (response) => {
    response.writeHead(code, headers).end(text);
  };
}

/** Answers with a `Status` object. */
export function status(
  code: number,
  reason: string,
  message: string,
  extra: { readonly details?: object; readonly headers?: Record<string, string> } = {},
): Reply {
  const body = { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, reason, code };
  const { details, headers = {} } = extra;
  return raw(
    JSON.stringify({ ...body, ...(details === undefined ? {} : { details }) }),
    { 'content-type': 'application/json', ...headers },
    code,
  );
}

/** Answers with the body of the request: what a server does that keeps everything. */
export function echo(metadata: object): Reply {
  return (response, { body }) => {
    const value = JSON.parse(body) as { metadata: object };
    json({ ...value, metadata: { ...value.metadata, ...metadata } })(
      response,
      {} as RecordedRequest,
    );
  };
}

/** Cuts the connection without an answer, or after the beginning of one. */
export function reset(beginning?: string): Reply {
  return (response) => {
    if (beginning === undefined) {
      response.socket?.resetAndDestroy();
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write(beginning, () => response.socket?.resetAndDestroy());
  };
}

/** Sends the beginning of an answer, then nothing more. */
export function stall(beginning?: string): Reply {
  return (response) => {
    if (beginning === undefined) return;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write(beginning);
  };
}

/** Sends watch lines, then ends, breaks or keeps silent. */
export function watchLines(lines: readonly object[], then: 'end' | 'reset' | 'stay'): Reply {
  return (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    response.write(text === '' ? ' ' : text, () => {
      if (then === 'end') response.end();
      if (then === 'reset') response.socket?.resetAndDestroy();
    });
  };
}

/** Answers differently to a list and to a watch of the same path. */
export function listOrWatch(lists: Reply[], watches: Reply[]): Reply {
  return (response, request) => {
    const queue = request.query.get('watch') === 'true' ? watches : lists;
    const reply = queue.length > 1 ? queue.shift() : queue[0];
    reply?.(response, request);
  };
}

/** A list object around items. */
export function listOf(items: readonly object[], metadata: object = { resourceVersion: '100' }) {
  return json({ kind: 'ConfigMapList', apiVersion: 'v1', metadata, items });
}

/** A small object, as a list holds it: without apiVersion and kind. */
export function item(name: string, resourceVersion: string, uid = `uid-${name}`) {
  return {
    metadata: { name, namespace: 'ds', uid, resourceVersion },
    data: { version: resourceVersion },
  };
}

/** A line of a watch about a ConfigMap. */
export function event(type: string, object: object) {
  return { type, object: { apiVersion: 'v1', kind: 'ConfigMap', ...object } };
}

function discovery(groupVersion: string, kinds: readonly string[]): Reply {
  const resources = kinds.map((kind) => ({
    name: kind.endsWith('y') ? `${kind.slice(0, -1).toLowerCase()}ies` : `${kind.toLowerCase()}s`,
    kind,
    namespaced: !['Namespace', 'CustomResourceDefinition'].includes(kind),
  }));
  return json({ kind: 'APIResourceList', groupVersion, resources });
}
