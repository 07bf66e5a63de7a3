/** How the items of a list are told apart, as in OpenAPI's `x-kubernetes-list-type`. */
export type ListRule =
  | { readonly kind: 'map'; readonly keys: readonly string[] }
  | { readonly kind: 'set' }
  | { readonly kind: 'atomic' };

/**
 * Rules by dotted field names without list items, such as `containers.ports`. The longest suffix of
 * a field's path wins, so that a full path read from OpenAPI beats an entry of the default table.
 */
export type ListRules = ReadonlyMap<string, ListRule>;

const byName: ListRule = { kind: 'map', keys: ['name'] };
const containerPorts: ListRule = { kind: 'map', keys: ['containerPort', 'protocol'] };
const set: ListRule = { kind: 'set' };
const atomic: ListRule = { kind: 'atomic' };

/**
 * List types of the built-in kinds that dsdeploy renders, and of pod templates inside custom
 * resources.
 *
 * @source Kubernetes 1.36 OpenAPI, `x-kubernetes-list-map-keys` and `x-kubernetes-list-type`
 */
export const defaultListRules: ListRules = new Map<string, ListRule>([
  ['containers', byName],
  ['initContainers', byName],
  ['ephemeralContainers', byName],
  ['containers.ports', containerPorts],
  ['initContainers.ports', containerPorts],
  ['env', byName],
  ['volumes', byName],
  ['volumeMounts', { kind: 'map', keys: ['mountPath'] }],
  ['volumeDevices', { kind: 'map', keys: ['devicePath'] }],
  ['resourceClaims', byName],
  ['resources.claims', byName],
  ['imagePullSecrets', byName],
  ['secrets', byName],
  ['hostAliases', { kind: 'map', keys: ['ip'] }],
  ['schedulingGates', byName],
  ['topologySpreadConstraints', { kind: 'map', keys: ['topologyKey', 'whenUnsatisfiable'] }],
  ['tolerations', atomic],
  ['spec.ports', { kind: 'map', keys: ['port', 'protocol'] }],
  ['ingress.ports', atomic],
  ['egress.ports', atomic],
  ['ownerReferences', { kind: 'map', keys: ['uid'] }],
  ['finalizers', set],
  ['args', atomic],
  ['command', atomic],
]);

/** Finds the rule for a list, by the names of the fields that lead to it. */
export function findListRule(rules: ListRules, names: readonly string[]): ListRule | undefined {
  for (let start = 0; start < names.length; start += 1) {
    const rule = rules.get(names.slice(start).join('.'));
    if (rule !== undefined) return rule;
  }
  return undefined;
}
