import { setTimeout as sleep } from 'node:timers/promises';
import type { Agent } from 'undici';
import type { PortForward } from '../../../cluster/index.ts';
import { DsdeployError } from '../../../errors/index.ts';
import type { ProbeAnswer } from '../../../health/index.ts';
import type { Clock } from '../../host.ts';
import type { HealthPorts } from '../ports.ts';
import { hasCode } from '../try-read.ts';
import { ask, endpointAgent, type Reply as FirstReply, type Question } from './ask.ts';
import type { ApiKey } from './read-api-key.ts';

export interface ConnectionOptions {
  readonly apiKey: ApiKey;
  readonly signal?: AbortSignal | undefined;
}

export interface ConnectionQuestion {
  readonly path: string;
  readonly body?: unknown;
  /** @default 'none' */
  readonly key?: 'right' | 'wrong' | 'none';
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly timeoutMs: number;
  /** Ends the wait before its time. */
  readonly giveUp?: AbortSignal | undefined;
}

/** Never a key of anybody: it only has to be refused. */
const wrongKey = 'dsdeploy-canary-wrong-key';

/** Further tries of a request that was turned away because the engine was busy. */
const busyRetries = 2;

/** Further tries of a request whose answer broke off: a second time it is the engine's doing. */
const brokenRetries = 1;

const busyDelayMs = 1_000;

const hungUpDelayMs = 300;

/** Milliseconds the API server may take to show that it is still there. */
const wayTimeoutMs = 5_000;

const hungUp = 'takes connections and ends them without an answer';

/** What came back, after it was found out who hung up. */
export type Reply = Exclude<FirstReply, { readonly kind: 'hung-up' }>;

/** An answer as a whole, or why there is none. */
export type Answer = Exclude<Reply, { readonly kind: 'broken' }>;

type NotAsked = ProbeAnswer & { readonly kind: 'not-asked' };

export interface PodPort {
  readonly namespace: string;
  readonly pod: string;
  readonly port: number;
}

/** Runs `use` with a connection into a pod, or `refused` with what stands in the way of one. */
export async function withConnection<T>(
  { cluster, clock }: HealthPorts,
  { namespace, pod, port }: PodPort,
  options: ConnectionOptions & {
    readonly use: (connection: ProbeConnection) => Promise<T>;
    readonly refused: (answer: NotAsked) => T;
  },
): Promise<T> {
  let forward: PortForward;
  try {
    const ref = { apiVersion: 'v1', kind: 'Pod', namespace, name: pod };
    forward = await cluster.openPortForward(ref, port);
  } catch (error) {
    if (!(error instanceof DsdeployError) || error.code === 'INTERRUPTED') throw error;
    const advice =
      error.hint ?? `Check \`kubectl auth can-i create pods/portforward -n ${namespace}\`.`;
    return options.refused({ kind: 'not-asked', reason: error.message, advice });
  }
  const agent = endpointAgent();
  try {
    const ref = { apiVersion: 'v1', kind: 'Pod', namespace, name: pod };
    const findObstacle = () => findWayObstacle(() => cluster.get(ref));
    const way = { ...options, agent, findObstacle };
    return await options.use(new ProbeConnection(forward, clock, way));
  } finally {
    await agent.destroy();
    await forward.close();
  }
}

/**
 * Tells why the way to a pod is closed, if it is: an engine is not to blame for an API server that
 * went away in the middle of a question. One that refuses to show the pod is there.
 */
