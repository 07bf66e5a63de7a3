import { setTimeout as sleep } from 'node:timers/promises';
import { followMotion, type Motion, standstillMs } from '../../../health/index.ts';
import { stoodStill } from './ask.ts';
import type { MetricsReader } from './read-metrics.ts';

/** Milliseconds between two looks at the metrics while an answer is waited for. */
const lookMs = 1_000;

interface Waiter {
  readonly askedMs: number;
  readonly dataRank: number | undefined;
  readonly giveUp: AbortController;
}

/**
 * Looks at the counters of an endpoint while requests wait for their answers, and gives those up that
 * wait for an engine which stands still. A slow engine counts, and is waited for until the time-out.
 *
 * Where the metrics cannot be read nothing is given up. Times are those of this process, as the
 * time-outs of requests are.
 */
export class LifeWatch {
  readonly #metrics: MetricsReader;
  readonly #limitMs: number;
  readonly #waiters = new Set<Waiter>();
  #motion: Motion | undefined;
  #timer = new AbortController();

  /** @param limitMs Milliseconds of standstill after which a request is given up. */
  constructor(metrics: MetricsReader, limitMs: number) {
    this.#metrics = metrics;
    this.#limitMs = Math.max(1, limitMs);
  }

  /** Runs `work`, whose signal says that it waits for nothing. */
  async during<T>(
    dataRank: number | undefined,
    work: (giveUp: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const waiter = { askedMs: performance.now(), dataRank, giveUp: new AbortController() };
    this.#waiters.add(waiter);
    if (this.#waiters.size === 1) this.#start();
    try {
      return await work(waiter.giveUp.signal);
    } finally {
      this.#waiters.delete(waiter);
      if (this.#waiters.size === 0) this.#timer.abort();
    }
  }

  #start(): void {
    this.#timer = new AbortController();
    // Ends with its timer, or with the interruption that ends the requests too.
    this.#look(this.#timer.signal).catch(() => undefined);
  }

  async #look(signal: AbortSignal): Promise<void> {
    for (;;) {
      await sleep(Math.min(lookMs, this.#limitMs), undefined, { signal });
      const reading = await this.#metrics.read();
      if (signal.aborted) return;
      const nowMs = performance.now();
      this.#motion = followMotion(this.#motion, reading, nowMs);
      for (const waiter of this.#waiters) {
        if (standstillMs(this.#motion, waiter, nowMs) >= this.#limitMs)
          waiter.giveUp.abort(stoodStill);
      }
    }
  }
}
