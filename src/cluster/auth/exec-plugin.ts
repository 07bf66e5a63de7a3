import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { DsdeployError } from '../../errors/index.ts';
import { hasErrorCode } from '../has-error-code.ts';
import type { ClusterEntry, ExecPlugin } from '../kubeconfig/kubeconfig-file.ts';
import type { Env } from '../kubeconfig/load-kubeconfig.ts';

/** Name under which a kubeconfig keeps what it wants to tell a plug-in about a cluster. */
const execExtension = 'client.authentication.k8s.io/exec';

const outputSchema = z.looseObject({
  kind: z.literal('ExecCredential'),
  status: z.looseObject({
    token: z.string().nullish(),
    clientCertificateData: z.string().nullish(),
    clientKeyData: z.string().nullish(),
    expirationTimestamp: z.string().nullish(),
  }),
});

/** What a credential plug-in printed. */
export type ExecCredential = z.infer<typeof outputSchema>['status'];

export interface ExecPluginOptions {
  readonly cluster: ClusterEntry;
  readonly env: Env;
  /** Whether a person sits at stdin and stderr, so that a plug-in may ask for a login. */
  readonly interactive: boolean;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a credential plug-in by the `client.authentication.k8s.io` contract, with
 * `KUBERNETES_EXEC_INFO` set. What it prints to stdout is secret and never part of an error.
 */
export async function runExecPlugin(
  plugin: ExecPlugin,
  options: ExecPluginOptions,
): Promise<ExecCredential> {
  const interactive = options.interactive && plugin.interactiveMode !== 'Never';
  if (plugin.interactiveMode === 'Always' && !interactive) {
    throw failed(plugin, 'it needs a terminal to ask for a login, and there is none');
  }
  const stdout = await run(plugin, { ...options, interactive });
  const parsed = outputSchema.safeParse(parseJson(stdout));
  if (!parsed.success) throw failed(plugin, 'it did not print an ExecCredential');
  const { status } = parsed.data;
  if (status.token || (status.clientCertificateData && status.clientKeyData)) return status;
  throw failed(plugin, 'it printed neither a token nor a client certificate');
}

async function run(plugin: ExecPlugin, options: ExecPluginOptions): Promise<string> {
  const { interactive, signal } = options;
  // A login in a browser takes longer than a script.
  const timeoutMs = interactive ? options.timeoutMs * 5 : options.timeoutMs;
  const child = spawn(plugin.command, plugin.args ?? [], {
    env: await environmentOf(plugin, options),
    stdio: [interactive ? 'inherit' : 'ignore', 'pipe', interactive ? 'inherit' : 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    ...(signal === undefined ? {} : { signal }),
  });
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-2000);
  });
  return new Promise((resolve, reject) => {
    child.on('error', (error) => {
      if (hasErrorCode(error, 'ENOENT')) reject(failed(plugin, 'the program is missing', error));
      else if (signal?.aborted) reject(error);
      else reject(failed(plugin, error.message, error));
    });
    child.on('exit', (_, killedBy) => {
      if (killedBy !== 'SIGKILL') return;
      reject(failed(plugin, `no answer in ${timeoutMs / 1000} s`));
      // Children of the plug-in may live on and hold the pipes open.
      child.stdout?.destroy();
      child.stderr?.destroy();
    });
    child.on('close', (code) => {
      if (code === 0) resolve(stdout);
      else reject(failed(plugin, stderr.trim() || `it ended with exit code ${code}`));
    });
  });
}

async function environmentOf(
  plugin: ExecPlugin,
  options: ExecPluginOptions,
): Promise<NodeJS.ProcessEnv> {
  const info = {
    apiVersion: plugin.apiVersion,
    kind: 'ExecCredential',
    spec: {
      interactive: options.interactive,
      ...(plugin.provideClusterInfo ? { cluster: await clusterInfo(options.cluster) } : {}),
    },
  };
  const own = Object.fromEntries((plugin.env ?? []).map(({ name, value }) => [name, value]));
  return { ...options.env, ...own, KUBERNETES_EXEC_INFO: JSON.stringify(info) };
}

/** The cluster as a plug-in that mints tokens per cluster wants to know it. */
async function clusterInfo(cluster: ClusterEntry): Promise<Readonly<Record<string, unknown>>> {
  const caFile = cluster['certificate-authority'];
  const caData =
    cluster['certificate-authority-data'] ||
    (caFile ? await readFile(caFile, 'base64') : undefined);
  return {
    server: cluster.server,
    'tls-server-name': cluster['tls-server-name'] ?? undefined,
    'insecure-skip-tls-verify': cluster['insecure-skip-tls-verify'] ?? undefined,
    'certificate-authority-data': caData,
    'proxy-url': cluster['proxy-url'] ?? undefined,
    config: cluster.extensions?.find(({ name }) => name === execExtension)?.extension,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The caller reports the shape; the text itself may hold a token.
    return undefined;
  }
}

function failed(plugin: ExecPlugin, reason: string, cause?: unknown): DsdeployError {
  return new DsdeployError(
    'CREDENTIAL_PLUGIN_FAILED',
    `Cannot get credentials from "${plugin.command}": ${reason}`,
    {
      subject: plugin.command,
      hint: plugin.installHint?.trim() || `Run \`${plugin.command}\` by hand, or log in again.`,
      cause,
    },
  );
}
