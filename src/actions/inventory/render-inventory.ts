import packageJson from '../../../package.json' with { type: 'json' };
import { groupOf, type Manifest } from '../../manifest/index.ts';
import {
  applySetNames,
  type DeploymentId,
  fieldManager,
  type InventoryEntry,
  inventoryRef,
  mergeEntries,
  setIdOf,
} from '../../plan/index.ts';

/** Renders the ConfigMap that records what belongs to a deployment, as an ApplySet parent. */
export function renderInventory(
  deployment: DeploymentId,
  entries: readonly InventoryEntry[],
): Manifest {
  const { name, namespace } = deployment;
  const ref = inventoryRef(deployment);
  const sorted = mergeEntries(entries);
  const namespaces = sorted.map((entry) => entry.namespace ?? namespace);
  return {
    apiVersion: ref.apiVersion,
    kind: ref.kind,
    metadata: {
      name: ref.name,
      namespace,
      labels: {
        'app.kubernetes.io/instance': name,
        'app.kubernetes.io/managed-by': fieldManager,
        [applySetNames.id]: setIdOf(deployment),
      },
      annotations: {
        [applySetNames.tooling]: `${fieldManager}/${packageJson.version}`,
        [applySetNames.containsGroupKinds]: joinSorted(sorted.map(groupKindOf)),
        [applySetNames.additionalNamespaces]: joinSorted(
          namespaces.filter((other) => other !== namespace),
        ),
      },
    },
    data: { inventory: JSON.stringify(sorted) },
  };
}

/** `Kind.group`, or `Kind` alone for the core group. */
function groupKindOf({ kind, apiVersion }: InventoryEntry): string {
  const group = groupOf(apiVersion);
  return group === '' ? kind : `${kind}.${group}`;
}

function joinSorted(values: readonly string[]): string {
  return [...new Set(values)].toSorted().join(',');
}
