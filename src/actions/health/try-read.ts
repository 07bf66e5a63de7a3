import { DsdeployError, type ErrorCode } from '../../errors/index.ts';
import type { Reading } from '../../health/index.ts';

/** Reads something required; a lack of permission is a fact to report, anything else is thrown. */
export async function tryRead<T>(read: () => Promise<T>): Promise<Reading<T>> {
  try {
    return { kind: 'read', value: await read() };
  } catch (error) {
    if (!hasCode(error, 'CLUSTER_FORBIDDEN')) throw error;
    return { kind: 'unreadable', reason: error.message };
  }
}

/**
 * Reads something that explains but proves nothing, such as events. A cluster that refuses or fails
 * costs the explanation, not the verdict.
 */
export async function readOr<T>(fallback: T, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const fatal = !(error instanceof DsdeployError) || error.code === 'INTERRUPTED';
    if (fatal) throw error;
    return fallback;
  }
}

/** Reads something required in the middle of a check: a cluster that goes away leaves it open. */
export async function readIfPossible<T>(read: () => Promise<T>): Promise<Reading<T>> {
  try {
    return { kind: 'read', value: await read() };
  } catch (error) {
    if (!(error instanceof DsdeployError) || error.code === 'INTERRUPTED') throw error;
    return { kind: 'unreadable', reason: error.message };
  }
}

/** Whether an error is one of ours with one of these codes. */
export function hasCode(error: unknown, ...codes: readonly ErrorCode[]): error is DsdeployError {
  return error instanceof DsdeployError && codes.includes(error.code);
}
