import type { Cluster, LiveObject } from '../../cluster/cluster.ts';
import { DsdeployError } from '../../errors/index.ts';
import { formatRef, type Manifest, refOf } from '../../manifest/index.ts';
import {
  type CheckedObject,
  type DeploymentId,
  describeOwner,
  partOf,
  setIdOf,
  withKeyToCome,
  withPartOf,
} from '../../plan/index.ts';
import { checkKind, explainUnknownField } from './check-kinds.ts';
import type { NamespaceState } from './check-namespace.ts';

export interface CheckContext {
  readonly cluster: Cluster;
  readonly deployment: DeploymentId;
  readonly namespace: NamespaceState;
  /** All manifests of the plan, for kinds that it makes itself. */
  readonly manifests: readonly Manifest[];
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
  const { cluster, deployment, namespace } = context;
  const desired = withPartOf(manifest, setIdOf(deployment));
  const kind = await checkKind(manifest, context);
  const inAbsentNamespace =
    namespace === 'absent' && manifest.metadata.namespace === deployment.namespace;
  if (kind === 'planned' || inAbsentNamespace) return { desired };
  const live = await cluster.get(refOf(manifest));
  if (live !== undefined) checkOwner(live, deployment);
  const dryRun = withKeyToCome(await dryRunObject(desired, context));
  return { desired, dryRun, ...(live === undefined ? {} : { live }) };
}

async function dryRunObject(desired: Manifest, context: CheckContext): Promise<LiveObject> {
  try {
    const { object, warnings } = await context.cluster.apply(desired, {
      dryRun: true,
      force: false,
    });
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
