import { groupOf } from '../../manifest/index.ts';

/** A resource as authorisation knows it. */
export interface RbacResource {
  /** API group; empty for the core group. */
  readonly group: string;
  /** Plural name, with the subresource: `pods/log`. */
  readonly resource: string;
}

/** Plurals that are not the kind in lower case plus `s`. */
const irregular: ReadonlyMap<string, string> = new Map([
  ['NetworkPolicy', 'networkpolicies'],
  ['Ingress', 'ingresses'],
  ['StorageClass', 'storageclasses'],
  ['PriorityClass', 'priorityclasses'],
  ['RuntimeClass', 'runtimeclasses'],
  ['Endpoints', 'endpoints'],
]);

const clusterScoped: ReadonlySet<string> = new Set([
  'Namespace',
  'Node',
  'PersistentVolume',
  'ClusterRole',
  'ClusterRoleBinding',
  'CustomResourceDefinition',
  'PriorityClass',
  'RuntimeClass',
  'StorageClass',
  'ValidatingWebhookConfiguration',
]);

/**
 * Names the resource of a kind without asking a server: RBAC is printed offline. Kinds with an
 * irregular plural have to be in the table.
 */
export function resourceOf({
  apiVersion,
  kind,
}: {
  readonly apiVersion: string;
  readonly kind: string;
}): RbacResource {
  return { group: groupOf(apiVersion), resource: irregular.get(kind) ?? `${kind.toLowerCase()}s` };
}

/** Whether objects of a kind live outside namespaces. */
export function isClusterScoped(kind: string): boolean {
  return clusterScoped.has(kind);
}

/** The name kubectl takes: `leaderworkersets.leaderworkerset.x-k8s.io`, `pods`. */
export function formatResource({ group, resource }: RbacResource): string {
  const [name = '', subresource] = resource.split('/');
  const full = group === '' ? name : `${name}.${group}`;
  return subresource === undefined ? full : `${full}/${subresource}`;
}
