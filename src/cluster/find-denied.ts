import pLimit from 'p-limit';
import type { AccessRequest } from './cluster.ts';
import type { ClusterIo } from './cluster-io.ts';
import { isObject } from './live-object.ts';
import { BadReplyError } from './transport/status-error.ts';

const maxParallel = 16;

/** Asks the server about each right of the user; returns those that are lacking, in the order asked. */
export async function findDeniedRequests(
  io: ClusterIo,
  requests: readonly AccessRequest[],
): Promise<readonly AccessRequest[]> {
  const limit = pLimit(maxParallel);
  const allowed = await limit.map(requests, (request) => isAllowed(io, request));
  return requests.filter((_, index) => allowed[index] === false);
}

async function isAllowed(io: ClusterIo, request: AccessRequest): Promise<boolean> {
  const { verb, group, namespace, name } = request;
  const [resource, subresource] = request.resource.split('/');
  const { value } = await io.transport.json({
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: { verb, group, resource, subresource, namespace, name } },
    },
  });
  const status = isObject(value) ? value['status'] : undefined;
  const allowed = isObject(status) ? status['allowed'] : undefined;
  if (typeof allowed !== 'boolean') throw new BadReplyError('it is no access review');
  return allowed;
}
