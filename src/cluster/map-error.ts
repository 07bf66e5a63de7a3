import { DsdeployError, type ErrorCode, type ErrorDetail } from '../errors/index.ts';
import { formatRef, type Manifest, type ObjectRef } from '../manifest/index.ts';
import { maskValues, secretValuesOf } from '../plan/index.ts';
import { errorCodeOf, hasErrorCode } from './has-error-code.ts';
import { mapTlsError } from './map-tls-error.ts';
import { isBrokenConnection, isNoConnection } from './transport/is-transient.ts';
import { BadReplyError, StatusError } from './transport/status-error.ts';

/** What was being done, for the words of the error. */
export interface Attempt {
  /** In the infinitive, for example `apply ConfigMap/ds/engine`. */
  readonly action: string;
  /** The object, where there is one. */
  readonly ref?: ObjectRef | undefined;
  /** What was sent; a server repeats values it does not like. */
  readonly manifest?: Manifest;
}

/** Where it was done. */
export interface ErrorScene {
  readonly context: string;
  readonly server: string;
  readonly user: string;
  /** What is wrong with our credential, as far as it tells. */
  readonly explainRefusal: () => string | undefined;
  /** Whether the user asked to stop. */
  readonly isStopped: () => boolean;
}

/**
 * Turns whatever the transport threw into the one error the user reads. The server's own message is
 * kept word for word; only the code, the subject and the next step are added.
 */
export function mapError(error: unknown, attempt: Attempt, scene: ErrorScene): unknown {
  if (error instanceof DsdeployError) return error;
  if (scene.isStopped() || isAbort(error)) {
    return new DsdeployError('INTERRUPTED', `Cannot ${attempt.action}: interrupted`, {
      subject: subjectOf(attempt, scene),
      cause: error,
    });
  }
  if (error instanceof StatusError) return mapStatus(error, attempt, scene);
  if (error instanceof BadReplyError) {
    return new DsdeployError(
      'CLUSTER_BAD_REPLY',
      `Cannot ${attempt.action}: the server's answer is unusable: ${error.message}`,
      {
        subject: subjectOf({ action: attempt.action }, scene),
        hint: 'Check that the server of the context is a Kubernetes API server, and no login page or proxy stands before it.',
        cause: error,
      },
    );
  }
  return mapNetworkError(error, attempt, scene) ?? error;
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError' && !isProxyRefusal(error);
}

function isProxyRefusal(error: Error): boolean {
  return error.message.startsWith('Proxy response');
}

function subjectOf({ ref }: Attempt, { context, server }: ErrorScene): string {
  return ref === undefined ? `${server} (context ${context})` : formatRef(ref);
}

function mapNetworkError(
  error: unknown,
  attempt: Attempt,
  scene: ErrorScene,
): DsdeployError | undefined {
  const tls = mapTlsError(error);
  const subject = `${scene.server} (context ${scene.context})`;
  if (tls !== undefined) {
    return new DsdeployError('CLUSTER_TLS', `Cannot ${attempt.action}: ${tls.reason}`, {
      subject,
      hint: tls.hint,
      cause: error,
    });
  }
  const reason = networkReason(error);
  if (reason === undefined) return undefined;
  return new DsdeployError('CLUSTER_UNREACHABLE', `Cannot ${attempt.action}: ${reason}`, {
    subject,
    hint: 'Check that this machine reaches the server (VPN, proxy, address), or choose another --context.',
    cause: error,
  });
}

function networkReason(error: unknown): string | undefined {
  const code = errorCodeOf(error);
  const message = error instanceof Error ? error.message : '';
  if (error instanceof Error && isProxyRefusal(error)) {
    return `the proxy refused the connection: ${message}`;
  }
  if (code === 'ECONNREFUSED') return 'the server refused the connection';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return "the server's name does not resolve";
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return 'the server did not accept a connection in time';
  if (hasErrorCode(error, 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT')) {
    return 'the server stopped answering';
  }
  if (isNoConnection(error)) return `there is no way to the server (${code})`;
  if (isBrokenConnection(error)) return `the connection broke (${message || code})`;
  return code?.startsWith('UND_ERR_') ? message : undefined;
}

/** A whole template, as the server repeats it where nothing of it may change. */
const dumpedValue = /(value: [{[]).{200,}?([}\]])(?=: )/g;

/**
 * The server's message without what does not belong on a screen: the dump of a pod that follows or
 * stands inside some of them, and values of a Secret.
 */
function readable(message: string, { ref, manifest }: Attempt): string {
  const [whole = ''] = message.split('\n@@');
  const text = whole.replace(dumpedValue, '$1...$2');
  const known = maskValues(text, manifest === undefined ? [] : secretValuesOf(manifest));
  return ref?.kind === 'Secret' ? known.replace(/"(?:[^"\\]|\\.)*"/g, '"***"') : known;
}

interface Verdict {
  readonly code: ErrorCode;
  readonly hint: string;
  readonly details?: readonly ErrorDetail[];
}

function mapStatus(error: StatusError, attempt: Attempt, scene: ErrorScene): DsdeployError {
  const verdict =
    judgeIdentity(error, scene) ??
    judgeAdmission(error) ??
    judgeObject(error, attempt) ??
    judgeServer(error);
  const message = readable(error.message, attempt);
  return new DsdeployError(verdict.code, `Cannot ${attempt.action}: ${message}`, {
    subject: subjectOf(attempt, scene),
    hint: verdict.hint,
    ...(verdict.details === undefined ? {} : { details: verdict.details }),
    // Causes are printed where they say more, and would say the value that was just taken out.
    ...(message === error.message ? { cause: error } : {}),
  });
}

