import type { ServerResponse } from 'node:http';
import type { WaitPorts } from '../../../src/actions/health/index.ts';
import type { Clock } from '../../../src/actions/host.ts';
import type { Message } from '../../../src/actions/message.ts';
import type {
  KindRef,
  ListOptions,
  LiveObject,
  PortForward,
  WatchEvent,
  WatchOptions,
} from '../../../src/cluster/index.ts';
import { DsdeployError } from '../../../src/errors/index.ts';
import type { ObjectRef } from '../../../src/manifest/index.ts';
import {
  type EndpointOptions,
  type Handler,
  OpenAiEndpoint,
} from '../../fixtures/openai-endpoint.ts';

type FakePort = WaitPorts['cluster'];

/**
 * A cluster in memory: holds objects, tells watchers about changes, and refuses what a test
 * forbids as `verb Kind`, for example `watch Pod`.
 */
export class FakeCluster implements FakePort {
  readonly forbidden = new Set<string>();
  readonly logs = new Map<string, string>();
  /** Where the API port of a pod leads to, by `pod:port` or by pod for any port. */
  readonly engines = new Map<string, string>();
  readonly calls: string[] = [];
  openForwards = 0;
  openWatches = 0;
  readonly #objects = new Map<string, LiveObject>();
  readonly #watchers = new Set<(event: WatchEvent) => void>();

  put(...objects: readonly LiveObject[]): void {
    for (const object of objects) {
      const key = keyOf(object.kind, object.metadata.name);
      const type = this.#objects.has(key) ? 'modified' : 'added';
      this.#objects.set(key, object);
      for (const tell of this.#watchers) tell({ type, object });
    }
  }

  remove(...objects: readonly LiveObject[]): void {
    for (const object of objects) {
      this.#objects.delete(keyOf(object.kind, object.metadata.name));
      for (const tell of this.#watchers) tell({ type: 'deleted', object });
    }
  }

  get({ kind, name }: ObjectRef): Promise<LiveObject | undefined> {
    return this.#answer(`get ${kind}`, () => this.#objects.get(keyOf(kind, name)));
  }

  list({ kind }: KindRef, options: ListOptions = {}): Promise<readonly LiveObject[]> {
    return this.#answer(`list ${kind}`, () => this.#select(kind, options));
  }

  async *watch({ kind }: KindRef, options: WatchOptions): AsyncGenerator<WatchEvent, void> {
    await this.#answer(`watch ${kind}`, () => undefined);
    const queue: WatchEvent[] = this.#select(kind, options).map((object) => ({
      type: 'added',
      object,
    }));
    queue.push({ type: 'synced' });
    let wake = Promise.withResolvers<undefined>();
    const tell = (event: WatchEvent): void => {
      if (event.type !== 'synced' && event.object.kind !== kind) return;
      queue.push(event);
      wake.resolve(undefined);
    };
    this.#watchers.add(tell);
    this.openWatches += 1;
    options.signal.addEventListener('abort', () => {
      wake.resolve(undefined);
    });
    try {
      while (!options.signal.aborted) {
        for (const event of queue.splice(0)) yield event;
        if (queue.length > 0) continue;
        await wake.promise;
        wake = Promise.withResolvers<undefined>();
      }
    } finally {
      this.openWatches -= 1;
      this.#watchers.delete(tell);
    }
  }

  readLogs({ name }: ObjectRef, options: { readonly previous?: boolean }): Promise<string> {
    const key = options.previous === true ? `${name} previous` : name;
    return this.#answer('get pods/log', () => this.logs.get(key) ?? '');
  }

  async openPortForward({ name }: ObjectRef, port: number): Promise<PortForward> {
    const baseUrl = await this.#answer(
      'create pods/portforward',
      () => this.engines.get(`${name}:${port}`) ?? this.engines.get(name),
    );
    if (baseUrl === undefined) {
      throw new DsdeployError('PORT_FORWARD_FAILED', `Cannot forward to Pod/${name}: no route`);
    }
    this.openForwards += 1;
    const close = (): Promise<void> => {
      this.openForwards -= 1;
      return Promise.resolve();
    };
    return { baseUrl, lastProblem: () => undefined, close };
  }

  #select(kind: string, { labelSelector, fieldSelector }: ListOptions): LiveObject[] {
    const labels = /^(\S+) in \((.*)\)$/.exec(labelSelector ?? '');
    const field = /^(type|reason)=(.*)$/.exec(fieldSelector ?? '');
    return [...this.#objects.values()]
      .filter((object) => object.kind === kind)
      .filter(({ metadata }) => {
        if (labels === null) return true;
        const value = metadata.labels?.[labels[1] ?? ''];
        return value !== undefined && (labels[2] ?? '').split(',').includes(value);
      })
      .filter((object) => field === null || object[field[1] ?? ''] === field[2]);
  }

  #answer<T>(verb: string, read: () => T): Promise<T> {
    this.calls.push(verb);
    if (!this.forbidden.has(verb)) return Promise.resolve(read());
    return Promise.reject(
      new DsdeployError('CLUSTER_FORBIDDEN', `Cannot ${verb}: not allowed`, {
        hint: `Ask for the right to ${verb}.`,
      }),
    );
  }
}

