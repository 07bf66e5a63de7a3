const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs `task` with a signal that is aborted when the caller's is, or, without one, when this
 * process is asked to end. The process then lives on until `task` has cleaned up.
 */
export async function withInterruption<Result>(
  signal: AbortSignal | undefined,
  task: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  if (signal !== undefined) return task(signal);
  const controller = new AbortController();
  const abort = (): void => {
    controller.abort();
  };
  for (const name of signals) process.on(name, abort);
  try {
    return await task(controller.signal);
  } finally {
    for (const name of signals) process.off(name, abort);
  }
}
