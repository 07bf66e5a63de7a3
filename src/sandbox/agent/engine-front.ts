import { timingSafeEqual } from 'node:crypto';
import {
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import { text } from 'node:stream/consumers';

import { loopback } from '../ports.ts';
import { type SglangSizes, sglangServerInfoPage, toSglangMetrics } from './sglang-pages.ts';

/** Paths an engine protects; health and metrics stay open. */
const protectedPaths = /^\/(v1|server_info)\b/;

/** What an engine does that the simulator does not. */
export interface EngineTraits {
  /** @default - everybody may ask */
  readonly apiKey?: string | undefined;
  /** @default - it is vLLM or speaks like it, as the simulator does */
  readonly sglang?: SglangSizes | undefined;
}

/**
 * Stands before a simulator, asks for the API key as engines do, and has the pages of SGLang; the
 * simulator knows neither keys nor SGLang.
 *
 * @returns a server that listens on a free port.
 */
export async function startEngineFront(traits: EngineTraits, targetPort: number): Promise<Server> {
  const { apiKey, sglang } = traits;
  const server = createServer((incoming, outgoing) => {
    const { url = '' } = incoming;
    if (apiKey !== undefined && protectedPaths.test(url) && !hasKey(incoming, apiKey)) {
      sendJson(outgoing, 401, { error: 'Unauthorized' });
    } else if (sglang !== undefined && url === '/server_info') {
      sendJson(outgoing, 200, sglangServerInfoPage(sglang));
    } else if (sglang !== undefined && url === '/metrics') {
      forward(incoming, outgoing, { port: targetPort, rewrite: toSglangMetrics });
    } else {
      forward(incoming, outgoing, { port: targetPort });
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, loopback, resolve);
  });
  return server;
}

function hasKey({ headers }: IncomingMessage, apiKey: string): boolean {
  const given = Buffer.from(headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${apiKey}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function sendJson(outgoing: ServerResponse, status: number, body: object): void {
  outgoing.writeHead(status, { 'content-type': 'application/json' });
  outgoing.end(JSON.stringify(body));
}

interface Target {
  readonly port: number;
  /** @default - the answer goes on as it comes */
  readonly rewrite?: (body: string) => string;
}

function forward(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { port, rewrite }: Target,
): void {
  const { method, url: path, headers } = incoming;
  const proxied = request({ host: loopback, port, method, path, headers }, (answer) => {
    const { statusCode = 502, headers: answerHeaders } = answer;
    if (rewrite === undefined) {
      outgoing.writeHead(statusCode, answerHeaders);
      answer.pipe(outgoing);
      return;
    }
    const { 'content-length': _, ...others } = answerHeaders;
    outgoing.writeHead(statusCode, others);
    void text(answer).then(
      (body) => outgoing.end(rewrite(body)),
      () => outgoing.destroy(),
    );
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
