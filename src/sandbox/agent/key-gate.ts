import { timingSafeEqual } from 'node:crypto';
import {
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

import { loopback } from '../ports.ts';

/** Paths an engine protects; health and metrics stay open. */
const protectedPrefix = '/v1';

/**
 * Stands before a simulator and asks for the API key, as vLLM does; the simulator knows no keys.
 *
 * @returns a server that listens on a free port.
 */
export async function startKeyGate(apiKey: string, targetPort: number): Promise<Server> {
  const server = createServer((incoming, outgoing) => {
    if (incoming.url?.startsWith(protectedPrefix) && !hasKey(incoming, apiKey)) {
      outgoing.writeHead(401, { 'content-type': 'application/json' });
      outgoing.end('{"error":"Unauthorized"}');
      return;
    }
    forward(incoming, outgoing, targetPort);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, loopback, resolve);
  });
  return server;
}

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port; // it listens on TCP
}

function hasKey({ headers }: IncomingMessage, apiKey: string): boolean {
  const given = Buffer.from(headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${apiKey}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function forward(incoming: IncomingMessage, outgoing: ServerResponse, port: number): void {
  const { method, url: path, headers } = incoming;
  const proxied = request({ host: loopback, port, method, path, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
  });
  // A dead simulator looks to the client like a dead engine: the connection breaks.
  proxied.on('error', () => {
    outgoing.destroy();
  });
  outgoing.on('close', () => {
    proxied.destroy();
  });
  incoming.pipe(proxied);
}
