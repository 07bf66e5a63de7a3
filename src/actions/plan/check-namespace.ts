import type { Cluster, LiveObject } from '../../cluster/cluster.ts';
import { DsdeployError } from '../../errors/index.ts';
import { formatRef, type ObjectRef } from '../../manifest/index.ts';
import { type DeploymentId, isAdopted, judgeAdoption, partOf, setIdOf } from '../../plan/index.ts';

/** What the plan has to know about the namespace before it looks at anything in it. */
export type NamespaceState = 'present' | 'absent';

export interface NamespaceRequest {
  readonly deployment: DeploymentId;
  readonly createNamespace: boolean;
  /** @default - none */
  readonly adopt?: readonly string[];
}

/** Reads the namespace and refuses one that is somebody else's, going away, or missing. */
export async function checkNamespace(
  { deployment, createNamespace, adopt = [] }: NamespaceRequest,
  { cluster }: { readonly cluster: Cluster },
): Promise<NamespaceState> {
  const ref: ObjectRef = { apiVersion: 'v1', kind: 'Namespace', name: deployment.namespace };
  const live = await readNamespace(ref, { cluster, createNamespace });
  if (live === 'unreadable') return 'present';
  if (live === undefined) {
    if (createNamespace) return 'absent';
    throw missing(ref);
  }
  if (live.metadata.deletionTimestamp !== undefined) throw terminating(ref);
  if (createNamespace && partOf(live) !== setIdOf(deployment) && !isAdopted(ref, adopt))
    throw notOwned(ref, live);
  return 'present';
}

/** A user of one namespace may often not read the Namespace object; then it has to be there. */
async function readNamespace(
  ref: ObjectRef,
  { cluster, createNamespace }: { readonly cluster: Cluster; readonly createNamespace: boolean },
): Promise<LiveObject | undefined | 'unreadable'> {
  try {
    return await cluster.get(ref);
  } catch (error) {
    const forbidden = error instanceof DsdeployError && error.code === 'CLUSTER_FORBIDDEN';
    if (forbidden && !createNamespace) return 'unreadable';
    throw error;
  }
}

function missing(ref: ObjectRef): DsdeployError {
  return new DsdeployError(
    'NAMESPACE_MISSING',
    `Cannot plan for namespace "${ref.name}": it does not exist and \`createNamespace\` is false`,
    {
      subject: formatRef(ref),
      hint: `Run \`kubectl create namespace ${ref.name}\`, or set \`createNamespace: true\`.`,
    },
  );
}

function terminating(ref: ObjectRef): DsdeployError {
  return new DsdeployError(
    'NAMESPACE_TERMINATING',
    `Cannot plan for namespace "${ref.name}": it is being deleted`,
    {
      subject: formatRef(ref),
      hint: `Wait until \`kubectl get namespace ${ref.name}\` says NotFound.`,
    },
  );
}

function notOwned(ref: ObjectRef, live: LiveObject): DsdeployError {
  const judged = judgeAdoption(live);
  const reason = judged.kind === 'refused' ? judged.reason : `belongs to ${judged.adoption.from}`;
  const asItIs = 'Set `createNamespace: false` to deploy into it as it is';
  return new DsdeployError(
    'NAMESPACE_NOT_OWNED',
    `Cannot make namespace "${ref.name}": it exists and ${reason}`,
    {
      subject: formatRef(ref),
      hint:
        judged.kind === 'refused'
          ? `${asItIs}, or choose another \`namespace\`.`
          : `${asItIs}, take it into the deployment with \`--adopt ${formatRef(ref)}\`, or choose another \`namespace\`.`,
    },
  );
}
