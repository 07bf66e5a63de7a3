import type { Manifest, ObjectRef } from '../../manifest/index.ts';
import { refOf } from '../../manifest/index.ts';
import { inventoryRef } from '../inventory/apply-set.ts';
import { lockRef } from '../lock-ref.ts';
import type { DeploymentId } from '../plan.ts';
import { isClusterScoped, type RbacResource, resourceOf } from './rbac-resource.ts';

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'patch' | 'delete';

/**
 * What a right is for. `plan` and `apply` cannot work without theirs; without those of `prune`, `health`
 * and `destroy` these end early; without those of `explain` an answer is `unknown` or comes without cause.
 */
export type Purpose = 'plan' | 'apply' | 'prune' | 'health' | 'destroy' | 'explain';

/** The roles that are printed. Each stands alone: bind one of them. */
export const accessRoles = ['view-plan', 'apply', 'destroy'] as const;

export type AccessRole = (typeof accessRoles)[number];

const purposesByRole: Readonly<Record<AccessRole, readonly Purpose[]>> = {
  'view-plan': ['plan', 'health', 'explain'],
  apply: ['plan', 'apply', 'prune', 'health', 'explain'],
  destroy: ['destroy'],
};

/** One right: verbs on a resource, or on named objects of it. */
export interface AccessRule extends RbacResource {
  readonly verbs: readonly Verb[];
  /** Absent for rights over the whole cluster. */
  readonly namespace?: string;
  /** @default - every object of the resource */
  readonly names?: readonly string[];
  readonly purpose: Purpose;
}

export interface AccessInput {
  readonly deployment: DeploymentId;
  readonly manifests: readonly Manifest[];
  /** Whether the namespace is made and removed by dsdeploy. */
  readonly createNamespace: boolean;
  /** Objects of others that are read for preflight and health, by name. */
  readonly referred: readonly ObjectRef[];
  /** Secret with the API key, which health asks with. */
  readonly keySecret?: string;
  /** Kinds looked for before a namespace is deleted with all that is in it. */
  readonly namespaceKinds: readonly { readonly apiVersion: string; readonly kind: string }[];
}

/**
 * Every right that plan, apply, health and destroy of a deployment need; no wildcards.
 *
 * A dry-run needs the verbs of the write it stands for, so a plan needs `create` and `patch`. Server-side
 * apply asks for `create` too when the object is new. Secrets and objects outside namespaces are named;
 * for the other kinds a right holds in the whole namespace, because names come and go with the spec.
 */
export function accessRules(input: AccessInput): AccessRule[] {
  return [
    ...objectRules(input),
    ...inventoryRules(input),
    ...lockRules(input),
    ...healthRules(input),
    ...explainRules(input),
    ...destroyRules(input),
  ];
}

/** The rights of one role. */
export function rulesOfRole(rules: readonly AccessRule[], role: AccessRole): AccessRule[] {
  return rules.filter(({ purpose }) => purposesByRole[role].includes(purpose));
}

function objectRules({ manifests, deployment }: AccessInput): AccessRule[] {
  return groupByKind(manifests.map(refOf)).flatMap(({ kind, refs, names }): AccessRule[] => {
    const scope = isClusterScoped(kind) ? {} : { namespace: deployment.namespace };
    const named = isClusterScoped(kind) || kind === 'Secret' ? { names } : {};
    const rule = { ...resourceOf(refs), ...scope, ...named };
    const writes = ['get', 'create', 'patch'] as const;
    // A namespace goes with `destroy` only, a namespaced object with any change of the spec.
    return [
      { ...rule, verbs: writes, purpose: 'plan' },
      { ...rule, verbs: writes, purpose: 'apply' },
      ...(isClusterScoped(kind) ? [] : [{ ...rule, verbs: ['delete'], purpose: 'prune' } as const]),
      { ...rule, verbs: ['get', 'delete'], purpose: 'destroy' },
    ];
  });
}

function inventoryRules({ deployment, createNamespace }: AccessInput): AccessRule[] {
  const { namespace } = deployment;
  const inventory = { ...resourceOf(inventoryRef(deployment)), namespace };
  // The identity of the cluster, so that a plan is never applied to another one.
  const identity = { group: '', resource: 'namespaces', names: ['kube-system'] };
  const own = { group: '', resource: 'namespaces', names: [namespace] };
  return [
    { ...inventory, verbs: ['get'], purpose: 'plan' },
    { ...inventory, verbs: ['get', 'create', 'patch'], purpose: 'apply' },
    { ...inventory, verbs: ['get', 'list', 'patch', 'delete'], purpose: 'destroy' },
    // The history: revisions are found by label, and the oldest go.
    { ...inventory, verbs: ['list'], purpose: 'explain' },
    { ...inventory, verbs: ['delete'], purpose: 'prune' },
    { ...identity, verbs: ['get'], purpose: 'explain' },
    ...(createNamespace
      ? [
          { ...identity, verbs: ['get'], purpose: 'destroy' } as const,
          { ...own, verbs: ['get'], purpose: 'destroy' } as const,
        ]
      : [{ ...own, verbs: ['get'], purpose: 'explain' } as const]),
  ];
}

