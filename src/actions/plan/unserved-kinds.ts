import type { Cluster } from '../../cluster/cluster.ts';
import { formatRef, groupOf, type Manifest, refOf } from '../../manifest/index.ts';
import { definesKind } from './check-kinds.ts';

/** Groups of kinds that only watch a deployment, with what brings them: it serves without them. */
const watchers: ReadonlyMap<string, string> = new Map([
  ['monitoring.coreos.com', 'the Prometheus Operator'],
]);

/** Objects that a cluster can hold, and what is said about those it cannot. */
export interface ServedManifests {
  readonly manifests: readonly Manifest[];
  readonly warnings: readonly string[];
}

/**
 * Leaves out objects that only watch a deployment where the cluster does not know their kind. An
 * object that is needed stays, and fails the plan.
 */
export async function leaveOutUnserved(
  manifests: readonly Manifest[],
  cluster: Pick<Cluster, 'supports'>,
): Promise<ServedManifests> {
  const kept: Manifest[] = [];
  const warnings: string[] = [];
  for (const manifest of manifests) {
    const { apiVersion, kind } = manifest;
    const provider = watchers.get(groupOf(apiVersion));
    const isLeftOut =
      provider !== undefined &&
      !manifests.some((other) => definesKind(other, manifest)) &&
      !(await cluster.supports({ apiVersion, kind }));
    if (!isLeftOut) kept.push(manifest);
    else warnings.push(`${formatRef(refOf(manifest))} is left out: ${missing(manifest, provider)}`);
  }
  return { manifests: kept, warnings };
}

function missing({ apiVersion, kind }: Manifest, provider: string): string {
  return `the cluster does not serve ${apiVersion} ${kind}; install ${provider} (its CRDs) and run \`dsdeploy apply\` again`;
}
