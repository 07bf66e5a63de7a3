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
import type { RankMetrics } from './rank-metrics.ts';
import { type SglangSizes, sglangServerInfoPage, toSglangMetrics } from './sglang-pages.ts';

/** Paths an engine protects; health and metrics stay open. */
const protectedPaths = /^\/(v1|server_info)\b/;

/** Paths of requests that an engine counts. */
const countedPaths = /^\/v1\/(chat\/)?completions\b/;

/** What an engine does that the simulator does not. */
export interface EngineTraits {
  /** @default - everybody may ask */
  readonly apiKey?: string | undefined;
  /** @default - it is vLLM or speaks like it, as the simulator does */
  readonly sglang?: SglangSizes | undefined;
  /** Data-parallel ranks that answer here; only vLLM tells them apart. */
  readonly dataRanks: readonly number[];
}

/** The simulator behind a front, and what is kept of its requests. */
export interface FrontTarget {
  readonly port: number;
  /** Shared by all fronts of one simulator. */
  readonly rankMetrics: RankMetrics;
}

/**
 * Stands before a simulator, asks for the API key as engines do, tells its ranks apart, and has the
 * pages of SGLang; the simulator knows neither keys nor ranks nor SGLang.
 *
 * @returns a server that listens on a free port.
 */
export async function startEngineFront(traits: EngineTraits, target: FrontTarget): Promise<Server> {
  const { apiKey, sglang, dataRanks } = traits;
  const { port, rankMetrics } = target;
  const rewrite =
    sglang === undefined ? (body: string) => rankMetrics.page(body, dataRanks) : toSglangMetrics;
  const server = createServer((incoming, outgoing) => {
    const { url = '' } = incoming;
    if (apiKey !== undefined && protectedPaths.test(url) && !hasKey(incoming, apiKey)) {
      sendJson(outgoing, 401, { error: 'Unauthorized' });
    } else if (sglang !== undefined && url === '/server_info') {
      sendJson(outgoing, 200, sglangServerInfoPage(sglang));
    } else if (url === '/metrics') {
      forward(incoming, outgoing, { port, rewrite });
    } else if (sglang === undefined && countedPaths.test(url)) {
      serveRank(incoming, outgoing, { ...target, dataRanks });
    } else {
      forward(incoming, outgoing, { port });
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, loopback, resolve);
  });
  return server;
}

/**
 * Place of the wanted rank among those of this server; what is no number is nobody's wish.
 *
 * @source vLLM 0.33.0, entrypoints/generate/base/serving.py `_get_data_parallel_rank`
 */
function placeOf({ headers }: IncomingMessage): number | undefined {
  const wanted = headers['x-data-parallel-rank'];
  return typeof wanted === 'string' && /^\d+$/.test(wanted) ? Number(wanted) : undefined;
}

/** @source vLLM 0.33.0, v1/engine/input_processor.py */
function outOfRange(place: number, count: number): string {
  return `data_parallel_rank ${place} is out of range [0, ${count}).`;
}

/** Gives a request to its rank: the one it names, or any of those that answer here. */
function serveRank(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { port, rankMetrics, dataRanks }: FrontTarget & Pick<EngineTraits, 'dataRanks'>,
): void {
  const place = placeOf(incoming);
  if (place !== undefined && place >= dataRanks.length) {
    sendJson(outgoing, 400, { error: outOfRange(place, dataRanks.length) });
    return;
  }
  const request = rankMetrics.begin(place, dataRanks);
  outgoing.on('close', () => {
    rankMetrics.end(request, outgoing.writableFinished && outgoing.statusCode === 200);
  });
  forward(incoming, outgoing, { port });
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
  const { method, url: path } = incoming;
  // What is rewritten has to be read.
  const headers =
    rewrite === undefined
      ? incoming.headers
      : { ...incoming.headers, 'accept-encoding': 'identity' };
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
