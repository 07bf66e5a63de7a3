import { describe, expect, test } from 'vitest';
import { type ErrorScene, mapError } from '../../src/cluster/map-error.ts';
import { StatusError } from '../../src/cluster/transport/status-error.ts';
import { DsdeployError } from '../../src/errors/index.ts';

const scene: ErrorScene = {
  context: 'rack',
  server: 'https://rack:6443',
  user: 'me',
  explainRefusal: () => undefined,
  isStopped: () => false,
};
const ref = { apiVersion: 'v1', kind: 'Pod', namespace: 'ds', name: 'p' };

function map(code: number, reason: string, message: string, details?: object) {
  const body = JSON.stringify({ kind: 'Status', code, reason, message, details });
  return mapError(new StatusError(code, body), { action: 'apply Pod/ds/p', ref }, scene);
}

describe('mapError()', () => {
  test.each([
    [401, 'Unauthorized', 'Unauthorized', 'CLUSTER_UNAUTHORIZED'],
    [
      403,
      'Forbidden',
      'pods "p" is forbidden: User "system:anonymous" cannot get resource "pods" in API group "" in the namespace "ds"',
      'CLUSTER_UNAUTHORIZED',
    ],
    [
      403,
      'Forbidden',
      'pods "p" is forbidden: User "me" cannot patch resource "pods" in API group "" in the namespace "ds"',
      'CLUSTER_FORBIDDEN',
    ],
    [
      403,
      'Forbidden',
      'pods "p" is forbidden: exceeded quota: gpus, requested: requests.nvidia.com/gpu=8, used: 8, limited: 8',
      'QUOTA_EXCEEDED',
    ],
    [
      403,
      'Forbidden',
      'pods "p" is forbidden: violates PodSecurity "restricted:latest": host namespaces',
      'ADMISSION_DENIED',
    ],
    [
      403,
      'Forbidden',
      'pods "p" is forbidden: error looking up service account ds/sa: serviceaccount "sa" not found',
      'ADMISSION_DENIED',
    ],
    [
      403,
      'Forbidden',
      'pods "p" is forbidden: unable to create new content in namespace ds because it is being terminated',
      'NAMESPACE_TERMINATING',
    ],
    [400, 'BadRequest', 'admission webhook "v.kb.io" denied the request: no', 'ADMISSION_DENIED'],
    [
      422,
      'Invalid',
      "ValidatingAdmissionPolicy 'p' with binding 'b' denied request: failed expression: x",
      'ADMISSION_DENIED',
    ],
    [422, 'Invalid', 'Pod "p" is invalid: spec.x: Required value', 'OBJECT_INVALID'],
    [400, 'BadRequest', 'strict decoding error: unknown field "spec.foo"', 'OBJECT_INVALID'],
    [
      500,
      'InternalError',
      'failed to create typed patch object (ds/p; /v1, Kind=Pod): .spec.foo: field not declared in schema',
      'OBJECT_INVALID',
    ],
    [413, 'RequestEntityTooLarge', 'Request entity too large: limit is 3145728', 'OBJECT_INVALID'],
    [409, 'AlreadyExists', 'pods "p" already exists', 'OBJECT_CHANGED'],
    [409, 'Conflict', 'the object has been modified', 'OBJECT_CHANGED'],
    [
      500,
      'InternalError',
      'Internal error occurred: failed calling webhook "x.kb.io": no endpoints available',
      'WEBHOOK_FAILED',
    ],
    [500, 'InternalError', 'etcdserver: request timed out', 'CLUSTER_ERROR'],
    [429, 'TooManyRequests', 'too many requests', 'CLUSTER_ERROR'],
    [404, 'NotFound', 'the server could not find the requested resource', 'CLUSTER_ERROR'],
    [400, '', 'Client sent an HTTP request to an HTTPS server.', 'CLUSTER_TLS'],
  ])('of %i %s "%s" is %s and keeps the message', (code, reason, message, expected) => {
    const error = map(code, reason, message);
    expect(error).toMatchObject({
      code: expected,
      subject: 'Pod/ds/p',
      message: `Cannot apply Pod/ds/p: ${message}`,
      hint: expect.stringMatching(/\.$/) as string,
    });
  });

  test.each([
    ['namespaces', 'NAMESPACE_MISSING'],
    ['pods', 'OBJECT_NOT_FOUND'],
  ])('tells a missing object of %s by the details', (kind, code) => {
    expect(map(404, 'NotFound', 'not found', { name: 'x', kind })).toMatchObject({ code });
  });

  test.each([
    ['pods', '', 'ds', 'kubectl auth can-i patch pods -n ds'],
    ['pods/portforward', '', 'ds', 'kubectl auth can-i patch pods --subresource=portforward -n ds'],
    [
      'leaderworkersets',
      'leaderworkerset.x-k8s.io',
      'ds',
      'can-i patch leaderworkersets.leaderworkerset.x-k8s.io -n ds',
    ],
    ['namespaces', '', undefined, 'kubectl auth can-i patch namespaces`'],
  ])('names the check for a lacking right to %s', (resource, group, namespace, check) => {
    const place =
      namespace === undefined ? ' at the cluster scope' : ` in the namespace "${namespace}"`;
    const message = `x is forbidden: User "me" cannot patch resource "${resource}" in API group "${group}"${place}`;
    expect(map(403, 'Forbidden', message)).toMatchObject({
      hint: expect.stringContaining(check) as string,
    });
  });

  test('gives every invalid field as a detail', () => {
    const causes = [
      { reason: 'FieldValueInvalid', field: 'spec.a', message: 'Invalid value: 1' },
      { reason: 'FieldValueRequired', message: 'Required value' },
    ];
    expect(map(422, 'Invalid', 'x', { causes })).toMatchObject({
      details: [{ location: 'spec.a', message: 'Invalid value: 1' }, { message: 'Required value' }],
    });
  });

  test.each([
    'spec.clusterIP: Invalid value: "x": field is immutable',
    'spec: Forbidden: updates to statefulset spec for fields other than x are forbidden',
    'spec: Forbidden: pod updates may not change fields other than x',
    'spec.clusterIPs[0]: Invalid value: ["None"]: may not change once set',
  ])('explains that a field cannot change: %s', (message) => {
    expect(map(422, 'Invalid', message)).toMatchObject({
      hint: expect.stringContaining('cannot change on an existing object') as string,
    });
  });

  test('leaves out the dump of a pod and the values of a Secret', () => {
    const dumped = map(
      422,
      'Invalid',
      'spec: Forbidden: no\n@@ -1 +1 @@\n-   "Value": "TOPSECRET"',
    );
    const secret = { ...ref, kind: 'Secret' };
    const body = JSON.stringify({
      kind: 'Status',
      message: 'data.a: Invalid value: "TOP\\"SECRET"',
    });
    const masked = mapError(new StatusError(422, body), { action: 'apply', ref: secret }, scene);
    expect(String(dumped)).not.toContain('TOPSECRET');
    expect(String(masked)).toBe('DsdeployError: Cannot apply: data.a: Invalid value: "***"');
    // Causes are printed too.
    expect(masked instanceof DsdeployError && masked.cause).toBeUndefined();
  });

  test('leaves out a template that the server repeats as a whole, in the message and in the details', () => {
    const template = JSON.stringify({
      env: [{ Name: 'A', Value: 'SECRET' }],
      rest: 'x'.repeat(300),
    });
    const problem = `Invalid value: ${template}: field is immutable`;
    const causes = [{ field: 'spec.template', message: problem }];
    const message = `[spec.template: ${problem}, spec.selector: Invalid value: {"a":"b"}: no]`;
    expect(map(422, 'Invalid', message, { causes })).toMatchObject({
      message: expect.stringContaining(
        '[spec.template: Invalid value: {...}: field is immutable, spec.selector: Invalid value: {"a":"b"}: no]',
      ) as string,
      details: [{ message: 'Invalid value: {...}: field is immutable' }],
    });
  });

  test('leaves what is coded already, and bugs, as they are', () => {
    const coded = new DsdeployError('USAGE', 'x');
    const bug = new TypeError('x is not a function');
    expect(mapError(coded, { action: 'x' }, scene)).toBe(coded);
    expect(mapError(bug, { action: 'x' }, scene)).toBe(bug);
  });

  test('takes everything after a stop for an interruption', () => {
    const stopped = { ...scene, isStopped: () => true };
    const error = mapError(
      Object.assign(new Error('x'), { code: 'UND_ERR_DESTROYED' }),
      { action: 'x' },
      stopped,
    );
    expect(error).toMatchObject({ code: 'INTERRUPTED' });
  });
});
