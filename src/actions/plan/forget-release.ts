import type { Cluster, LiveObject } from '../../cluster/cluster.ts';
import { DsdeployError, type ErrorDetail } from '../../errors/index.ts';
import { formatRef, identityOf, type ObjectRef, refOf } from '../../manifest/index.ts';
import { bindingOf, type DeleteChange, type DeploymentId } from '../../plan/index.ts';
import { formatNouns } from '../../units/index.ts';
import { forEachBounded } from '../inventory/index.ts';
import { type HelmRecord, readHelmRecord, releaseSelector } from './helm-release.ts';

export interface ForgetRequest {
  readonly deployment: DeploymentId;
  /** Names of Helm releases in the namespace of the deployment. */
  readonly releases: readonly string[];
  /** What the deployment consists of once the plan is applied. */
  readonly wanted: readonly ObjectRef[];
}

export interface ForgetPorts {
  readonly cluster: Pick<Cluster, 'get' | 'list' | 'supports' | 'findDenied'>;
  readonly warn: (text: string) => void;
}

/** Where Helm keeps its records: Secrets, unless it is told otherwise. */
const recordKinds = [
  { apiVersion: 'v1', kind: 'Secret', resource: 'secrets' },
  { apiVersion: 'v1', kind: 'ConfigMap', resource: 'configmaps' },
] as const;

/**
 * Plans the removal of the records of Helm releases, so that `helm uninstall` cannot delete what is ours
 * by then. Refuses as long as an object of the release lives that is not: nobody would know of it any more.
 */
export async function planForgetting(
  { deployment, releases, wanted }: ForgetRequest,
  ports: ForgetPorts,
): Promise<DeleteChange[]> {
  const rows: DeleteChange[] = [];
  for (const release of new Set(releases)) {
    const records = await readRecords(release, deployment, ports);
    if (records.length === 0)
      ports.warn(
        `There is no record of a Helm release "${release}" in namespace "${deployment.namespace}": nothing to forget`,
      );
    refusePending(release, records);
    await refuseStrangers(release, { records, wanted }, ports);
    rows.push(...records.map(({ live }) => toDelete(release, live)));
  }
  return rows;
}

async function readRecords(
  release: string,
  { namespace }: DeploymentId,
  { cluster }: ForgetPorts,
): Promise<HelmRecord[]> {
  const records: HelmRecord[] = [];
  for (const { apiVersion, kind, resource } of recordKinds) {
    const options = { namespace, labelSelector: releaseSelector(release) };
    const found = await cluster.list({ apiVersion, kind }, options);
    if (found.length === 0) continue;
    records.push(...found.map(readHelmRecord));
    const right = { verb: 'delete', group: '', resource, namespace } as const;
    if ((await cluster.findDenied([right])).length === 0) continue;
    throw new DsdeployError(
      'CLUSTER_FORBIDDEN',
      `Cannot forget the Helm release "${release}": you may not delete ${resource}, which it is recorded in`,
      {
        subject: `--forget-release ${release}`,
        hint: `Ask for the right; check with \`kubectl auth can-i delete ${resource} -n ${namespace}\`.`,
      },
    );
  }
  return records;
}

function refusePending(release: string, records: readonly HelmRecord[]): void {
  const pending = records.find(({ status }) => /^(pending-|uninstalling)/.test(status));
  if (pending === undefined) return;
  throw new DsdeployError(
    'RELEASE_NOT_ADOPTED',
    `Cannot forget the Helm release "${release}": Helm is at work on it (${pending.status})`,
    {
      subject: formatRef(refOf(pending.live)),
      hint: `Wait until \`helm status ${release} -n ${pending.live.metadata.namespace ?? ''}\` says deployed, or failed.`,
    },
  );
}

/** Helm deletes by the record that was not superseded; what an older one lists is not Helm's any more. */
async function refuseStrangers(
  release: string,
  {
    records,
    wanted,
  }: { readonly records: readonly HelmRecord[]; readonly wanted: readonly ObjectRef[] },
  { cluster }: ForgetPorts,
): Promise<void> {
  const ours = new Set(wanted.map(identityOf));
  const isOurs = (ref: ObjectRef) =>
    ours.has(identityOf(ref)) || ours.has(identityOf(withoutNamespace(ref)));
  const listed = records
    .filter(({ status }) => status !== 'superseded')
    .flatMap(({ refs }) => refs);
  const strangers = new Map(
    listed.filter((ref) => !isOurs(ref)).map((ref) => [identityOf(ref), ref]),
  );
  const details: ErrorDetail[] = [];
  await forEachBounded([...strangers.values()], async (ref) => {
    const message = await whyNot(ref, cluster);
    if (message !== undefined) details.push({ location: formatRef(ref), message });
  });
  if (details.length === 0) return;
  throw new DsdeployError(
    'RELEASE_NOT_ADOPTED',
    `Cannot forget the Helm release "${release}": ${formatNouns(details.length, 'object')} of it would have no owner`,
    {
      subject: `--forget-release ${release}`,
      details: details.toSorted((a, b) => ((a.location ?? '') < (b.location ?? '') ? -1 : 1)),
      hint: 'Delete them, take them out of the release with `helm upgrade`, or leave out --forget-release.',
    },
  );
}

async function whyNot(
  ref: ObjectRef,
  cluster: ForgetPorts['cluster'],
): Promise<string | undefined> {
  if (!(await cluster.supports(ref))) return 'the cluster does not serve its kind now';
  const live = await cluster.get(ref);
  return live === undefined ? undefined : 'it lives and is no part of this deployment';
}

/** Helm writes the namespace of the release nowhere, so that it is not known which kinds have one. */
function withoutNamespace({ apiVersion, kind, name }: ObjectRef): ObjectRef {
  return { apiVersion, kind, name };
}

function toDelete(release: string, live: LiveObject): DeleteChange {
  const reason = `Helm's record of the release ${release}, whose objects are part of this deployment`;
  return { action: 'delete', ref: refOf(live), ...bindingOf(live), reason };
}
