import type { Cluster } from '../../cluster/cluster.ts';
import { DsdeployError } from '../../errors/index.ts';
import { type Layout, planLayout } from '../../layout/index.ts';
import type { Manifest } from '../../manifest/index.ts';
import type { DeploymentId } from '../../plan/index.ts';
import { parseSpec } from '../../spec/index.ts';
import type { Host } from '../host.ts';
import { findRevision } from './list-revisions.ts';
import { openRevision, type StoredRevision } from './revision-object.ts';

export interface RollbackPorts {
  readonly cluster: Pick<Cluster, 'list'>;
  readonly host: Pick<Host, 'notify'>;
}

/** A revision to go back to. */
export interface Rollback {
  readonly number: number;
  /** YAML of its spec. */
  readonly spec: string;
  /** Its objects as they were applied. */
  readonly manifests: readonly Manifest[];
  /** Of its spec, by the rules of this dsdeploy; the objects do not follow it. */
  readonly layout: Layout;
}

/**
 * Reads the revision to go back to.
 *
 * @param number - when absent, the one before the current; or the current, where that is a rollback
 * itself: a run that was killed once its revision was recorded is gone on with and not undone.
 */
export async function readRollback(
  deployment: DeploymentId,
  number: number | undefined,
  ports: RollbackPorts,
): Promise<Rollback> {
  const { revision, current, before } = await findRevision(
    deployment,
    (all) => number ?? chooseByDefault(all)?.number,
    ports,
  );
  if (number === undefined && revision === current)
    ports.host.notify({
      code: 'WARNING',
      level: 'warning',
      text: describeResumed(current, before),
    });
  const { spec, manifests } = openRevision(revision);
  const parsed = parseSpec(spec, { fileName: `revision ${String(revision.number)}` });
  if (parsed.kind === 'issues') {
    const [issue] = parsed.issues;
    throw new DsdeployError(
      'REVISION_INVALID',
      `Cannot go back to revision ${String(revision.number)}: this dsdeploy does not accept its spec${issue === undefined ? '' : ` (${issue.message})`}`,
      {
        subject: deployment.name,
        hint: `Use ${revision.header.tool}, which wrote it, or mend the spec: \`dsdeploy history ${String(revision.number)} --spec\`.`,
      },
    );
  }
  const layout = planLayout(parsed.spec);
  if (!layout.fits) {
    const text = `This dsdeploy would not choose the layout of revision ${String(revision.number)} any more; its objects are applied as they were, and nobody waits for health`;
    ports.host.notify({ code: 'WARNING', level: 'warning', text });
  }
  return { number: revision.number, spec, manifests, layout };
}

function chooseByDefault(revisions: readonly StoredRevision[]): StoredRevision | undefined {
  const current = revisions.at(-1);
  return current?.header.rollbackOf === undefined ? revisions.at(-2) : current;
}

function describeResumed(
  { number, header }: StoredRevision,
  before: StoredRevision | undefined,
): string {
  const undo =
    before === undefined ? '' : `; \`dsdeploy rollback ${String(before.number)}\` undoes it`;
  return `Revision ${String(number)}, the current one, went back to revision ${String(header.rollbackOf)} already, so this goes on with it${undo}. To go elsewhere name a revision: \`dsdeploy history\` lists them`;
}
