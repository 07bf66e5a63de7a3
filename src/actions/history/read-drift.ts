import type { Cluster, LiveObject } from '../../cluster/cluster.ts';
import { DsdeployError } from '../../errors/index.ts';
import { compareRefs, type Manifest, type ObjectRef, refOf } from '../../manifest/index.ts';
import {
  type Autoscaler,
  type CheckedObject,
  type ClusterTarget,
  type DeploymentId,
  type DriftObject,
  findDrift,
  hasReplicas,
  leaveReplicas,
  setIdOf,
  withKeyToCome,
  withPartOf,
} from '../../plan/index.ts';
import type { Host } from '../host.ts';
import {
  compareAtOneVersion,
  createReader,
  forEachBounded,
  type ReadObject,
} from '../inventory/index.ts';
import { readAutoscalers } from '../read-autoscalers.ts';
import { findRevision } from './list-revisions.ts';
import { openRevision } from './revision-object.ts';

/** What is live, held against what was applied last. Plain data. */
export interface Drift {
  readonly apiVersion: 'dsdeploy/v1';
  readonly kind: 'Drift';
  readonly deployment: DeploymentId;
  readonly target: ClusterTarget;
  /** The revision that was applied last, and when. */
  readonly revision: { readonly number: number; readonly recordedAt: string };
  /** In apply order, objects that are the same included. */
  readonly objects: readonly DriftObject[];
}

export interface DriftPorts {
  readonly cluster: Cluster;
  readonly host: Pick<Host, 'notify'>;
}

/** Whether something is not as it was applied, or could not be compared. */
export function hasDrift({ objects }: Drift): boolean {
  return objects.some(({ state }) => state !== 'same');
}

/**
 * Compares every object of the last revision with the live one, by the server's own dry-run. Writes
 * nothing. An object that cannot be compared is told as such, beside the others.
 */
export async function readDrift(deployment: DeploymentId, ports: DriftPorts): Promise<Drift> {
  const { cluster, host } = ports;
  const target = await cluster.readTarget();
  host.notify({ code: 'TARGET', level: 'info', target });
  const { revision } = await findRevision(deployment, (all) => all.at(-1)?.number, ports);
  const { manifests } = openRevision(revision);
  const total = manifests.length;
  const text = `Comparing ${String(total)} objects with revision ${String(revision.number)}`;
  host.notify({ code: 'STEP', level: 'info', text });
  const autoscalers = manifests.some(hasReplicas)
    ? await readAutoscalers(deployment.namespace, cluster)
    : [];
  const refs = manifests.map(refOf);
  const read = createReader(refs, { cluster, members: { setId: setIdOf(deployment), refs } });
  const objects: DriftObject[] = [];
  await forEachBounded(manifests, async (manifest) => {
    const applied = withPartOf(manifest, setIdOf(deployment));
    objects.push(await compare(applied, { cluster, read, autoscalers }));
    host.notify({ code: 'CHECK_PROGRESS', level: 'info', done: objects.length, total });
  });
  return {
    apiVersion: 'dsdeploy/v1',
    kind: 'Drift',
    deployment,
    target,
    revision: { number: revision.number, recordedAt: revision.header.recordedAt },
    objects: objects.toSorted((a, b) => compareRefs(a.ref, b.ref)),
  };
}

interface Answered extends Pick<CheckedObject, 'yields'> {
  readonly live: LiveObject;
  /** What applying everything again would give. */
  readonly dryRun: Manifest;
}

async function compare(
  applied: Manifest,
  {
    cluster,
    read,
    autoscalers,
  }: {
    readonly cluster: Cluster;
    readonly read: ReadObject;
    readonly autoscalers: readonly Autoscaler[];
  },
): Promise<DriftObject> {
  const ref = refOf(applied);
  try {
    if (!(await cluster.supports(ref))) return missing(ref);
    const { live, dryRun, yields } = await compareAtOneVersion(
      async (race): Promise<Partial<Answered>> => {
        const found = race === 0 ? await read(ref) : await cluster.get(ref);
        if (found === undefined) return {};
        const left = leaveReplicas(applied, found, autoscalers);
        // Takes every field: a field that somebody else owns now is what is looked for.
        const { object } = await cluster.apply(left.desired, { dryRun: true, force: true });
        return { ...left, live: found, dryRun: withKeyToCome(object) };
      },
    );
    if (live === undefined || dryRun === undefined) return missing(ref);
    const drift = findDrift(live, dryRun);
    return yields === undefined ? drift : { ...drift, yields };
  } catch (error) {
    if (!(error instanceof DsdeployError) || !aboutObject.has(error.code)) throw error;
    return { ref, state: 'unknown', fields: [], added: [], problem: error.message };
  }
}

function missing(ref: ObjectRef): DriftObject {
  return { ref, state: 'missing', fields: [], added: [] };
}

/** What the server may say about one object; anything else is about the connection or the user. */
const aboutObject: ReadonlySet<string> = new Set([
  'ADMISSION_DENIED',
  'CLUSTER_FORBIDDEN',
  'OBJECT_INVALID',
  'QUOTA_EXCEEDED',
  'WEBHOOK_FAILED',
]);
