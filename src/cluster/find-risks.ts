import { stat } from 'node:fs/promises';
import type { ResolvedContext } from './kubeconfig/resolve-context.ts';

/** What is unsafe about the way to a cluster, one sentence each. None of it stops dsdeploy. */
export async function findRisks(
  { cluster, clusterName, serverUrl }: ResolvedContext,
  files: readonly string[],
): Promise<readonly string[]> {
  const risks: string[] = [];
  if (serverUrl.protocol === 'http:') {
    risks.push(`Cluster "${clusterName}" is reached without TLS: anyone on the way can read along`);
  } else if (cluster['insecure-skip-tls-verify'] === true) {
    risks.push(
      `Cluster "${clusterName}" is set to insecure-skip-tls-verify: whoever answers gets the credentials`,
    );
  }
  for (const file of files) {
    if (await isOpenToOthers(file)) {
      risks.push(`${file} can be read by other users of this machine: run chmod 600 ${file}`);
    }
  }
  return risks;
}

async function isOpenToOthers(file: string): Promise<boolean> {
  // Windows has no such bits, and Node makes them up there.
  if (process.platform === 'win32') return false;
  const { mode } = await stat(file);
  return (mode & 0o077) !== 0;
}
