import type { Cluster, LiveObject } from '../../cluster/cluster.ts';
import { DsdeployError } from '../../errors/index.ts';
import { formatRef, type Manifest, refOf } from '../../manifest/index.ts';
import {
  type CheckedObject,
  type DeploymentId,
  describeConflict,
  describeOwner,
  isTaken,
  partOf,
  setIdOf,
  withKeyToCome,
  withPartOf,
} from '../../plan/index.ts';
import type { ReadObject } from '../inventory/index.ts';
import { checkKind, explainUnknownField } from './check-kinds.ts';
import type { NamespaceState } from './check-namespace.ts';

export interface CheckContext {
  readonly cluster: Cluster;
  /** Reads objects of the plan. */
  readonly read: ReadObject;
  readonly deployment: DeploymentId;
  readonly namespace: NamespaceState;
  /** All manifests of the plan, for kinds that it makes itself. */
  readonly manifests: readonly Manifest[];
  /** Fields that may be taken from other managers. */
  readonly take: readonly string[];
  /** Takes the warnings of the API server. */
  readonly warn: (text: string) => void;
}

/**
 * Compares one wanted object with the cluster: reads it, checks whose it is, and lets the server
 * say what applying would give. Writes nothing.
 */
export async function checkObject(
  manifest: Manifest,
  context: CheckContext,
): Promise<CheckedObject> {
  const { read, deployment, namespace } = context;
  const desired = withPartOf(manifest, setIdOf(deployment));
  const kind = await checkKind(manifest, context);
  const inAbsentNamespace =
    namespace === 'absent' && manifest.metadata.namespace === deployment.namespace;
  if (kind === 'planned' || inAbsentNamespace) return { desired };
  const live = await read(refOf(manifest));
  if (live !== undefined) checkOwner(live, deployment);
  if (live === undefined)
    return { desired, dryRun: withKeyToCome(await dryRunObject(desired, context)) };
  return { desired, live, ...(await dryRunLive(desired, live, context)) };
}

/** Dry-runs over a live object; takes fields of others when all that conflict were named. */
async function dryRunLive(
  desired: Manifest,
  live: LiveObject,
  context: CheckContext,
): Promise<Pick<CheckedObject, 'dryRun' | 'taken'>> {
  try {
    return { dryRun: withKeyToCome(await dryRunObject(desired, context)) };
  } catch (error) {
    if (!(error instanceof DsdeployError) || error.code !== 'FIELD_CONFLICT') throw error;
    const fields = error.details.flatMap(({ location }) => location ?? []);
    const isComplete = fields.length > 0 && fields.length === error.details.length;
    if (!isComplete || !fields.every((field) => isTaken(field, context.take)))
      throw explainConflict(error, { live, desired });
    const dryRun = withKeyToCome(await dryRunObject(desired, context, { force: true }));
    return { dryRun, taken: fields };
  }
}

/** Adds both values and the choices to a conflict. */
function explainConflict(
  error: DsdeployError,
  objects: { readonly live: Manifest; readonly desired: Manifest },
): DsdeployError {
  const details = error.details.map((detail) => {
    const values =
      detail.location === undefined ? undefined : describeConflict(detail.location, objects);
    const { message } = detail;
    return values === undefined ? detail : { ...detail, message: `${message}; ${values}` };
  });
  const takes = error.details.flatMap(({ location }) =>
    location === undefined ? [] : [`--take '${location}'`],
  );
  return new DsdeployError('FIELD_CONFLICT', error.message, {
    subject: formatRef(refOf(objects.live)),
    details,
    hint: `Take them over with ${takes.join(' ')}, leave them by setting the spec to what the cluster has, or stop and ask the owner.`,
    cause: error,
  });
}

async function dryRunObject(
  desired: Manifest,
  context: CheckContext,
  { force }: { readonly force: boolean } = { force: false },
): Promise<LiveObject> {
  try {
    const { object, warnings } = await context.cluster.apply(desired, { dryRun: true, force });
    for (const warning of warnings) context.warn(`${formatRef(refOf(desired))}: ${warning}`);
    return object;
  } catch (error) {
    throw explainUnknownField(desired, error);
  }
}

function checkOwner(live: LiveObject, deployment: DeploymentId): void {
  const subject = formatRef(refOf(live));
  if (partOf(live) !== setIdOf(deployment)) {
    throw new DsdeployError(
      'OBJECT_NOT_OWNED',
      `Cannot plan ${subject}: it exists and belongs to ${describeOwner(live)}`,
      {
        subject,
        hint: 'Choose another `name` or `namespace` in the spec, or delete that object first.',
      },
    );
  }
  if (live.metadata.deletionTimestamp !== undefined) {
    throw new DsdeployError('OBJECT_TERMINATING', `Cannot plan ${subject}: it is being deleted`, {
      subject,
      hint: 'Wait until it is gone, then plan again.',
    });
  }
}
