import type { Cluster, LiveObject } from '../../cluster/cluster.ts';
import { DsdeployError } from '../../errors/index.ts';
import { type DeploymentId, revisionLabels } from '../../plan/index.ts';
import { parseRevision, type StoredRevision } from './revision-object.ts';

/** Reads all revisions of a deployment, oldest first; none when its namespace is absent. */
export async function listRevisions(
  deployment: DeploymentId,
  { cluster }: { readonly cluster: Pick<Cluster, 'list'> },
): Promise<StoredRevision[]> {
  const live = await listRevisionObjects(deployment, { cluster });
  return live
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .flatMap((object) => parseRevision(deployment, object) ?? [])
    .toSorted((a, b) => a.number - b.number);
}

/** The ConfigMaps of all revisions, whether they can be read or not. */
export async function listRevisionObjects(
  deployment: DeploymentId,
  { cluster }: { readonly cluster: Pick<Cluster, 'list'> },
): Promise<readonly LiveObject[]> {
  const labels = revisionLabels(deployment);
  const selector = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  const objects = await cluster.list(
    { apiVersion: 'v1', kind: 'ConfigMap' },
    { namespace: deployment.namespace, labelSelector: selector.join(',') },
  );
  return objects.filter(({ metadata }) =>
    Object.entries(labels).every(([key, value]) => metadata.labels?.[key] === value),
  );
}

/** A revision beside the newest and the one before that. */
export interface FoundRevision {
  readonly revision: StoredRevision;
  readonly current: StoredRevision;
  /** Absent where the current is the only one. */
  readonly before?: StoredRevision;
}

/** The revision that is chosen among all, which are oldest first. */
export async function findRevision(
  deployment: DeploymentId,
  choose: (revisions: readonly StoredRevision[]) => number | undefined,
  { cluster }: { readonly cluster: Pick<Cluster, 'list'> },
): Promise<FoundRevision> {
  const revisions = await listRevisions(deployment, { cluster });
  const current = revisions.at(-1);
  if (current === undefined) throw noHistory(deployment);
  const number = choose(revisions);
  const revision = revisions.find((each) => each.number === number);
  const before = revisions.at(-2);
  if (revision !== undefined)
    return { revision, current, ...(before === undefined ? {} : { before }) };
  throw new DsdeployError(
    'REVISION_NOT_FOUND',
    number === undefined
      ? `Cannot go back: revision ${String(current.number)} of "${deployment.name}" is the only one`
      : `Cannot find revision ${String(number)} of "${deployment.name}"`,
    {
      subject: deployment.name,
      hint: `There are: ${revisions.map((each) => String(each.number)).join(', ')}. \`dsdeploy history\` lists them.`,
    },
  );
}

/** The error of a deployment that was never applied, or not by a dsdeploy that keeps a history. */
function noHistory({ name, namespace }: DeploymentId): DsdeployError {
  return new DsdeployError(
    'HISTORY_EMPTY',
    `Cannot find a revision of "${name}" in namespace ${namespace}: nothing was recorded`,
    {
      subject: name,
      hint: 'The next `dsdeploy apply` records one; check name, namespace and context.',
    },
  );
}
