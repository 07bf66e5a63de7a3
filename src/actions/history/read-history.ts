import type { Cluster } from '../../cluster/cluster.ts';
import {
  compareRevisions,
  type DeploymentId,
  type RevisionChange,
  type RevisionContent,
  type RevisionHeader,
} from '../../plan/index.ts';
import { findRevision, listRevisions } from './list-revisions.ts';
import { openRevision, type StoredRevision } from './revision-object.ts';

export interface RevisionRow extends Omit<RevisionHeader, 'formatVersion'> {
  /** Whether it is what was applied last. */
  readonly isCurrent: boolean;
}

/** The revisions of a deployment. Plain data. */
export interface History {
  readonly apiVersion: 'dsdeploy/v1';
  readonly kind: 'History';
  readonly deployment: DeploymentId;
  /** Oldest first; empty when nothing was recorded. */
  readonly revisions: readonly RevisionRow[];
}

/** One revision, and how it differs from what was applied last. Plain data. */
export interface RevisionDetail extends RevisionContent {
  readonly apiVersion: 'dsdeploy/v1';
  readonly kind: 'Revision';
  readonly deployment: DeploymentId;
  readonly revision: RevisionRow;
  readonly currentNumber: number;
  /** Spec of the current revision; absent when it was withheld. */
  readonly currentSpec?: string;
  /** What going back to it would change; absent when the current one was withheld. */
  readonly changes?: readonly RevisionChange[];
}

interface HistoryPorts {
  readonly cluster: Pick<Cluster, 'list'>;
}

/** Lists the revisions of a deployment. */
export async function readHistory(deployment: DeploymentId, ports: HistoryPorts): Promise<History> {
  const revisions = await listRevisions(deployment, ports);
  const current = revisions.at(-1)?.number;
  return {
    apiVersion: 'dsdeploy/v1',
    kind: 'History',
    deployment,
    revisions: revisions.map((revision) => toRow(revision, current)),
  };
}

/** Opens one revision and compares it with the current one. */
export async function readRevision(
  deployment: DeploymentId,
  number: number,
  ports: HistoryPorts,
): Promise<RevisionDetail> {
  const { revision, current } = await findRevision(deployment, () => number, ports);
  const content = openRevision(revision);
  const now = current.packed === undefined ? undefined : openRevision(current);
  return {
    apiVersion: 'dsdeploy/v1',
    kind: 'Revision',
    deployment,
    revision: toRow(revision, current.number),
    currentNumber: current.number,
    ...content,
    ...(now === undefined
      ? {}
      : {
          currentSpec: now.spec,
          changes: compareRevisions(now.manifests, content.manifests),
        }),
  };
}

function toRow({ header }: StoredRevision, current: number | undefined): RevisionRow {
  const { formatVersion: _format, ...row } = header;
  return { ...row, isCurrent: header.number === current };
}
