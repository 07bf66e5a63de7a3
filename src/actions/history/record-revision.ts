import packageJson from '../../../package.json' with { type: 'json' };
import type { Cluster } from '../../cluster/cluster.ts';
import { DsdeployError } from '../../errors/index.ts';
import { formatRef } from '../../manifest/index.ts';
import {
  contentDigests,
  type DeploymentId,
  describeOwner,
  findPlainSecrets,
  hasSecretShape,
  keptRevisions,
  type Plan,
  plannedManifests,
  type RevisionContent,
  type RevisionHeader,
  revisionFormat,
  revisionRef,
  summarizePlan,
} from '../../plan/index.ts';
import type { Step } from '../apply/index.ts';
import type { Clock, Host } from '../host.ts';
import { forEachBounded } from '../inventory/index.ts';
import { listRevisions } from './list-revisions.ts';
import {
  maxContentBytes,
  packContent,
  renderRevision,
  type StoredRevision,
} from './revision-object.ts';

export interface RecordPorts {
  readonly cluster: Cluster;
  readonly host: Pick<Host, 'notify'>;
  readonly clock: Pick<Clock, 'nowMs'>;
  /** Login and host of whoever applies: `ann@laptop`. */
  readonly operator: string;
}

export interface RecordRequest {
  readonly plan: Plan;
  /** YAML of the spec the plan was made from. */
  readonly spec: string;
  /** The revision that is gone back to. */
  readonly rollbackOf?: number | undefined;
}

/**
 * Says what has to be done, once a plan is applied, so that the history has it: nothing when its newest
 * revision holds the same. A run that was killed before it recorded its revision is thereby recorded by
 * the next one, even when that has nothing else to do.
 *
 * A history that cannot be kept is a warning: the apply is worth more.
 */
export async function prepareRevision(
  { plan, spec, rollbackOf }: RecordRequest,
  ports: RecordPorts,
): Promise<readonly Step[]> {
  const { deployment } = plan;
  const content = { spec, manifests: plannedManifests(plan) };
  const revisions = await readOrWarn(deployment, ports);
  if (revisions === undefined || isRecorded(content, revisions.at(-1))) return [];
  const next = (revisions.at(-1)?.number ?? 0) + 1;
  return [
    {
      ref: revisionRef(deployment, next),
      run: async () => {
        await withWarning(ports, () => record({ plan, content, rollbackOf }, ports));
        return 'recorded';
      },
    },
  ];
}

async function readOrWarn(
  deployment: DeploymentId,
  ports: RecordPorts,
): Promise<readonly StoredRevision[] | undefined> {
  let revisions: readonly StoredRevision[] | undefined;
  await withWarning(ports, async () => {
    revisions = await listRevisions(deployment, ports);
  });
  return revisions;
}

function isRecorded(content: RevisionContent, newest: StoredRevision | undefined): boolean {
  const { specSha256, manifestsSha256 } = contentDigests(content);
  return (
    newest?.header.specSha256 === specSha256 && newest.header.manifestsSha256 === manifestsSha256
  );
}

interface Recording {
  readonly plan: Plan;
  readonly content: RevisionContent;
  readonly rollbackOf: number | undefined;
}

async function record({ plan, content, rollbackOf }: Recording, ports: RecordPorts): Promise<void> {
  const { cluster, clock, host, operator } = ports;
  const { deployment, target } = plan;
  // Read again, because somebody else may have applied while the question stood.
  const revisions = await listRevisions(deployment, ports);
  const number = (revisions.at(-1)?.number ?? 0) + 1;
  const ref = revisionRef(deployment, number);
  const stranger = await cluster.get(ref);
  if (stranger !== undefined) {
    const owner = describeOwner(stranger);
    throw new DsdeployError('OBJECT_NOT_OWNED', `${formatRef(ref)} exists and belongs to ${owner}`);
  }
  const withheld = findReasonToWithhold(content);
  const summary = summarizePlan(plan);
  const header: RevisionHeader = {
    formatVersion: revisionFormat,
    number,
    recordedAt: new Date(clock.nowMs()).toISOString(),
    tool: `dsdeploy/${packageJson.version}`,
    operator,
    user: target?.user ?? '',
    summary: rollbackOf === undefined ? summary : `back to ${String(rollbackOf)}; ${summary}`,
    ...(rollbackOf === undefined ? {} : { rollbackOf }),
    objects: content.manifests.length,
    ...contentDigests(content),
    ...(withheld === undefined ? {} : { withheld }),
  };
  const packed = withheld === undefined ? packContent(content) : undefined;
  await cluster.apply(renderRevision(deployment, header, packed), { dryRun: false, force: false });
  host.notify({
    code: 'REVISION_RECORDED',
    level: 'info',
    number,
    ...(withheld === undefined ? {} : { withheld }),
  });
  await forEachBounded(revisions.slice(0, 1 - keptRevisions), async ({ ref: old, uid }) => {
    await cluster.delete(old, { uid });
  });
}

/** Why content may not lie in the cluster, where more people may read it than a Secret. */
function findReasonToWithhold(content: RevisionContent): string | undefined {
  const fields = content.manifests.flatMap(findPlainSecrets);
  if (fields.length > 0) {
    return `${String(fields.length)} fields hold a secret in plain text, such as ${fields[0] ?? ''}; keep the value in a Secret`;
  }
  if (hasSecretShape(JSON.stringify(content)))
    return 'Something in it looks like a token, a key or an address with a password; keep it in a Secret';
  const bytes = packContent(content).length;
  if (bytes <= maxContentBytes) return undefined;
  return `Compressed it is ${String(bytes)} bytes, and a ConfigMap may hold ${String(maxContentBytes)}`;
}

async function withWarning(ports: RecordPorts, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof DsdeployError) || error.code === 'INTERRUPTED') throw error;
    const text = `The history is not kept (${error.message}); the next apply tries again`;
    ports.host.notify({ code: 'WARNING', level: 'warning', text });
  }
}
