import { setTimeout as sleep } from 'node:timers/promises';

const pollMs = 40;

export interface PollOptions {
  readonly timeoutMs: number;
  /** Runs before every try; throws when waiting has become pointless. */
  readonly assertWorthwhile: () => Promise<void>;
  readonly onTimeout: (lastError: unknown) => Promise<Error>;
}

/** Tries `attempt` until it does not throw; errors of a server that is starting are expected. */
export async function pollUntilDone(
  attempt: () => Promise<void>,
  options: PollOptions,
): Promise<void> {
  const deadlineMs = performance.now() + options.timeoutMs;
  for (;;) {
    await options.assertWorthwhile();
    try {
      await attempt();
      return;
    } catch (error) {
      if (performance.now() >= deadlineMs) throw await options.onTimeout(error);
    }
    await sleep(pollMs);
  }
}
