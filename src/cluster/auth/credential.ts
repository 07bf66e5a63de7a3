import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import { createSecureContext } from 'node:tls';
// The deep path keeps the 800 generated models of the package index out of the bundle.
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { DsdeployError } from '../../errors/index.ts';
import type { UserEntry } from '../kubeconfig/kubeconfig-file.ts';
import type { ResolvedContext } from '../kubeconfig/resolve-context.ts';
import { type ExecPluginOptions, runExecPlugin } from './exec-plugin.ts';

export interface TlsIdentity {
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

/** What proves who we are, at one moment. */
export interface Credential {
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly tls: TlsIdentity;
  /** To be read again from then on. */
  readonly expiresAtMs: number;
}

/** Token files and OIDC tokens are looked at again after this, as client-go does. */
const rereadMs = 60_000;

/** Reads certificates, tokens and plug-ins of the context's user into one credential. */
export async function readCredential(
  context: ResolvedContext,
  exec: Omit<ExecPluginOptions, 'cluster'>,
): Promise<Credential> {
  const { user } = context;
  const plugin = user.exec
    ? await runExecPlugin(user.exec, { ...exec, cluster: context.cluster })
    : undefined;
  const options = await applyKubeConfig(context);
  const token = plugin?.token ?? (await readTokenFile(user)) ?? undefined;
  const tls = pickTls(options);
  if (plugin?.clientCertificateData && plugin.clientKeyData) {
    Object.assign(tls, { cert: plugin.clientCertificateData, key: plugin.clientKeyData });
  }
  checkTls(context, tls);
  return {
    headers: {
      ...authorizationOf(options),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...impersonationOf(user),
    },
    tls,
    expiresAtMs: expiryOf(user, plugin?.expirationTimestamp),
  };
}

function expiryOf(user: UserEntry, pluginExpiry: string | null | undefined): number {
  if (pluginExpiry) return Date.parse(pluginExpiry);
  return user.tokenFile || user['auth-provider'] ? Date.now() + rereadMs : Number.POSITIVE_INFINITY;
}

/** Lets client-node read the files, basic auth, static tokens and the OIDC provider. */
async function applyKubeConfig(context: ResolvedContext): Promise<RequestOptions> {
  const { cluster, user } = context;
  const config = new KubeConfig();
  const [clusterName, userName] = [context.clusterName, context.userName || 'anonymous'];
  config.loadFromOptions({
    clusters: [
      {
        name: clusterName,
        server: cluster.server,
        ...dataOverFile(cluster, 'certificate-authority', 'ca'),
        tlsServerName: cluster['tls-server-name'] ?? undefined,
        // client-node refuses plain http otherwise; there is no certificate to verify then.
        skipTLSVerify:
          cluster['insecure-skip-tls-verify'] === true || context.serverUrl.protocol === 'http:',
      },
    ],
    users: [
      {
        name: userName,
        ...dataOverFile(user, 'client-certificate', 'cert'),
        ...dataOverFile(user, 'client-key', 'key'),
        token: user.token ?? undefined,
        username: user.username ?? undefined,
        password: user.password ?? undefined,
        authProvider: user['auth-provider'] ?? undefined,
      },
    ],
    contexts: [{ name: context.context, cluster: clusterName, user: userName }],
    currentContext: context.context,
  });
  const options: RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(options);
  } catch (error) {
    throw unusable(context, error);
  }
  return options;
}

/** In kubectl inline data wins over a file; client-node has it the other way round. */
function dataOverFile(
  entry: Readonly<Record<string, unknown>>,
  key: string,
  name: 'ca' | 'cert' | 'key',
): Readonly<Record<string, unknown>> {
  const data = entry[`${key}-data`];
  return data ? { [`${name}Data`]: data } : { [`${name}File`]: entry[key] ?? undefined };
}

function pickTls(options: RequestOptions): TlsIdentity {
  const tls: Record<string, unknown> = {};
  for (const key of ['ca', 'cert', 'key', 'servername', 'rejectUnauthorized'] as const) {
    if (options[key] !== undefined) tls[key] = options[key];
  }
  return tls;
}

function authorizationOf(options: RequestOptions): Readonly<Record<string, string>> {
  if (typeof options.auth === 'string') {
    return { authorization: `Basic ${Buffer.from(options.auth).toString('base64')}` };
  }
  const value = new Map(Object.entries(options.headers ?? {})).get('Authorization');
  return typeof value === 'string' ? { authorization: value.trim() } : {};
}

async function readTokenFile(user: UserEntry): Promise<string | undefined> {
  if (!user.tokenFile) return undefined;
  try {
    return (await readFile(user.tokenFile, 'utf8')).trim();
  } catch (error) {
    throw new DsdeployError('KUBECONFIG_INVALID', 'Cannot read the token file of the user', {
      subject: user.tokenFile,
      hint: 'Correct tokenFile of the user in the kubeconfig.',
      cause: error,
    });
  }
}

function impersonationOf(user: UserEntry): Readonly<Record<string, string | string[]>> {
  const headers: Record<string, string | string[]> = {};
  if (user.as) headers['impersonate-user'] = user.as;
  if (user['as-uid']) headers['impersonate-uid'] = user['as-uid'];
  if (user['as-groups']?.length) headers['impersonate-group'] = [...user['as-groups']];
  for (const [key, values] of Object.entries(user['as-user-extra'] ?? {})) {
    headers[`impersonate-extra-${encodeURIComponent(key)}`] = [...values];
  }
  return headers;
}

/** Fails on broken PEM now, where the kubeconfig can be named, and not inside a handshake. */
function checkTls(context: ResolvedContext, { ca, cert, key }: TlsIdentity): void {
  try {
    createSecureContext({
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
    });
  } catch (error) {
    throw unusable(context, error);
  }
}

function unusable(context: ResolvedContext, error: unknown): DsdeployError {
  const reason = error instanceof Error ? error.message : String(error);
  return new DsdeployError(
    'KUBECONFIG_INVALID',
    `Cannot use the credentials of context "${context.context}": ${reason}`,
    {
      subject: `user "${context.userName}", cluster "${context.clusterName}"`,
      hint: 'Correct the certificates and keys of the user and the cluster in the kubeconfig.',
      cause: error,
    },
  );
}
