import { setTimeout as sleep } from 'node:timers/promises';
import { DsdeployError } from '../../errors/index.ts';
import { errorCodeOf } from '../has-error-code.ts';
import { mapTlsError } from '../map-tls-error.ts';
import type { Timings } from '../timings.ts';
import { BadReplyError, StatusError } from '../transport/status-error.ts';

/** How many unreadable answers in a row are one too many. */
const maxBadReplies = 5;

/** Decides after each break of a watch whether to go on, and waits before it does. */
export class Outage {
  readonly #timings: Timings;
  readonly #signal: AbortSignal;
  #failures = 0;
  #sinceMs: number | undefined;

  constructor(timings: Timings, signal: AbortSignal) {
    this.#timings = timings;
    this.#signal = signal;
  }

  /** The server answers again; the time it may stay away starts anew. */
  reach(): void {
    this.#sinceMs = undefined;
  }

  /** The watch moved on; the next break is the first one. */
  end(): void {
    this.#failures = 0;
    this.#sinceMs = undefined;
  }

  /** Resolves when it is time to try again; rejects with the error when there is no sense in it. */
  async wait(error: unknown): Promise<void> {
    this.#failures += 1;
    this.#sinceMs ??= Date.now();
    if (!this.#mayPass(error)) throw error;
    if (Date.now() - this.#sinceMs > this.#timings.watchGiveUpMs) throw error;
    const { retryMinMs, retryMaxMs, retryAfterMaxMs } = this.#timings;
    const backoffMs = Math.min(retryMaxMs, retryMinMs * 2 ** (this.#failures - 1));
    const askedMs = error instanceof StatusError ? (error.retryAfterMs ?? 0) : 0;
    const waitMs = Math.max(backoffMs * (1 + Math.random()), Math.min(askedMs, retryAfterMaxMs));
    await sleep(waitMs, undefined, { signal: this.#signal });
  }

  #mayPass(error: unknown): boolean {
    if (error instanceof DsdeployError || mapTlsError(error) !== undefined) return false;
    if (error instanceof BadReplyError) return this.#failures < maxBadReplies;
    if (error instanceof StatusError) {
      return error.httpStatus >= 500 || error.httpStatus === 429 || error.httpStatus === 410;
    }
    // Whatever comes from the network has a code; what has none is a bug of ours.
    return error instanceof WatchSilentError || errorCodeOf(error) !== undefined;
  }
}

/** Nothing came over a watch for too long, or it ended at once. */
export class WatchSilentError extends Error {
  override readonly name = 'WatchSilentError';
}
