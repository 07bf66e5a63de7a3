import type { Manifest } from '../../manifest/index.ts';
import type { DeploymentId } from '../plan.ts';
import { type AccessRole, type AccessRule, rulesOfRole, type Verb } from './rbac.ts';

/** Who gets a role. */
export interface RbacSubject {
  readonly kind: 'User' | 'Group' | 'ServiceAccount';
  readonly name: string;
  /** Of a service account. */
  readonly namespace?: string;
}

export interface RbacOptions {
  readonly deployment: DeploymentId;
  readonly role: AccessRole;
  readonly subject: RbacSubject;
  /**
   * Whether the namespace exists when the role is bound. A Role cannot be made in a namespace that is
   * not there, so without it the rights are given in every namespace.
   */
  readonly namespaceExists: boolean;
}

const verbOrder: readonly Verb[] = ['get', 'list', 'watch', 'create', 'patch', 'delete'];

/** Renders one role as a Role per namespace and a ClusterRole, each with its binding. */
export function renderRole(rules: readonly AccessRule[], options: RbacOptions): Manifest[] {
  const { deployment, role, subject, namespaceExists } = options;
  const wanted = rulesOfRole(rules, role).map((rule) =>
    namespaceExists || rule.namespace !== deployment.namespace ? rule : withoutNamespace(rule),
  );
  const scopes = Map.groupBy(wanted, ({ namespace }) => namespace);
  return [...scopes]
    .toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1))
    .flatMap(([namespace, members]) => {
      const name =
        namespace === undefined
          ? `dsdeploy:${deployment.namespace}:${deployment.name}:${role}`
          : `dsdeploy-${deployment.name}-${role}`;
      const metadata = namespace === undefined ? { name } : { name, namespace };
      const kind = namespace === undefined ? 'ClusterRole' : 'Role';
      const apiVersion = 'rbac.authorization.k8s.io/v1';
      const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind, name };
      return [
        { apiVersion, kind, metadata, rules: mergeRules(members) },
        { apiVersion, kind: `${kind}Binding`, metadata, roleRef, subjects: [toSubject(subject)] },
      ];
    });
}

function withoutNamespace({ group, resource, verbs, names, purpose }: AccessRule): AccessRule {
  return { group, resource, verbs, purpose, ...(names === undefined ? {} : { names }) };
}

function toSubject({ kind, name, namespace }: RbacSubject): Manifest[string] {
  if (kind === 'ServiceAccount') return { kind, name, namespace: namespace ?? 'default' };
  return { apiGroup: 'rbac.authorization.k8s.io', kind, name };
}

interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly Verb[];
}

/** One rule per resource and set of verbs, without what another rule gives for all names already. */
function mergeRules(rules: readonly AccessRule[]): PolicyRule[] {
  const byResource = Map.groupBy(rules, ({ group, resource }) => `${group}|${resource}`);
  return [...byResource]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, members]) => {
      const [group = '', resource = ''] = key.split('|');
      const everywhere = new Set(
        members.filter(({ names }) => names === undefined).flatMap(({ verbs }) => verbs),
      );
      const base = { apiGroups: [group], resources: [resource] };
      const whole = everywhere.size === 0 ? [] : [{ ...base, verbs: sortVerbs(everywhere) }];
      return [...whole, ...namedRules(members, everywhere).map((rule) => ({ ...base, ...rule }))];
    });
}

function namedRules(
  members: readonly AccessRule[],
  everywhere: ReadonlySet<Verb>,
): { readonly resourceNames: readonly string[]; readonly verbs: readonly Verb[] }[] {
  const verbsByName = new Map<string, Set<Verb>>();
  for (const { names = [], verbs } of members) {
    for (const name of names) {
      const known = verbsByName.get(name) ?? new Set();
      for (const verb of verbs) if (!everywhere.has(verb)) known.add(verb);
      verbsByName.set(name, known);
    }
  }
  const byVerbs = Map.groupBy(verbsByName, ([, verbs]) => sortVerbs(verbs).join(','));
  return [...byVerbs]
    .filter(([verbs]) => verbs !== '')
    .map(([, entries]) => ({
      resourceNames: entries.map(([name]) => name).toSorted(),
      verbs: sortVerbs(entries[0]?.[1] ?? new Set()),
    }));
}

function sortVerbs(verbs: ReadonlySet<Verb>): Verb[] {
  return verbOrder.filter((verb) => verbs.has(verb));
}