/** The Lease is made by the write that claims it, so that its name can be given. */
function lockRules({ deployment }: AccessInput): AccessRule[] {
  const ref = lockRef(deployment);
  const { namespace } = deployment;
  const lease = { ...resourceOf(ref), namespace, names: [ref.name] };
  const verbs = ['get', 'create', 'patch', 'delete'] as const;
  return [
    { ...lease, verbs, purpose: 'apply' },
    { ...lease, verbs, purpose: 'destroy' },
  ];
}

function healthRules({ deployment, keySecret }: AccessInput): AccessRule[] {
  const { namespace } = deployment;
  const lws = { group: 'leaderworkerset.x-k8s.io', resource: 'leaderworkersets', namespace };
  const secret =
    keySecret === undefined
      ? []
      : [{ group: '', resource: 'secrets', namespace, names: [keySecret] }];
  return [
    { ...lws, verbs: ['get', 'list', 'watch'], purpose: 'health' },
    { group: '', resource: 'pods', namespace, verbs: ['get', 'list', 'watch'], purpose: 'health' },
    {
      group: 'discovery.k8s.io',
      resource: 'endpointslices',
      namespace,
      verbs: ['list'],
      purpose: 'health',
    },
    {
      group: 'networking.k8s.io',
      resource: 'networkpolicies',
      namespace,
      verbs: ['list'],
      purpose: 'health',
    },
    // A WebSocket is opened with GET and since Kubernetes 1.35 needs `create` as well.
    {
      group: '',
      resource: 'pods/portforward',
      namespace,
      verbs: ['get', 'create'],
      purpose: 'health',
    },
    ...secret.map((rule) => ({ ...rule, verbs: ['get'], purpose: 'health' }) as const),
    { group: '', resource: 'pods/log', namespace, verbs: ['get'], purpose: 'explain' },
    { group: '', resource: 'events', namespace, verbs: ['list'], purpose: 'explain' },
  ];
}

function explainRules({ deployment, referred }: AccessInput): AccessRule[] {
  const { namespace } = deployment;
  const lists = ['resourcequotas', 'limitranges'];
  return [
    ...lists.map(
      (resource): AccessRule => ({
        group: '',
        resource,
        namespace,
        verbs: ['list'],
        purpose: 'explain',
      }),
    ),
    // Without it, an autoscaler is known only once it has scaled.
    {
      group: 'autoscaling',
      resource: 'horizontalpodautoscalers',
      namespace,
      verbs: ['list'],
      purpose: 'explain',
    },
    { group: '', resource: 'nodes', verbs: ['get', 'list'], purpose: 'explain' },
    // Requests of the pods of others are what is missing from the free devices of a node.
    { group: '', resource: 'pods', verbs: ['list'], purpose: 'explain' },
    ...groupByKind(referred).map(({ refs, names }): AccessRule => {
      const scope = refs.namespace === undefined ? {} : { namespace: refs.namespace };
      return { ...resourceOf(refs), ...scope, names, verbs: ['get'], purpose: 'explain' };
    }),
  ];
}

function destroyRules({ deployment, createNamespace, namespaceKinds }: AccessInput): AccessRule[] {
  if (!createNamespace) return [];
  const { namespace } = deployment;
  return namespaceKinds.map((kind): AccessRule => {
    return { ...resourceOf(kind), namespace, verbs: ['list'], purpose: 'destroy' };
  });
}

interface KindGroup {
  readonly kind: string;
  /** One object of the group, for its kind and namespace. */
  readonly refs: ObjectRef;
  readonly names: readonly string[];
}

function groupByKind(refs: readonly ObjectRef[]): KindGroup[] {
  const groups = Map.groupBy(refs, ({ apiVersion, kind, namespace }) =>
    [apiVersion, kind, namespace ?? ''].join('|'),
  );
  return [...groups.values()].flatMap((members) => {
    const [first] = members;
    if (first === undefined) return [];
    const names = [...new Set(members.map(({ name }) => name))].toSorted();
    return [{ kind: first.kind, refs: first, names }];
  });
}
