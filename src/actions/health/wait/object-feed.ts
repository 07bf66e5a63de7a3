import type { KindRef, ListOptions, LiveObject } from '../../../cluster/index.ts';
import type { Reading } from '../../../health/index.ts';
import type { Clock } from '../../host.ts';
import type { WaitPorts } from '../ports.ts';
import { hasCode, tryRead } from '../try-read.ts';

/** Milliseconds between two lists where watching is forbidden. */
export const pollIntervalMs = 3_000;

/** Milliseconds before a watch that broke is opened again. */
const reopenDelayMs = 1_000;

/** Milliseconds an unreachable API server is waited for: a control plane restarts in less. */
const outageLimitMs = 120_000;

export interface FeedOptions extends ListOptions {
  readonly kind: KindRef;
  /** Called after each change, once the first list is complete. */
  readonly onChange: () => void;
  /** Called once, when watching is forbidden and listing takes its place. */
  readonly onFallback: () => void;
}

/**
 * Keeps the objects of one kind up to date for as long as it runs: by one watch, or by lists where
 * the cluster forbids to watch.
 */
export class ObjectFeed {
  readonly #cluster: WaitPorts['cluster'];
  readonly #clock: Clock;
  readonly #options: FeedOptions;
  readonly #objects = new Map<string, LiveObject>();
  #reading: Reading<readonly LiveObject[]> | undefined;
  #polling = false;

  constructor({ cluster, clock }: Pick<WaitPorts, 'cluster' | 'clock'>, options: FeedOptions) {
    this.#cluster = cluster;
    this.#clock = clock;
    this.#options = options;
  }

  /** The objects as last seen; `undefined` until the first list is complete. */
  get reading(): Reading<readonly LiveObject[]> | undefined {
    return this.#reading;
  }

  /** Runs until the signal aborts; throws when the cluster cannot be asked any more. */
  async run(signal: AbortSignal): Promise<void> {
    let outageSinceMs: number | undefined;
    while (!signal.aborted) {
      try {
        if (this.#polling) await this.#list();
        else await this.#watch(signal, () => (outageSinceMs = undefined));
        outageSinceMs = undefined;
      } catch (error) {
        if (isStopped(signal)) return;
        if (hasCode(error, 'CLUSTER_FORBIDDEN')) {
          this.#polling = true;
          this.#options.onFallback();
          continue;
        }
        if (!hasCode(error, 'CLUSTER_UNREACHABLE', 'CLUSTER_ERROR')) throw error;
        outageSinceMs ??= this.#clock.nowMs();
        if (this.#clock.nowMs() - outageSinceMs > outageLimitMs) throw error;
      }
      await this.#clock.sleep(this.#polling ? pollIntervalMs : reopenDelayMs, signal);
    }
  }

  async #watch(signal: AbortSignal, onAlive: () => void): Promise<void> {
    const { kind, namespace, labelSelector } = this.#options;
    const options = {
      ...(namespace === undefined ? {} : { namespace }),
      ...(labelSelector === undefined ? {} : { labelSelector }),
      signal,
    };
    // Objects that went while no watch ran do not come back in the list that follows.
    const stale = new Set(this.#objects.keys());
    for await (const event of this.#cluster.watch(kind, options)) {
      onAlive();
      if (event.type === 'synced') {
        for (const name of stale) this.#objects.delete(name);
        stale.clear();
        this.#publish();
        continue;
      }
      const { name } = event.object.metadata;
      stale.delete(name);
      if (event.type === 'deleted') this.#objects.delete(name);
      else this.#objects.set(name, event.object);
      if (this.#reading !== undefined) this.#publish();
    }
  }

  async #list(): Promise<void> {
    const { kind, namespace, labelSelector } = this.#options;
    this.#reading = await tryRead(() =>
      this.#cluster.list(kind, {
        ...(namespace === undefined ? {} : { namespace }),
        ...(labelSelector === undefined ? {} : { labelSelector }),
      }),
    );
    this.#options.onChange();
  }

  #publish(): void {
    this.#reading = { kind: 'read', value: [...this.#objects.values()] };
    this.#options.onChange();
  }
}

/** A function, so that the compiler does not take an earlier answer for the present one. */
function isStopped(signal: AbortSignal): boolean {
  return signal.aborted;
}