const rbacDenial =
  /User "([^"]*)" cannot (\S+) resource "([^"]*)" in API group "([^"]*)"(?: in the namespace "([^"]*)")?/;

/** Who we are and what we may do. */
function judgeIdentity(error: StatusError, scene: ErrorScene): Verdict | undefined {
  if (error.httpStatus === 401) {
    const reason = scene.explainRefusal() ?? 'they are expired or of another cluster';
    return {
      code: 'CLUSTER_UNAUTHORIZED',
      hint: `Log in again, or renew the credentials of user "${scene.user}": ${reason}.`,
    };
  }
  if (error.httpStatus !== 403) return undefined;
  const match = rbacDenial.exec(error.message);
  if (match === null) return undefined;
  const [, user = '', verb = '', resource = '', group = '', namespace] = match;
  if (user === 'system:anonymous') {
    return {
      code: 'CLUSTER_UNAUTHORIZED',
      hint: `Check the credentials of user "${scene.user}": ${scene.explainRefusal() ?? 'the server takes us for anonymous'}.`,
    };
  }
  const [plural = '', subresource] = resource.split('/');
  const what = group === '' ? plural : `${plural}.${group}`;
  const flags = [
    subresource === undefined ? '' : ` --subresource=${subresource}`,
    namespace === undefined ? '' : ` -n ${namespace}`,
  ].join('');
  return {
    code: 'CLUSTER_FORBIDDEN',
    hint: `Ask for the right to ${verb} ${resource}; check with \`kubectl auth can-i ${verb} ${what}${flags}\`.`,
  };
}

const admissionDenial =
  /admission webhook .* denied|ValidatingAdmissionPolicy .* denied|violates PodSecurity/;

/** What the rules of the cluster say about the object. */
function judgeAdmission(error: StatusError): Verdict | undefined {
  const { message, httpStatus } = error;
  if (httpStatus === 500 && /failed calling webhook|failed to call webhook/.test(message)) {
    return {
      code: 'WEBHOOK_FAILED',
      hint: 'Check that the pods behind the named admission webhook run; its owner is named in the message.',
    };
  }
  if (message.includes('exceeded quota')) {
    return {
      code: 'QUOTA_EXCEEDED',
      hint: 'Ask for a larger ResourceQuota in this namespace, or plan fewer groups.',
    };
  }
  const isTerminating =
    message.includes('is being terminated') ||
    error.causes.some(({ reason }) => reason === 'NamespaceTerminating');
  if (isTerminating) {
    return {
      code: 'NAMESPACE_TERMINATING',
      hint: 'Wait until the namespace is gone, or deploy to another one.',
    };
  }
  // Past authorization, a 403 comes from an admission plug-in: LimitRanger, ServiceAccount and such.
  if (httpStatus === 403 || admissionDenial.test(message)) {
    return {
      code: 'ADMISSION_DENIED',
      hint: 'Change what the message names, or ask the owner of the rule that refuses it.',
    };
  }
  return undefined;
}

const schemaProblem =
  /failed to create typed patch object|strict decoding error|field not declared in schema|unknown field|duplicate entries for key|error decoding/;

/** What is wrong with the object itself, or with its state in the cluster. */
function judgeObject(error: StatusError, attempt: Attempt): Verdict | undefined {
  const { httpStatus, reason, message } = error;
  const conflicts = error.causes.filter((cause) => cause.reason === 'FieldManagerConflict');
  if (httpStatus === 409 && conflicts.length > 0) {
    return {
      code: 'FIELD_CONFLICT',
      details: conflicts.map(({ field, message: text }) => ({
        ...(field ? { location: field } : {}),
        message: `owned by ${(text ?? '').replace(/^conflict with /, '')}`,
      })),
      hint: 'Take them over with `--take FIELD`, or set the value in the spec that the cluster has.',
    };
  }
  if (httpStatus === 409 || httpStatus === 412) {
    return {
      code: 'OBJECT_CHANGED',
      hint: 'Plan again: the object is not the one that was planned for.',
    };
  }
  if (httpStatus === 404 && error.status?.details?.name) {
    return error.status.details.kind === 'namespaces'
      ? { code: 'NAMESPACE_MISSING', hint: 'Create the namespace first.' }
      : { code: 'OBJECT_NOT_FOUND', hint: 'Run again: the object is gone, or was replaced.' };
  }
  const isInvalid =
    httpStatus === 422 || httpStatus === 413 || reason === 'Invalid' || schemaProblem.test(message);
  if (!isInvalid) return undefined;
  const isImmutable =
    /immutable|updates to .* are forbidden|may not (?:be changed|change (?:fields|once set))|can not be less than/i.test(
      message,
    );
  return {
    code: 'OBJECT_INVALID',
    details: error.causes.map(({ field, message: text }) => ({
      ...(field ? { location: field } : {}),
      message: readable(text ?? '', attempt),
    })),
    hint: isImmutable
      ? 'This field cannot change on an existing object: keep its value, or delete the object first.'
      : 'Change the fields the message names.',
  };
}

/** Everything else is the server's own trouble. */
function judgeServer(error: StatusError): Verdict {
  if (error.message.includes('HTTP request to an HTTPS server')) {
    return { code: 'CLUSTER_TLS', hint: 'Write https:// in the server URL of the kubeconfig.' };
  }
  return {
    code: 'CLUSTER_ERROR',
    hint:
      error.httpStatus === 429 || error.httpStatus >= 500
        ? 'Try again in a while; the state of the API server shows with `kubectl get --raw /readyz?verbose`.'
        : 'See the message of the server.',
  };
}
