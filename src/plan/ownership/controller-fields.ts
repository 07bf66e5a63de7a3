import { canonicalJson, type Manifest } from '../../manifest/index.ts';
import { type JsonMap, mapOf } from '../json-map.ts';
import { type ManagedFields, readManagedFields } from './managed-fields.ts';

/**
 * Field managers of the control plane. What they write into an object follows from what others wrote:
 * a volume that was bound, a finalizer, the replicas an autoscaler chose.
 *
 * @source names of the binaries in kubernetes/kubernetes `cmd/`, which client-go takes as managers
 */
const controlPlane: ReadonlySet<string> = new Set([
  'kube-controller-manager',
  'kube-scheduler',
  'cloud-controller-manager',
]);

/** Who wrote into an object and is no controller. */
export interface Editor {
  readonly manager: string;
  readonly operation: string;
  /** ISO 8601, by the clock of the API server. */
  readonly time: string;
}

export interface SplitObject {
  /** The object without what only controllers own. */
  readonly rest: unknown;
  /** Whether controllers own a part of the spec, so that the generation moves with them. */
  readonly hasControlledSpec: boolean;
  /** The latest first. */
  readonly editors: readonly Editor[];
}

/**
 * Takes out of an object every field that nobody but controllers owns: whatever is written through the
 * status, as the revision of a Deployment is, and whatever the control plane writes. A field that a
 * person, a tool or an operator owns too stays, and so does one that nobody owns.
 *
 * @param object - The object, from which `managedFields` may be missing already.
 * @param managedFields - Its `metadata.managedFields` as the server wrote them.
 */
export function splitControllerFields(object: Manifest, managedFields: unknown): SplitObject {
  const entries = readManagedFields(managedFields).map(toEntry);
  const controllers = entries.filter(({ isController }) => isController);
  const others = entries.filter(({ isController }) => !isController);
  const kept = others.map(({ fields }) => fields);
  const rest = controllers.reduce<unknown>(
    (value, { fields }) => prune(value, fields, kept),
    object,
  );
  return {
    rest,
    hasControlledSpec: controllers.some(({ fields }) => fields['f:spec'] !== undefined),
    editors: others
      .map(({ manager, operation, time }) => ({ manager, operation, time }))
      .toSorted((a, b) => (a.time < b.time ? 1 : -1)),
  };
}

interface Entry extends Editor {
  readonly isController: boolean;
  readonly fields: JsonMap;
}

function toEntry({ manager, operation, time = '', subresource, fields }: ManagedFields): Entry {
  const isController =
    subresource === 'status' || controlPlane.has(manager) || isStatusOnly(fields);
  return { manager, operation, time, isController, fields };
}

/** A kind without a status subresource has its status written like anything else. */
function isStatusOnly(fields: JsonMap): boolean {
  return Object.keys(fields).every((key) => key === 'f:status');
}

/** Takes the fields of one manager out of a value, but for those that are in other sets as well. */
function prune(value: unknown, fields: JsonMap, kept: readonly JsonMap[]): unknown {
  return Object.entries(fields).reduce((left, [key, inner]) => {
    const innerFields = mapOf(inner);
    const keptInner = kept.flatMap((set) => (set[key] === undefined ? [] : [mapOf(set[key])]));
    const isLeaf = Object.keys(innerFields).every((name) => name === '.');
    return changeChild(left, key, (child) => {
      if (isLeaf) return keptInner.length === 0 ? undefined : child;
      const pruned = prune(child, innerFields, keptInner);
      // What a controller emptied it may have made as well.
      return isEmpty(pruned) && !isEmpty(child) ? undefined : pruned;
    });
  }, value);
}

/** Replaces what a key of `FieldsV1` stands for; `undefined` removes it. */
function changeChild(value: unknown, key: string, change: (child: unknown) => unknown): unknown {
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown) => {
      if (!isItemOf(item, key)) return [item];
      const changed = change(item);
      return changed === undefined ? [] : [changed];
    });
  }
  const fields = mapOf(value);
  const name = key.slice(2);
  if (!key.startsWith('f:') || fields[name] === undefined) return value;
  return { ...fields, [name]: change(fields[name]) };
}

function isEmpty(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return value === undefined;
  return Object.values(value).every((inner) => inner === undefined);
}

function isItemOf(item: unknown, key: string): boolean {
  const text = key.slice(2);
  if (key.startsWith('v:')) return canonicalJson(item) === canonicalJson(JSON.parse(text));
  if (!key.startsWith('k:')) return false;
  const fields = mapOf(item);
  return Object.entries(mapOf(JSON.parse(text))).every(([name, wanted]) => fields[name] === wanted);
}