async function findWayObstacle(ask: () => Promise<unknown>): Promise<string | undefined> {
  const timer = new AbortController();
  const late = sleep(wayTimeoutMs, 'the API server does not answer any more', {
    signal: timer.signal,
  }).catch(() => undefined);
  const asked = ask().then(
    () => undefined,
    (error: unknown) => (hasCode(error, 'CLUSTER_FORBIDDEN') ? undefined : describe(error)),
  );
  try {
    return await Promise.race([asked, late]);
  } finally {
    timer.abort();
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

interface WayOptions extends ConnectionOptions {
  readonly agent: Agent;
  /** Says what stands between here and the pod; `undefined` when nothing does. */
  readonly findObstacle: () => Promise<string | undefined>;
}

/** Asks one port of one pod, with the key where one is needed and never in what comes back. */
export class ProbeConnection {
  readonly #forward: PortForward;
  readonly #clock: Clock;
  readonly #options: WayOptions;

  constructor(forward: PortForward, clock: Clock, options: WayOptions) {
    this.#forward = forward;
    this.#clock = clock;
    this.#options = options;
  }

  /** Sends one request, once. */
  async ask(question: ConnectionQuestion): Promise<Reply> {
    const { apiKey, signal, agent } = this.#options;
    const { path, body, key = 'none', headers, timeoutMs, giveUp } = question;
    if (key === 'right' && apiKey.kind === 'unreadable') {
      return { kind: 'not-asked', reason: `no API key: ${apiKey.reason}`, advice: apiKey.advice };
    }
    const sent: Question = {
      url: `${this.#forward.baseUrl}${path}`,
      method: body === undefined ? 'GET' : 'POST',
      apiKey: keyOf(key, apiKey),
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      timeoutMs,
      giveUp,
      signal,
      agent,
    };
    const reply = await ask(sent);
    if (reply.kind !== 'hung-up') return this.#clean(await this.#blame(reply));
    await this.#clock.sleep(hungUpDelayMs, signal);
    const again = await ask(sent);
    return this.#clean(
      await this.#blame(again.kind === 'hung-up' ? { kind: 'refused', reason: hungUp } : again),
    );
  }

  /** Takes silence for the engine's only where the way to it is open. */
  async #blame(reply: Reply): Promise<Reply> {
    if (reply.kind !== 'timed-out' && reply.kind !== 'refused') return reply;
    const obstacle = await this.#options.findObstacle();
    return obstacle === undefined ? reply : { kind: 'not-asked', reason: obstacle };
  }

  /**
   * Sends a request, and again when it was turned away for the moment or its answer broke off. An
   * answer that breaks off twice is what the engine has to say; the way to it would fail earlier.
   */
  async insist(question: ConnectionQuestion): Promise<Answer> {
    for (let tries = 0; ; tries += 1) {
      const reply = await this.ask(question);
      if (tries >= (reply.kind === 'broken' ? brokenRetries : busyRetries)) return settle(reply);
      const isBusy = reply.kind === 'answered' && (reply.status === 429 || reply.status === 503);
      if (!isBusy && reply.kind !== 'broken') return reply;
      await this.#clock.sleep(busyDelayMs, this.#options.signal);
    }
  }

  /** An endpoint that echoes its headers must not bring the key into a report. */
  #clean(reply: Reply): Reply {
    const { apiKey } = this.#options;
    if (reply.kind === 'not-asked') return toRefused(reply, this.#forward.lastProblem?.());
    if (reply.kind !== 'answered' && reply.kind !== 'broken') return reply;
    if (apiKey.kind !== 'key') return reply;
    return { ...reply, body: reply.body.replaceAll(apiKey.value, '***') };
  }
}

/** An answer that broke off proves as little as none. */
export function whole(reply: Reply): Answer {
  if (reply.kind !== 'broken') return reply;
  return { kind: 'not-asked', reason: 'the answer broke off' };
}

function settle(reply: Reply): Answer {
  return reply.kind === 'broken' ? { ...reply, kind: 'answered' } : reply;
}

function keyOf(key: 'right' | 'wrong' | 'none', apiKey: ApiKey): string | undefined {
  if (key === 'wrong') return wrongKey;
  return key === 'right' && apiKey.kind === 'key' ? apiKey.value : undefined;
}

/** Takes the word of the pod's node that nothing listens; any other failure proves nothing. */
function toRefused(answer: NotAsked, problem: string | undefined): Reply {
  if (problem === undefined) return answer;
  if (/connection refused/i.test(problem)) return { kind: 'refused', reason: problem };
  return { ...answer, reason: `${answer.reason}: ${problem}` };
}
