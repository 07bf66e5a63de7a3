import pLimit from 'p-limit';
import type { AccessRequest } from './cluster.ts';
import type { ClusterIo } from './cluster-io.ts';
import { isObject } from './live-object.ts';
import { BadReplyError } from './transport/status-error.ts';

const maxParallel = 16;

/** From this many questions on it pays to ask first whether the user may do everything. */
const wildcardFrom = 4;

/**
 * Asks the server about the rights of the user; returns those that are lacking, in the order asked.
 *
 * Who may do everything everywhere, or in a namespace, is found out by one question instead of one per
 * right. No list of rules is asked for: servers may leave out of it what other authorizers decide.
 */
export async function findDeniedRequests(
  io: ClusterIo,
  requests: readonly AccessRequest[],
): Promise<readonly AccessRequest[]> {
  const limit = pLimit(maxParallel);
  const wildcards = findWildcards(requests);
  const granted = await limit.map(wildcards, (question) => isAllowed(io, question));
  const open = wildcards.filter((_, index) => granted[index] === true);
  const isCovered = ({ namespace }: AccessRequest) =>
    open.some((one) => one.namespace === undefined || one.namespace === namespace);
  const questions = requests.filter((request) => !isCovered(request));
  const allowed = await limit.map(questions, (request) => isAllowed(io, request));
  return questions.filter((_, index) => allowed[index] === false);
}

interface Question extends Omit<AccessRequest, 'verb'> {
  readonly verb: AccessRequest['verb'] | '*';
}

/** Whether everything may be done: in the cluster, and in each namespace. None where it does not pay. */
function findWildcards(requests: readonly AccessRequest[]): Question[] {
  // Names are asked about once a right on all of them is lacking, which is an answer to this too.
  const unnamed = requests.filter(({ name }) => name === undefined);
  if (unnamed.length < wildcardFrom) return [];
  const namespaces = new Set(unnamed.map(({ namespace }) => namespace));
  return [undefined, ...[...namespaces].filter((one) => one !== undefined)].map((namespace) => ({
    verb: '*',
    group: '*',
    resource: '*',
    ...(namespace === undefined ? {} : { namespace }),
  }));
}

async function isAllowed(io: ClusterIo, question: Question): Promise<boolean> {
  const { verb, group, namespace, name } = question;
  const [resource, subresource] = question.resource.split('/');
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
