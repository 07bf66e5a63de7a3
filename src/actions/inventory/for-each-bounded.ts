import pLimit from 'p-limit';

/** Requests that may be under way at the same time. */
export const requestConcurrency = 32;

export interface BoundedOptions {
  /** Nothing more is started once this aborts; what is under way ends first. */
  readonly signal?: AbortSignal;
}

/**
 * Does something with every item, a bounded number at a time.
 *
 * After the first failure nothing more is started; the failure is thrown once all that was under way
 * has ended, so that no request outlives the call. An abort stops the same way, without error.
 */
export async function forEachBounded<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
  { signal }: BoundedOptions = {},
): Promise<void> {
  const failures: unknown[] = [];
  const limit = pLimit(requestConcurrency);
  const runs = items.map((item) =>
    limit(async () => {
      if (failures.length > 0 || signal?.aborted === true) return;
      try {
        await work(item);
      } catch (error) {
        failures.push(error);
      }
    }),
  );
  await Promise.all(runs);
  if (failures.length > 0) throw failures[0];
}
