import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

import { Agent, request } from 'undici';

/** A Kubernetes object as far as the sandbox looks into it. */
export interface ApiObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly resourceVersion?: string;
    readonly deletionTimestamp?: string;
    readonly ownerReferences?: readonly OwnerReference[];
  };
}

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

export interface ApiClientOptions {
  readonly serverUrl: string;
  /** PEM files. */
  readonly authorityFile: string;
  readonly certificateFile: string;
  readonly keyFile: string;
}

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  /** @default 'application/json' */
  readonly contentType?: string;
  /** @default 'application/json' */
  readonly accept?: string;
}

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: ApiObject;
}

/** The API server answered with an error status. */
export class ApiStatusError extends Error {
  override readonly name = 'ApiStatusError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Owner of every field the sandbox writes. */
const fieldManager = 'dsdeploy-sandbox';

const requestTimeoutMs = 10_000;

/**
 * The few calls to the sandbox's own API server that starting it and its agent need.
 *
 * Not for clusters of users: it knows neither kubeconfigs nor proxies nor tokens.
 */
export class ApiClient {
  readonly #serverUrl: string;
  readonly #dispatcher: Agent;

  constructor(options: ApiClientOptions) {
    this.#serverUrl = options.serverUrl;
    this.#dispatcher = new Agent({
      connect: {
        ca: readFileSync(options.authorityFile),
        cert: readFileSync(options.certificateFile),
        key: readFileSync(options.keyFile),
      },
    });
  }

  async send<Result>(options: ApiRequest): Promise<Result> {
    const { statusCode, body } = await request(`${this.#serverUrl}${options.path}`, {
      method: options.method,
      dispatcher: this.#dispatcher,
      headers: {
        'content-type': options.contentType ?? 'application/json',
        accept: options.accept ?? 'application/json',
      },
      signal: AbortSignal.timeout(requestTimeoutMs),
      body: options.body === undefined ? null : JSON.stringify(options.body),
    });
    const text = await body.text();
    if (statusCode >= 400) throw statusError(statusCode, text, options);
    return parseBody(text) as Result; // the API server keeps to its own schema
  }

  /** Creates the object or brings the fields it names to the given values. */
  async apply(resourcePath: string, object: ApiObject): Promise<void> {
    const query = `fieldManager=${fieldManager}&force=true`;
    await this.send({
      method: 'PATCH',
      path: `${resourcePath}/${object.metadata.name}?${query}`,
      contentType: 'application/apply-patch+yaml',
      body: object,
    });
  }

  /** Deletes the object; one that is gone already is fine. */
  async delete(resourcePath: string, name: string): Promise<void> {
    try {
      await this.send({ method: 'DELETE', path: `${resourcePath}/${name}` });
    } catch (error) {
      if (!(error instanceof ApiStatusError && error.status === 404)) throw error;
    }
  }

  /** Yields changes after `resourceVersion` until the server ends the watch. */
  async *watch(path: string, resourceVersion: string): AsyncGenerator<WatchEvent> {
    const query = `watch=true&allowWatchBookmarks=true&resourceVersion=${resourceVersion}`;
    const { statusCode, body } = await request(`${this.#serverUrl}${path}?${query}`, {
      dispatcher: this.#dispatcher,
      bodyTimeout: 0, // a quiet cluster sends nothing for minutes
    });
    if (statusCode >= 400) {
      throw statusError(statusCode, await body.text(), { method: 'GET', path });
    }
    for await (const line of createInterface({ input: body })) {
      yield JSON.parse(line) as WatchEvent; // one JSON object per line, by the watch protocol
    }
  }

  async close(): Promise<void> {
    await this.#dispatcher.destroy();
  }
}

function parseBody(text: string): unknown {
  // Health endpoints answer plain text.
  return text.startsWith('{') ? JSON.parse(text) : text;
}

function statusError(status: number, text: string, { method, path }: ApiRequest): ApiStatusError {
  const body = parseBody(text);
  const hasMessage = typeof body === 'object' && body !== null && 'message' in body;
  const message = hasMessage ? String(body.message) : text.slice(0, 500);
  return new ApiStatusError(status, `${method} ${path}: ${String(status)} ${message}`);
}
