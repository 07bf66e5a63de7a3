import { X509Certificate } from 'node:crypto';
import { isObject } from '../live-object.ts';
import type { Credential } from './credential.ts';

/**
 * Says why a server may have refused a credential, as far as the credential itself tells: a year-old
 * kubeadm certificate is the commonest case. `undefined` when nothing is wrong to the eye.
 */
export function explainRefusal(credential: Credential, nowMs: number): string | undefined {
  const { headers, tls } = credential;
  const certificateEndMs = certificateEnd(tls.cert);
  if (certificateEndMs !== undefined && certificateEndMs < nowMs) {
    return `the client certificate expired on ${formatDay(certificateEndMs)}`;
  }
  const { authorization } = headers;
  const tokenEndMs = typeof authorization === 'string' ? tokenEnd(authorization) : undefined;
  if (tokenEndMs !== undefined && tokenEndMs < nowMs) {
    return `the token expired on ${formatDay(tokenEndMs)}`;
  }
  if (authorization === undefined && tls.cert === undefined) {
    return 'the user has neither a token nor a client certificate';
  }
  return undefined;
}

function certificateEnd(cert: string | Buffer | undefined): number | undefined {
  if (cert === undefined) return undefined;
  try {
    return Date.parse(new X509Certificate(cert).validTo);
  } catch {
    // A certificate that does not parse was reported when it was read.
    return undefined;
  }
}

/** End of a JSON web token; other tokens do not tell theirs. */
function tokenEnd(authorization: string): number | undefined {
  const payload = /^Bearer [^.]+\.([^.]+)\.[^.]+$/.exec(authorization)?.[1];
  if (payload === undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    const end = isObject(claims) ? claims['exp'] : undefined;
    return typeof end === 'number' ? end * 1000 : undefined;
  } catch {
    // Three dotted parts that are no web token: an opaque token, about which nothing is known.
    return undefined;
  }
}

function formatDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
