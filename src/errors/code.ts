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
  ADMISSION_DENIED: exitCode.error,
  APPLY_FAILED: exitCode.error,
  CLUSTER_BAD_REPLY: exitCode.error,
  CLUSTER_ERROR: exitCode.error,
  CLUSTER_FORBIDDEN: exitCode.error,
  CLUSTER_TLS: exitCode.error,
  CLUSTER_UNAUTHORIZED: exitCode.error,
  CLUSTER_UNREACHABLE: exitCode.error,
  CONTEXT_NOT_FOUND: exitCode.error,
  CREDENTIAL_PLUGIN_FAILED: exitCode.error,
  DECLINED: exitCode.declined,
  FIELD_CONFLICT: exitCode.error,
  FILE_EXISTS: exitCode.error,
  FILE_UNWRITABLE: exitCode.error,
  INTERNAL: exitCode.error,
  INTERRUPTED: exitCode.interrupted,
  KIND_UNKNOWN: exitCode.error,
  KUBECONFIG_INVALID: exitCode.error,
  KUBECONFIG_NOT_FOUND: exitCode.error,
  LAYOUT_REFUSED: exitCode.specInvalid,
  NAMESPACE_MISSING: exitCode.error,
  NAMESPACE_TERMINATING: exitCode.error,
  OBJECT_CHANGED: exitCode.error,
  OBJECT_INVALID: exitCode.error,
  PORT_FORWARD_FAILED: exitCode.error,
  QUOTA_EXCEEDED: exitCode.error,
  SANDBOX_BOOT_FAILED: exitCode.error,
  SANDBOX_BUILD_FAILED: exitCode.error,
  SANDBOX_BUSY: exitCode.error,
  SANDBOX_DEGRADED: exitCode.error,
  SANDBOX_DISK_FULL: exitCode.error,
  SANDBOX_GO_MISSING: exitCode.error,
  SANDBOX_PORT_TAKEN: exitCode.error,
  SANDBOX_STATE_INVALID: exitCode.error,
  SANDBOX_STOP_FAILED: exitCode.error,
  SPEC_INVALID: exitCode.specInvalid,
  SPEC_MISSING: exitCode.specInvalid,
  SPEC_UNREADABLE: exitCode.specInvalid,
  TEMPLATE_UNREADABLE: exitCode.error,
  USAGE: exitCode.usage,
  WEBHOOK_FAILED: exitCode.error,
} as const satisfies Record<string, ExitCode>;

export type ErrorCode = keyof typeof errorRegistry;
