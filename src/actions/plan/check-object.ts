import type { Cluster, LiveObject } from '../../cluster/cluster.ts';
import { type Manifest, refOf } from '../../manifest/index.ts';
import {
  type Autoscaler,
  type CheckedObject,
  type DeploymentId,
  leaveReplicas,
  setIdOf,
  withPartOf,
} from '../../plan/index.ts';
import { compareAtOneVersion, type ReadObject } from '../inventory/index.ts';
import { checkKind } from './check-kinds.ts';
import type { NamespaceState } from './check-namespace.ts';
import { checkOwner } from './check-owner.ts';
import { dryRunAdoption, dryRunLive, dryRunNew } from './dry-run.ts';

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
  /** Objects of others that may be taken into the deployment. */
  readonly adopt: readonly string[];
  /** Autoscalers of the namespace. */
  readonly autoscalers: readonly Autoscaler[];
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
  const { cluster, read, deployment, namespace } = context;
  const desired = withPartOf(manifest, setIdOf(deployment));
  const kind = await checkKind(manifest, context);
  const inAbsentNamespace =
    namespace === 'absent' && manifest.metadata.namespace === deployment.namespace;
  if (kind === 'planned' || inAbsentNamespace) return { desired };
  const ref = refOf(manifest);
  return compareAtOneVersion(async (race) =>
    compareObject(desired, race === 0 ? await read(ref) : await cluster.get(ref), context),
  );
}

async function compareObject(
  desired: Manifest,
  live: LiveObject | undefined,
  context: CheckContext,
): Promise<CheckedObject> {
  if (live === undefined) return { desired, dryRun: await dryRunNew(desired, context) };
  const adoption = checkOwner(live, context);
  const left = leaveReplicas(desired, live, context.autoscalers);
  const answer =
    adoption === undefined
      ? dryRunLive({ desired: left.desired, live }, context)
      : dryRunAdoption({ desired: left.desired, live }, adoption, context);
  return { ...left, live, ...(await answer) };
}
