import { setMaxListeners } from 'node:events';
import { isatty } from 'node:tty';
import { readCredential } from './auth/credential.ts';
import { CredentialSource } from './auth/credential-source.ts';
import { explainRefusal } from './auth/explain-refusal.ts';
import type { ClusterIo } from './cluster-io.ts';
import { Discovery } from './discovery.ts';
import { findRisks } from './find-risks.ts';
import { type Env, loadKubeconfig } from './kubeconfig/load-kubeconfig.ts';
import { type ResolvedContext, resolveContext } from './kubeconfig/resolve-context.ts';
import { KubernetesCluster, type OpenedCluster } from './kubernetes-cluster.ts';
import { OpenApi } from './open-api.ts';
import { defaultTimings, type Timings } from './timings.ts';
import { ApiTransport } from './transport/api-transport.ts';
import { proxyForServer } from './transport/proxy-for-server.ts';

export interface OpenClusterOptions {
  /** The `--kubeconfig` flag. */
  readonly kubeconfig?: string | undefined;
  /** The `--context` flag. */
  readonly context?: string | undefined;
  /** @default process.env */
  readonly env?: Env | undefined;
  /** Ends every request at once, with `INTERRUPTED`. */
  readonly signal?: AbortSignal | undefined;
  /** @default - minutes, as `defaultTimings` says; tests wait for milliseconds */
  readonly timings?: Partial<Timings> | undefined;
}

/**
 * Finds the cluster by kubectl's rules and makes ready to talk to it. Reads files only; the first
 * request opens the first connection. Close it, or the process does not end.
 */
export async function openCluster(options: OpenClusterOptions = {}): Promise<OpenedCluster> {
  const env = options.env ?? process.env;
  const kubeconfig = await loadKubeconfig({ kubeconfig: options.kubeconfig, env });
  const context = resolveContext(kubeconfig, options.context);
  const timings = { ...defaultTimings, ...options.timings };
  const closing = new AbortController();
  const signal =
    options.signal === undefined
      ? closing.signal
      : AbortSignal.any([closing.signal, options.signal]);
  // Every request under way listens; hundreds of them are normal and no leak.
  setMaxListeners(0, signal);
  const credentials = new CredentialSource(() =>
    readCredential(context, {
      env,
      interactive: isatty(0) && isatty(2),
      timeoutMs: timings.execPluginMs,
      signal,
    }),
  );
  const transport = new ApiTransport({
    serverUrl: context.serverUrl,
    credentials,
    proxy: proxyForServer(context.serverUrl, context.cluster['proxy-url'] ?? undefined, env),
    timings,
    signal,
  });
  const io: ClusterIo = {
    transport,
    discovery: new Discovery(transport),
    openApi: new OpenApi(transport),
    scene: {
      context: context.context,
      server: context.serverUrl.href.replace(/\/$/, ''),
      user: userOf(context),
      explainRefusal: () => {
        const credential = credentials.peek();
        return credential && explainRefusal(credential, Date.now());
      },
      isStopped: () => signal.aborted,
    },
    timings,
    signal,
  };
  return new KubernetesCluster(io, closing, await findRisks(context, kubeconfig.files));
}

function userOf({ user, userName }: ResolvedContext): string {
  const name = userName || 'anonymous';
  return user.as ? `${name} as ${user.as}` : name;
}
