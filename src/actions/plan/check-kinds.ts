import { z } from 'zod';
import type { Cluster, KindRef } from '../../cluster/cluster.ts';
import { DsdeployError } from '../../errors/index.ts';
import { formatRef, groupOf, type Manifest, refOf } from '../../manifest/index.ts';

const lwsGroup = 'leaderworkerset.x-k8s.io';
const lwsInstall =
  'Install LeaderWorkerSet v0.9.0 or newer: `kubectl apply --server-side -f https://github.com/kubernetes-sigs/lws/releases/download/v0.9.0/manifests.yaml`';

/** Whether objects of a kind can be checked now, or only once this plan has made the kind. */
export type KindState = 'served' | 'planned';

/** Finds out whether the cluster knows the kind of an object. */
export async function checkKind(
  manifest: Manifest,
  { cluster, manifests }: { readonly cluster: Cluster; readonly manifests: readonly Manifest[] },
): Promise<KindState> {
  const { apiVersion, kind } = manifest;
  if (await cluster.supports({ apiVersion, kind })) return 'served';
  if (manifests.some((other) => definesKind(other, { apiVersion, kind }))) return 'planned';
  if (groupOf(apiVersion) === lwsGroup) throw await explainLws(manifest, cluster);
  const subject = formatRef(refOf(manifest));
  throw new DsdeployError(
    'KIND_UNKNOWN',
    `Cannot plan ${subject}: the cluster does not serve ${apiVersion} ${kind}`,
    { subject, hint: `Install what provides ${apiVersion}, then plan again.` },
  );
}

const crdSchema = z.object({
  spec: z.object({ group: z.string(), names: z.object({ kind: z.string() }) }),
});

/** Whether a manifest is the definition of a kind. */
export function definesKind(manifest: Manifest, { apiVersion, kind }: KindRef): boolean {
  if (manifest.kind !== 'CustomResourceDefinition') return false;
  const { data } = crdSchema.safeParse(manifest);
  return data?.spec.group === groupOf(apiVersion) && data.spec.names.kind === kind;
}

/** Tells a missing LeaderWorkerSet from one that is too old to serve `v1`. */
async function explainLws(manifest: Manifest, cluster: Cluster): Promise<DsdeployError> {
  const subject = formatRef(refOf(manifest));
  const { apiVersion, kind } = manifest;
  if (await isInstalled(cluster)) {
    return new DsdeployError(
      'LWS_TOO_OLD',
      `Cannot plan ${subject}: the LeaderWorkerSet of this cluster does not serve ${apiVersion}`,
      { subject, hint: lwsInstall },
    );
  }
  return new DsdeployError('LWS_MISSING', `Cannot plan ${subject}: the cluster has no ${kind}`, {
    subject,
    hint: lwsInstall,
  });
}

async function isInstalled(cluster: Cluster): Promise<boolean> {
  const alpha = { apiVersion: `${lwsGroup}/v1alpha1`, kind: 'LeaderWorkerSet' };
  if (await cluster.supports(alpha)) return true;
  try {
    const crd = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' };
    return (await cluster.get({ ...crd, name: `leaderworkersets.${lwsGroup}` })) !== undefined;
  } catch (error) {
    // Most users may not read CRDs; then discovery is all there is to go by.
    if (error instanceof DsdeployError && error.code === 'CLUSTER_FORBIDDEN') return false;
    throw error;
  }
}

/** What strict decoding and server-side apply say about a field that the schema does not have. */
const unknownField = /unknown field "([^"]+)"|\.?(\S+): field not declared in schema/;

/** Turns a dry-run that met an unknown field of a LeaderWorkerSet into what it means. */
export function explainUnknownField(manifest: Manifest, error: unknown): unknown {
  if (!(error instanceof DsdeployError) || groupOf(manifest.apiVersion) !== lwsGroup) return error;
  const match = unknownField.exec(error.message);
  const field = match?.[1] ?? match?.[2];
  if (field === undefined) return error;
  const subject = formatRef(refOf(manifest));
  return new DsdeployError(
    'LWS_TOO_OLD',
    `Cannot plan ${subject}: the LeaderWorkerSet of this cluster does not know the field ${field}`,
    { subject, hint: lwsInstall, cause: error },
  );
}
