import { type ErrorCode, type ExitCode, errorRegistry } from './code.ts';

/** One problem among several behind the same error, for example one of many in a spec. */
export interface ErrorDetail {
  /** `file:line:column`, or an object. */
  readonly location?: string;
  readonly message: string;
  readonly hint?: string;
}

export interface DsdeployErrorOptions {
  /** What the error is about: `Kind/namespace/name`, a file with position, a flag. */
  readonly subject?: string;
  /** One imperative sentence with the exact command or key to change. */
  readonly hint?: string;
  /** All problems, when there are several. */
  readonly details?: readonly ErrorDetail[];
  readonly cause?: unknown;
}

/**
 * A broken environment or input, told to the user as code, message, subject and hint.
 *
 * Message grammar: sentence case, no final period, "action that failed: current state".
 */
export class DsdeployError extends Error {
  override readonly name = 'DsdeployError';
  readonly code: ErrorCode;
  readonly subject: string | undefined;
  readonly hint: string | undefined;
  readonly details: readonly ErrorDetail[];

  constructor(code: ErrorCode, message: string, options: DsdeployErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.subject = options.subject;
    this.hint = options.hint;
    this.details = options.details ?? [];
  }

  get exitCode(): ExitCode {
    return errorRegistry[this.code];
  }
}
