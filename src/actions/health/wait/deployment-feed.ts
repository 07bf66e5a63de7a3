import type { LiveObject } from '../../../cluster/index.ts';
import { lwsKind, placedGroups, type Reading } from '../../../health/index.ts';
import type { Layout } from '../../../layout/index.ts';
import type { Autoscaler } from '../../../plan/index.ts';
import { readAutoscalers } from '../../read-autoscalers.ts';
import type { WaitPorts } from '../ports.ts';
import { readOr } from '../try-read.ts';
import { ObjectFeed } from './object-feed.ts';
import { type ObjectReadings, podSelector } from './object-readings.ts';

/** Follows the LeaderWorkerSets and the pods of a layout: one watch per kind, whatever their number. */
export class DeploymentFeed {
  readonly #layout: Layout;
  readonly #ports: WaitPorts;
  readonly #sets: ObjectFeed;
  readonly #pods: ObjectFeed;
  readonly #stop = new AbortController();
  #bell = Promise.withResolvers<undefined>();
  #autoscalers: readonly Autoscaler[] | undefined;
  #failure: { readonly error: unknown } | undefined;
  #runs: Promise<unknown> = Promise.resolve();

  constructor(layout: Layout, ports: WaitPorts) {
    this.#layout = layout;
    this.#ports = ports;
    const { namespace } = layout.spec;
    const onChange = (): void => {
      this.#ring();
    };
    const feed = (
      kind: { readonly apiVersion: string; readonly kind: string },
      labelSelector?: string,
    ) =>
      new ObjectFeed(ports, {
        kind,
        namespace,
        ...(labelSelector === undefined ? {} : { labelSelector }),
        onChange,
        onFallback: () => {
          this.#warnFallback(kind.kind);
        },
      });
    this.#sets = feed(lwsKind);
    this.#pods = feed({ apiVersion: 'v1', kind: 'Pod' }, podSelector(layout));
  }

  start(): void {
    const { signal } = this.#stop;
    const fail = (error: unknown): void => {
      this.#failure ??= { error };
      this.#ring();
    };
    this.#runs = Promise.all([
      this.#sets.run(signal).catch(fail),
      this.#pods.run(signal).catch(fail),
      this.#readAutoscalers().catch(fail),
    ]);
  }

  /** Ends the watches and waits until they are closed. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#runs;
  }

  /** The present state; `undefined` before the first lists are complete. Throws what broke a feed. */
  read(): ObjectReadings | undefined {
    if (this.#failure !== undefined) throw this.#failure.error;
    const [sets, pods] = [this.#sets.reading, this.#pods.reading];
    const autoscalers = this.#autoscalers;
    if (sets === undefined || pods === undefined || autoscalers === undefined) return undefined;
    const names = placedGroups(this.#layout).map(({ objectName }) => objectName);
    const leaderWorkerSets = new Map(names.map((name) => [name, pick(sets, name)]));
    return { leaderWorkerSets, pods, autoscalers, readAtMs: this.#ports.clock.nowMs() };
  }

  /** Resolves at the next change, or after the given time. */
  async nextChange(ms: number, signal: AbortSignal | undefined): Promise<void> {
    const { promise } = this.#bell;
    const cancel = new AbortController();
    const signals = signal === undefined ? [cancel.signal] : [cancel.signal, signal];
    await Promise.race([promise, this.#ports.clock.sleep(ms, AbortSignal.any(signals))]);
    cancel.abort();
    this.#bell = Promise.withResolvers<undefined>();
  }

  /** Once: who scales seldom changes during a wait, and the sets tell who set their replicas. */
  async #readAutoscalers(): Promise<void> {
    const { namespace } = this.#layout.spec;
    this.#autoscalers = await readOr<readonly Autoscaler[]>([], () =>
      readAutoscalers(namespace, this.#ports.cluster),
    );
    this.#ring();
  }

  #ring(): void {
    this.#bell.resolve(undefined);
  }

  #warnFallback(kind: string): void {
    const text = `Not allowed to watch ${kind} objects: they are listed every few seconds instead`;
    this.#ports.host.notify({ code: 'WARNING', level: 'warning', text });
  }
}

function pick(sets: Reading<readonly LiveObject[]>, name: string): Reading<LiveObject | undefined> {
  if (sets.kind === 'unreadable') return sets;
  return { kind: 'read', value: sets.value.find(({ metadata }) => metadata.name === name) };
}
