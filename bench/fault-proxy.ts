import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type IncomingMessage, type ServerResponse } from 'node:http';
import { Agent, createServer, request, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import type { SandboxState } from '../src/sandbox/index.ts';

/** What an API server says of a version that it has compacted away. */
const expired = JSON.stringify({
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  message: 'too old resource version: 1 (2)',
  reason: 'Expired',
  code: 410,
});

interface Watch {
  /** With its query, but for the version: one per kind and namespace. */
  readonly path: string;
  readonly answer: ServerResponse;
}

/**
 * Stands before the API server of a sandbox, with its certificate, and does on demand what a bad
 * network and a compacted store do.
 */
export class FaultProxy {
  /** Times that every connection was reset. */
  resets = 0;
  /** Answers 410, as the start of a watch and in the middle of one. */
  gone = 0;
  readonly #server: Server;
  readonly #upstream: URL;
  readonly #agent: Agent;
  readonly #sockets = new Set<Socket>();
  readonly #watches = new Set<Watch>();
  readonly #forgotten = new Set<string>();

  private constructor({ directory, serverUrl }: SandboxState) {
    const read = (name: string) => readFileSync(join(directory, 'certificates', name));
    this.#upstream = new URL(serverUrl);
    this.#agent = new Agent({
      keepAlive: true,
      ca: read('ca.crt'),
      cert: read('admin.crt'),
      key: read('admin.key'),
    });
    const identity = { cert: read('kube-apiserver.crt'), key: read('kube-apiserver.key') };
    this.#server = createServer(identity, (question, answer) => {
      this.#pass(question, answer);
    });
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  static async start(state: SandboxState): Promise<FaultProxy> {
    const proxy = new FaultProxy(state);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Resets every connection. */
  reset(): void {
    this.resets += 1;
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Resets every connection, and then knows the versions no more that the watches want to go on from. */
  resetAndForget(): void {
    for (const { path } of this.#watches) this.#forgotten.add(path);
    this.reset();
  }

  /** Ends every watch with the event by which a server says that its version is too old. */
  expire(): void {
    for (const { answer } of this.#watches) {
      this.gone += 1;
      answer.end(`${JSON.stringify({ type: 'ERROR', object: JSON.parse(expired) as object })}\n`);
    }
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
    this.#agent.destroy();
  }

  #pass(question: IncomingMessage, answer: ServerResponse): void {
    const { url = '', method, headers } = question;
    const watch = url.includes('watch=true')
      ? { path: url.replace(/(resourceVersion|timeoutSeconds)=\d+/g, ''), answer }
      : undefined;
    if (watch !== undefined && this.#forgotten.delete(watch.path)) {
      this.gone += 1;
      answer.writeHead(410, { 'content-type': 'application/json' }).end(expired);
      return;
    }
    const { hostname, port, host } = this.#upstream;
    const upstream = request(
      { hostname, port, method, path: url, headers: { ...headers, host }, agent: this.#agent },
      (reply) => {
        answer.writeHead(reply.statusCode ?? 502, reply.headers);
        // A watch is open before its first event.
        answer.flushHeaders();
        reply.on('error', () => answer.destroy());
        if (watch !== undefined) this.#watches.add(watch);
        reply.pipe(answer);
      },
    );
    upstream.on('error', () => answer.destroy());
    answer.on('close', () => {
      if (watch !== undefined) this.#watches.delete(watch);
      upstream.destroy();
    });
    question.pipe(upstream);
  }
}
