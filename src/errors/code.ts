/** Process exit codes, as documented in the README. */
export const exitCode = {
  done: 0,
  error: 1,
  changesPresent: 2,
  notHealthy: 3,
  specInvalid: 4,
  declined: 5,
  usage: 64,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/**
 * Every error code and the exit code it ends the process with. Codes are stable across releases;
 * `docs/errors.md` has one paragraph per code, and a test compares the two. Sorted.
 */
export const errorRegistry = {
  APPLY_FAILED: exitCode.error,
  CLUSTER_FORBIDDEN: exitCode.error,
  CLUSTER_UNAUTHORIZED: exitCode.error,
  CLUSTER_UNREACHABLE: exitCode.error,
  FIELD_CONFLICT: exitCode.error,
  INTERNAL: exitCode.error,
  INTERRUPTED: exitCode.interrupted,
  USAGE: exitCode.usage,
} as const satisfies Record<string, ExitCode>;

export type ErrorCode = keyof typeof errorRegistry;
