import { stringify } from 'yaml';
import { sandboxPaths } from './paths.ts';
import { writePrivateFile } from './private-file.ts';
import type { SandboxState } from './state.ts';

export interface KubeconfigOptions {
  readonly name: string;
  readonly serverUrl: string;
  readonly authorityPem: string;
  readonly user: string;
  readonly certificatePem: string;
  readonly keyPem: string;
}

/** Returns a kubeconfig with one context, the certificates inside it. */
export function renderKubeconfig(options: KubeconfigOptions): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': options.name,
    clusters: [
      {
        name: options.name,
        cluster: {
          server: options.serverUrl,
          'certificate-authority-data': toBase64(options.authorityPem),
        },
      },
    ],
    users: [
      {
        name: options.user,
        user: {
          'client-certificate-data': toBase64(options.certificatePem),
          'client-key-data': toBase64(options.keyPem),
        },
      },
    ],
    contexts: [{ name: options.name, context: { cluster: options.name, user: options.user } }],
  });
}

/** Context, cluster and file all carry this name, so that a wrong target is seen at once. */
export function contextName(sandboxName: string): string {
  return `dsdeploy-sandbox-${sandboxName}`;
}

export interface MintKubeconfigOptions {
  /** Kubernetes user name: the certificate's common name. */
  readonly user: string;
  readonly groups?: readonly string[];
  /** File to write, readable by its owner only. */
  readonly path: string;
}

/**
 * Writes a kubeconfig for another user of the sandbox and returns its path.
 *
 * The user may do nothing until a RoleBinding names them or one of their groups.
 */
export async function mintKubeconfig(
  state: SandboxState,
  { user, groups = [], path }: MintKubeconfigOptions,
): Promise<string> {
  const { issueClientCertificate } = await import('./certificates/certificate-authority.ts');
  const { readAuthority } = await import('./certificates/certificates.ts');
  const authority = await readAuthority(sandboxPaths(state.directory).certificates);
  const pair = await issueClientCertificate(authority, { commonName: user, organizations: groups });
  const text = renderKubeconfig({
    name: contextName(state.name),
    serverUrl: state.serverUrl,
    authorityPem: authority.certificatePem,
    user,
    ...pair,
  });
  await writePrivateFile(path, text);
  return path;
}

function toBase64(text: string): string {
  return Buffer.from(text).toString('base64');
}
