import type { Cluster } from '../../cluster/cluster.ts';
import type { DsdeployError } from '../../errors/index.ts';
import { formatRef, identityOf, type Manifest, refOf } from '../../manifest/index.ts';
import {
  buildOfflinePlan,
  buildPlan,
  type CheckedObject,
  type DeploymentId,
  findLostFields,
  hasReplicas,
  type InventoryEntry,
  type Orphan,
  type Plan,
  type RecordedInventory,
  setIdOf,
} from '../../plan/index.ts';
import type { Host } from '../host.ts';
import { createReader, forEachBounded, readInventory } from '../inventory/index.ts';
import { readAutoscalers } from '../read-autoscalers.ts';
import { checkManifests } from './check-manifests.ts';
import { checkNamespace } from './check-namespace.ts';
import { checkObject } from './check-object.ts';
import { checkAdopt } from './check-owner.ts';
import { planForgetting } from './forget-release.ts';
import { checkBySchema } from './object-schemas.ts';
import { collectProblems, throwProblems } from './problems.ts';
import { readOrphan } from './read-orphan.ts';
import { leaveOutUnserved } from './unserved-kinds.ts';

export interface PlanRequest {
  readonly deployment: DeploymentId;
  readonly manifests: readonly Manifest[];
  /** Whether the namespace is one of the manifests. */
  readonly createNamespace: boolean;
  /**
   * Fields that may be taken from other managers, as a conflict names them: `.spec.replicas`.
   *
   * @default - none
   */
  readonly take?: readonly string[];
  /**
   * Objects of others that become ours: `all`, or `Kind/name` each.
   *
   * @default - none
   */
  readonly adopt?: readonly string[];
  /**
   * Helm releases whose record goes, because all that lives of them is ours by then.
   *
   * @default - none
   */
  readonly forgetReleases?: readonly string[];
  /** Seconds one group needs to load, by the name of its LeaderWorkerSet. */
  readonly loadSeconds?: Readonly<Record<string, number>>;
}

export interface PlanPorts {
  readonly cluster: Cluster;
  readonly host: Host;
}

/**
 * Plans the changes that make a cluster equal to the manifests. Reads and dry-runs, writes nothing;
 * every problem of every object is in the one error it throws.
 */
export async function planDeployment(wanted: PlanRequest, ports: PlanPorts): Promise<Plan> {
  const { deployment } = wanted;
  checkManifests(deployment, wanted.manifests);
  checkAdopt(wanted.adopt ?? [], wanted.manifests);
  const target = await ports.cluster.readTarget();
  ports.host.notify({ code: 'TARGET', level: 'info', target });
  const { manifests, warnings: leftOut } = await leaveOutUnserved(wanted.manifests, ports.cluster);
  const request = { ...wanted, manifests };
  const problems: DsdeployError[] = [];
  const warnings: string[] = [...leftOut];
  const namespace = await checkNamespace(request, ports);
  const inventory: RecordedInventory =
    namespace === 'absent' ? { entries: [] } : await readInventory(deployment, ports);
  const objects = await checkObjects(request, ports, {
    namespace,
    recorded: inventory.entries,
    problems,
    warn: (text) => warnings.push(text),
  });
  const orphans = await readOrphans(findOrphans(inventory, manifests), ports.cluster);
  throwProblems(deployment.name, problems);
  const { loadSeconds, forgetReleases: releases = [] } = request;
  const forgotten = await planForgetting(
    { deployment, releases, wanted: manifests.map(refOf) },
    { cluster: ports.cluster, warn: (text) => warnings.push(text) },
  );
  return buildPlan({
    deployment,
    target,
    objects,
    orphans,
    inventory,
    warnings: warnings.toSorted(),
    forgotten,
    ...(loadSeconds === undefined ? {} : { loadSeconds }),
  });
}

/** Plans without a cluster: what would be applied to an empty one, checked by nobody. */
export function planOffline({
  deployment,
  manifests,
}: Pick<PlanRequest, 'deployment' | 'manifests'>): Plan {
  checkManifests(deployment, manifests);
  return buildOfflinePlan(deployment, manifests);
}

interface CheckState {
  readonly namespace: 'present' | 'absent';
  /** What the inventory says is there. */
  readonly recorded: readonly InventoryEntry[];
  readonly problems: DsdeployError[];
  readonly warn: (text: string) => void;
}

async function checkObjects(
  { deployment, manifests, take = [], adopt = [] }: PlanRequest,
  { cluster, host }: PlanPorts,
  { namespace, recorded, problems, warn }: CheckState,
): Promise<CheckedObject[]> {
  const total = manifests.length;
  host.notify({
    code: 'STEP',
    level: 'info',
    text: `Checking ${String(total)} objects against the cluster`,
  });
  const autoscalers =
    namespace === 'absent' || !manifests.some(hasReplicas)
      ? []
      : await readAutoscalers(deployment.namespace, cluster);
  const members = { setId: setIdOf(deployment), refs: recorded };
  const read = createReader(manifests.map(refOf), { cluster, members });
  const objects: CheckedObject[] = [];
  let done = 0;
  await forEachBounded(manifests, async (manifest) => {
    const checked = await collectProblems(problems, async () =>
      checkBySchema(
        await checkObject(manifest, {
          cluster,
          read,
          deployment,
          namespace,
          manifests,
          take,
          adopt,
          autoscalers,
          warn,
        }),
        { cluster, manifests },
      ),
    );
    if (checked !== undefined) {
      warnOfLostFields(checked, warn);
      objects.push(checked);
    }
    done += 1;
    host.notify({ code: 'CHECK_PROGRESS', level: 'info', done, total });
  });
  return objects;
}

/** What the server drops without a word would be missed only once the deployment runs. */
function warnOfLostFields({ desired, dryRun }: CheckedObject, warn: CheckState['warn']): void {
  if (dryRun === undefined) return;
  const lost = findLostFields(desired, dryRun);
  if (lost.length === 0) return;
  const ref = formatRef(refOf(desired));
  warn(`${ref}: the server drops ${lost.join(', ')}; a feature gate or a webhook there may be why`);
}

/** Entries of the inventory that no manifest stands for; an API version may have moved. */
function findOrphans(
  { entries }: RecordedInventory,
  manifests: readonly Manifest[],
): InventoryEntry[] {
  const wanted = new Set(manifests.map((manifest) => identityOf(refOf(manifest))));
  return entries.filter((entry) => !wanted.has(identityOf(entry)));
}

async function readOrphans(
  entries: readonly InventoryEntry[],
  cluster: Cluster,
): Promise<Orphan[]> {
  const orphans: Orphan[] = [];
  await forEachBounded(entries, async (entry) => {
    orphans.push(await readOrphan(entry, cluster));
  });
  return orphans;
}
