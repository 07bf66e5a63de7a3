import { hasErrorCode } from '../has-error-code.ts';
import { StatusError } from './status-error.ts';

const transientStatus: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** Failures inside the API server that pass by themselves: a new etcd leader, a webhook restart. */
const transientMessage =
  /etcdserver: (?:leader changed|request timed out|no leader)|failed calling webhook|failed to call webhook|conversion webhook .* failed|transport is closing/;

const brokenConnectionCodes = ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'] as const;

const noConnectionCodes = [
  'ECONNREFUSED',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
] as const;

/** Whether an established connection broke; every request of dsdeploy may then be sent again. */
export function isBrokenConnection(error: unknown): boolean {
  return hasErrorCode(error, ...brokenConnectionCodes);
}

/** Whether no connection came about at all. */
export function isNoConnection(error: unknown): boolean {
  return hasErrorCode(error, ...noConnectionCodes);
}

/** Whether the server's answer says that the same request may succeed later. */
export function isTransientStatus(error: StatusError): boolean {
  if (transientStatus.has(error.httpStatus)) return true;
  if (error.httpStatus === 500) return transientMessage.test(error.message);
  // Many objects created at once race for the same quota object; the server asks to try again.
  return error.httpStatus === 409 && error.message.includes('on resourcequotas');
}

/** A few tries for a server that never answered: some load balancers reset the first connection. */
const maxFirstTries = 3;

/**
 * Whether to send the request again. A server that never answered is not waited for: a wrong
 * address is told in seconds, while a restart in the middle of the work is bridged.
 */
export function isTransient(
  error: unknown,
  { hasAnswered, tries }: { readonly hasAnswered: boolean; readonly tries: number },
): boolean {
  if (error instanceof StatusError) return isTransientStatus(error);
  if (!hasAnswered) return isBrokenConnection(error) && tries < maxFirstTries;
  return isBrokenConnection(error) || isNoConnection(error);
}
