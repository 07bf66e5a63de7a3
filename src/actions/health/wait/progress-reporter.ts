import type { GroupHealth, PodTimeline } from '../../../health/index.ts';
import { canonicalJson } from '../../../manifest/index.ts';
import type { WaitPorts } from '../ports.ts';

/** Milliseconds between two messages at least. */
const minIntervalMs = 500;

/** What the arithmetic expects, in seconds; 0 where it is not known. */
export interface ExpectedTimes {
  /** Of one group, to load and warm up. */
  readonly loadSeconds: number;
  /** Of all groups, where they restart one after another. */
  readonly rollOutSeconds: number;
}

/** Tells the host about a wait: each change once, at most two messages a second. */
export class ProgressReporter {
  readonly #ports: Pick<WaitPorts, 'host' | 'clock'>;
  readonly #startedMs: number;
  readonly #expected: ExpectedTimes;
  #isHeldBack = false;
  #lastState = '';
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(ports: Pick<WaitPorts, 'host' | 'clock'>, expected: ExpectedTimes) {
    this.#ports = ports;
    this.#expected = expected;
    this.#startedMs = ports.clock.nowMs();
  }

  get elapsedSeconds(): number {
    return Math.max(0, Math.round((this.#ports.clock.nowMs() - this.#startedMs) / 1000));
  }

  /** Milliseconds until a state that came too early may be told; absent when there is none. */
  get dueInMs(): number | undefined {
    return this.#isHeldBack
      ? Math.max(1, minIntervalMs - (this.#ports.clock.nowMs() - this.#lastMs))
      : undefined;
  }

  /** Sends the state when it differs from the last one sent; a change too early waits its turn. */
  report(groups: readonly GroupHealth[], phases: readonly PodTimeline[] = []): void {
    const nowMs = this.#ports.clock.nowMs();
    const state = canonicalJson({ groups, phases });
    const isNew = state !== this.#lastState;
    this.#isHeldBack = isNew && nowMs - this.#lastMs < minIntervalMs;
    if (!isNew || this.#isHeldBack) return;
    this.#lastState = state;
    this.#lastMs = nowMs;
    const { elapsedSeconds } = this;
    const expectedSeconds = Math.round(this.#expected.loadSeconds);
    const rollOutSeconds = Math.round(this.#expected.rollOutSeconds);
    this.#ports.host.notify({
      code: 'WAIT_PROGRESS',
      level: 'info',
      elapsedSeconds,
      ...(expectedSeconds === 0 ? {} : { expectedSeconds }),
      ...(rollOutSeconds <= expectedSeconds ? {} : { rollOutSeconds }),
      groups,
      ...(phases.length === 0 ? {} : { phases }),
    });
  }
}
