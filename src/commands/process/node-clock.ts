import type { Clock } from '../../actions/host.ts';

/** The real time; monotonic, so that a corrected system clock does not end a wait. */
export const nodeClock: Clock = {
  nowMs: () => performance.timeOrigin + performance.now(),
  sleep: async (ms, signal) => {
    const { setTimeout: delay } = await import('node:timers/promises');
    try {
      await delay(ms, undefined, signal === undefined ? {} : { signal });
    } catch {
      // Aborted: the contract is to resolve early, and the caller looks at the signal.
    }
  },
};
