import type { ClusterTarget } from '../plan/index.ts';
import type { ClusterIo } from './cluster-io.ts';
import { isObject, toLiveObject } from './live-object.ts';
import { BadReplyError, StatusError } from './transport/status-error.ts';

/** Reads what tells this cluster from any other, and how it is reached. */
export async function readClusterTarget(io: ClusterIo): Promise<ClusterTarget> {
  const [serverVersion, clusterUid] = await Promise.all([
    readServerVersion(io),
    readClusterUid(io),
  ]);
  const { context, server, user } = io.scene;
  return {
    context,
    server,
    user,
    ...(clusterUid === undefined ? {} : { clusterUid }),
    serverVersion,
  };
}

async function readServerVersion(io: ClusterIo): Promise<string> {
  const { value } = await io.transport.json({ method: 'GET', path: '/version' });
  const version = isObject(value) ? value['gitVersion'] : undefined;
  if (typeof version !== 'string') throw new BadReplyError('it has no gitVersion');
  return version;
}

async function readClusterUid(io: ClusterIo): Promise<string | undefined> {
  try {
    const path = '/api/v1/namespaces/kube-system';
    return toLiveObject((await io.transport.json({ method: 'GET', path })).value).metadata.uid;
  } catch (error) {
    // A user with rights in one namespace only may not read this one; that is no failure.
    if (error instanceof StatusError && [403, 404].includes(error.httpStatus)) return undefined;
    throw error;
  }
}