function keyOf(kind: string, name: string): string {
  return `${kind}/${name}`;
}

interface Alarm {
  readonly atMs: number;
  readonly ring: () => void;
}

/** Time that jumps to the next alarm as soon as everybody waits. */
export class FakeClock implements Clock {
  #nowMs: number;
  readonly #startMs: number;
  #alarms: Alarm[] = [];
  #isPumping = false;

  constructor(startMs: number) {
    this.#startMs = startMs;
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  get elapsedSeconds(): number {
    return (this.#nowMs - this.#startMs) / 1000;
  }

  /** Runs a change of the scene at a second after the start. */
  at(seconds: number, change: () => void): void {
    this.#alarms.push({ atMs: this.#startMs + seconds * 1000, ring: change });
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const alarm = { atMs: this.#nowMs + ms, ring: resolve };
      const cancel = (): void => {
        this.#alarms = this.#alarms.filter((entry) => entry !== alarm);
        resolve();
      };
      if (signal?.aborted === true) {
        cancel();
        return;
      }
      signal?.addEventListener('abort', cancel, { once: true });
      this.#alarms.push(alarm);
      if (this.#isPumping) return;
      this.#isPumping = true;
      this.#pump();
    });
  }

  /** Lets pending work settle before time moves; events of a watch take a few turns to arrive. */
  #pump(turns = 5): void {
    setImmediate(() => {
      if (turns > 0) {
        this.#pump(turns - 1);
        return;
      }
      const [next] = this.#alarms.toSorted((a, b) => a.atMs - b.atMs);
      if (next === undefined) {
        this.#isPumping = false;
        return;
      }
      this.#alarms = this.#alarms.filter((entry) => entry !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.ring();
      this.#pump();
    });
  }
}

/** Keeps what an action said. */
export class FakeHost {
  readonly messages: Message[] = [];

  notify(message: Message): void {
    this.messages.push(message);
  }

  get progress() {
    return this.messages.filter((message) => message.code === 'WAIT_PROGRESS');
  }
}

/** Data-parallel ranks of the group in the builders. */
const dataRanks = Array.from({ length: 16 }, (_, rank) => rank);

/** Starts an engine that serves the group of the builders; a test says what differs. */
export function startEngine(
  answers: Readonly<Record<string, Handler>> = {},
  options: EndpointOptions = {},
): Promise<OpenAiEndpoint> {
  return OpenAiEndpoint.start({ dataRanks, answers, ...options });
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** Answers nothing until the other side gives up. */
export const hang: Handler = () => undefined;

/** Answers with a status and no body. */
export function status(code: number): Handler {
  return (_request, response) => {
    response.writeHead(code).end();
  };
}

export function answer(body: unknown): Handler {
  return (_request, response) => {
    json(response, 200, body);
  };
}
