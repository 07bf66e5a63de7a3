import type { Manifest } from '../../manifest/index.ts';
import { applySetNames, partOf } from '../inventory/apply-set.ts';
import type { InventoryEntry } from '../inventory/inventory-entry.ts';
import type { ObservedObject } from '../observed-object.ts';
import { managedFieldsOf } from './managed-fields.ts';

/** Our field manager; never derived from the name of the program, which users may change. */
export const fieldManager = 'dsdeploy';

/** What may be done with an object that is in the inventory but not wanted any more. */
export type Judgement =
  | { readonly verdict: 'gone' }
  | { readonly verdict: 'delete' }
  | {
      readonly verdict: 'retain';
      readonly reason: string;
      /** Whether the inventory stops listing it, because it is not ours. */
      readonly forget: boolean;
    };

export interface JudgeOptions {
  readonly setId: string;
  /** Whether kinds that hold data may be deleted. */
  readonly includeVolumes: boolean;
}

/** Kinds whose deletion loses data or takes objects of others along. */
const dataKinds: ReadonlyMap<string, string> = new Map([
  ['PersistentVolumeClaim', 'it holds data; delete it with `dsdeploy destroy --include-volumes`'],
  ['CustomResourceDefinition', 'deleting it would delete every object of its kind'],
]);

/**
 * Decides whether an object may be deleted: the inventory, the label and the UID have to agree.
 *
 * An entry without UID was written by a run that was interrupted; the object then counts as ours
 * only if our field manager set the label, which a label copied by hand does not have.
 */
export function judgeMember(
  entry: InventoryEntry,
  live: ObservedObject | undefined,
  { setId, includeVolumes }: JudgeOptions,
): Judgement {
  if (live === undefined) return { verdict: 'gone' };
  const owner = partOf(live);
  if (owner !== setId) {
    const reason = `it has lost our label; it belongs to ${describeOwner(live)}`;
    return { verdict: 'retain', reason, forget: true };
  }
  if (entry.uid === '' ? !labelledByUs(live) : entry.uid !== live.metadata.uid) {
    const reason = 'somebody deleted it and made it again, so it is not the object we made';
    return { verdict: 'retain', reason, forget: false };
  }
  const [controller] = ownerNames(live);
  if (controller !== undefined)
    return { verdict: 'retain', reason: `it is owned by ${controller}`, forget: false };
  const held = dataKinds.get(live.kind);
  if (held === undefined || (includeVolumes && live.kind === 'PersistentVolumeClaim'))
    return { verdict: 'delete' };
  return { verdict: 'retain', reason: held, forget: false };
}

/** Names who an object belongs to, from its labels and field managers. */
export function describeOwner(object: Manifest): string {
  const { labels = {}, annotations = {} } = object.metadata;
  const setId = labels[applySetNames.partOf];
  const release = annotations['meta.helm.sh/release-name'];
  const managedBy = labels['app.kubernetes.io/managed-by'];
  const managers = [...new Set(managedFieldsOf(object).map(({ manager }) => manager))];
  if (setId !== undefined) return `the set ${setId}`;
  if (release !== undefined) return `the Helm release ${release}`;
  if (managedBy !== undefined && managedBy !== fieldManager) return managedBy;
  return managers.length === 0 ? 'nobody we can name' : managers.join(', ');
}

/** Names the owners in `metadata.ownerReferences` as `Kind/name`. */
export function ownerNames(object: Manifest): string[] {
  return listOf(object.metadata['ownerReferences']).map(
    ({ kind, name }) => `${String(kind)}/${String(name)}`,
  );
}

function labelledByUs(object: Manifest): boolean {
  return managedFieldsOf(object).some(
    ({ manager, operation, fields }) =>
      manager === fieldManager &&
      operation === 'Apply' &&
      JSON.stringify(fields).includes(applySetNames.partOf),
  );
}

function listOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  const items: unknown[] = Array.isArray(value) ? value : [];
  return items.map((item) => (typeof item === 'object' && item !== null ? { ...item } : {}));
}
