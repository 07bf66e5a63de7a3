/** How the items of a list are told apart, as in OpenAPI's `x-kubernetes-list-type`. */
export type ListRule =
  | { readonly kind: 'map'; readonly keys: readonly string[] }
  | { readonly kind: 'set' }
  | { readonly kind: 'atomic' };

/** Knows the rule of a list by the names of the fields that lead to it, list items left out. */
export interface ListRules {
  find(names: readonly string[]): ListRule | undefined;
}

/** Rules by dotted field names, such as `containers.ports`; the longest suffix of a path wins. */
export function tableOfRules(table: ReadonlyMap<string, ListRule>): ListRules {
  return {
    find: (names) => {
      for (let start = 0; start < names.length; start += 1) {
        const rule = table.get(names.slice(start).join('.'));
        if (rule !== undefined) return rule;
      }
      return undefined;
    },
  };
}

const byName: ListRule = { kind: 'map', keys: ['name'] };
const containerPorts: ListRule = { kind: 'map', keys: ['containerPort', 'protocol'] };
const set: ListRule = { kind: 'set' };
const atomic: ListRule = { kind: 'atomic' };

/**
 * List types of the built-in kinds that dsdeploy renders, and of pod templates inside custom
 * resources. A test compares them with what a real API server says of every kind that is rendered.
 *
 * @source Kubernetes 1.36 OpenAPI, `x-kubernetes-list-map-keys` and `x-kubernetes-list-type`
 */
const defaultTable: ReadonlyMap<string, ListRule> = new Map<string, ListRule>([
  ['containers', byName],
  ['initContainers', byName],
  ['ephemeralContainers', byName],
  ['containers.ports', containerPorts],
  ['initContainers.ports', containerPorts],
  ['ephemeralContainers.ports', containerPorts],
  ['env', byName],
  ['volumes', byName],
  ['volumeMounts', { kind: 'map', keys: ['mountPath'] }],
  ['volumeDevices', { kind: 'map', keys: ['devicePath'] }],
  ['resourceClaims', byName],
  ['resources.claims', byName],
  // Of a pod; those of a ServiceAccount are one value.
  ['spec.imagePullSecrets', byName],
  ['imagePullSecrets', atomic],
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
  ['spec.finalizers', atomic],
  ['conditions', { kind: 'map', keys: ['type'] }],
  ['args', atomic],
  ['command', atomic],
]);

/** The rules where no server is at hand, and for lists whose schema does not tell. */
export const defaultListRules: ListRules = tableOfRules(defaultTable);
