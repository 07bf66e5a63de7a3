import { DsdeployError } from '../../errors/index.ts';

/**
 * Settles as `work` does, or rejects as soon as the signal aborts. Only for work that reads: what
 * is in flight is abandoned, and dies with the process.
 */
export async function interruptible<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: interrupted, reject } = Promise.withResolvers<never>();
  const onAbort = () => {
    reject(new DsdeployError('INTERRUPTED', 'Interrupted: nothing was changed'));
  };
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, interrupted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
