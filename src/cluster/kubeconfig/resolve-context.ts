import { distance } from 'fastest-levenshtein';
import { DsdeployError } from '../../errors/index.ts';
import {
  type ClusterEntry,
  readClusterEntry,
  readContextEntry,
  readUserEntry,
  type UserEntry,
} from './kubeconfig-file.ts';
import type { Kubeconfig } from './load-kubeconfig.ts';

/** Everything one context says about how to reach a cluster and as whom. */
export interface ResolvedContext {
  readonly context: string;
  readonly clusterName: string;
  readonly cluster: ClusterEntry;
  /** Empty when the context names no user: requests are anonymous then. */
  readonly userName: string;
  readonly user: UserEntry;
  readonly serverUrl: URL;
}

/** Picks the named context, else the current one, and follows its references. */
export function resolveContext(kubeconfig: Kubeconfig, wanted?: string): ResolvedContext {
  const files = kubeconfig.files.join(', ');
  const context = wanted !== undefined && wanted !== '' ? wanted : kubeconfig.currentContext;
  if (context === undefined) throw noCurrentContext(kubeconfig, files);
  const entry = kubeconfig.contexts.get(context);
  if (entry === undefined) throw unknownContext(kubeconfig, context, files);
  const body = readContextEntry(context, entry);
  const clusterEntry = kubeconfig.clusters.get(body.cluster);
  if (clusterEntry === undefined) throw dangling(context, 'cluster', body.cluster, files);
  const userName = body.user ?? '';
  const userEntry = kubeconfig.users.get(userName);
  if (userEntry === undefined && userName !== '') throw dangling(context, 'user', userName, files);
  const cluster = readClusterEntry(body.cluster, clusterEntry);
  return {
    context,
    clusterName: body.cluster,
    cluster,
    userName,
    user: userEntry === undefined ? {} : readUserEntry(userName, userEntry),
    serverUrl: parseServer(body.cluster, cluster.server, clusterEntry.file),
  };
}

function parseServer(clusterName: string, server: string, file: string): URL {
  // kubectl takes a bare host too; a path prefix, as of a gateway, is kept.
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(server) ? server : `https://${server}`;
  const url = URL.parse(text);
  if (url !== null && (url.protocol === 'https:' || url.protocol === 'http:')) return url;
  throw new DsdeployError(
    'KUBECONFIG_INVALID',
    `Cannot use cluster "${clusterName}": its server "${server}" is not an http or https URL`,
    { subject: file, hint: `Set clusters.${clusterName}.server to the URL of the API server.` },
  );
}

function noCurrentContext(kubeconfig: Kubeconfig, files: string): DsdeployError {
  const names = [...kubeconfig.contexts.keys()].toSorted();
  return new DsdeployError(
    'CONTEXT_NOT_FOUND',
    names.length === 0
      ? 'Cannot choose a cluster: the kubeconfig has no contexts'
      : `Cannot choose a cluster: no current context is set, there are ${quoteList(names)}`,
    {
      subject: files,
      hint:
        names.length === 0
          ? 'Name a kubeconfig that has a context with --kubeconfig.'
          : `Choose one, for example with --context ${names[0]}.`,
    },
  );
}

function unknownContext(kubeconfig: Kubeconfig, wanted: string, files: string): DsdeployError {
  const names = [...kubeconfig.contexts.keys()].toSorted(
    (a, b) => distance(a, wanted) - distance(b, wanted) || (a < b ? -1 : 1),
  );
  const available = names.length === 0 ? 'it has no contexts' : `there are ${quoteList(names)}`;
  return new DsdeployError(
    'CONTEXT_NOT_FOUND',
    `Cannot find context "${wanted}" in the kubeconfig: ${available}`,
    {
      subject: files,
      hint:
        names[0] === undefined
          ? 'Name a kubeconfig that has a context with --kubeconfig.'
          : `Use --context ${names[0]}, or list them with \`kubectl config get-contexts\`.`,
    },
  );
}

function dangling(
  context: string,
  what: 'cluster' | 'user',
  name: string,
  files: string,
): DsdeployError {
  return new DsdeployError(
    'KUBECONFIG_INVALID',
    `Cannot use context "${context}": it names the ${what} "${name}", which is not defined`,
    { subject: files, hint: `Add the ${what} "${name}", or choose another --context.` },
  );
}

/** Lists at most ten names, so that a laptop with a hundred contexts gets a readable line. */
function quoteList(names: readonly string[]): string {
  const shown = names.slice(0, 10).map((name) => `"${name}"`);
  const rest = names.length - shown.length;
  return rest > 0 ? `${shown.join(', ')} and ${rest} more` : shown.join(', ');
}
