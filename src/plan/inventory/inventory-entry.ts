import { compareRefs, identityOf, type ObjectRef } from '../../manifest/index.ts';

/** One member of a deployment as its inventory records it. */
export interface InventoryEntry extends ObjectRef {
  /** Empty while the object is about to be made: the UID is known only afterwards. */
  readonly uid: string;
}

/** The reference in an entry. */
export function entryRef({ apiVersion, kind, namespace, name }: InventoryEntry): ObjectRef {
  return { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }), name };
}

/** Makes an entry with nothing in it but what an inventory records. */
export function toEntry(ref: ObjectRef, uid: string): InventoryEntry {
  const { apiVersion, kind, namespace, name } = ref;
  return { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }), name, uid };
}

/** Merges lists of entries by identity, later lists winning, into apply order. */
export function mergeEntries(...lists: readonly (readonly InventoryEntry[])[]): InventoryEntry[] {
  const byIdentity = new Map(lists.flat().map((entry) => [identityOf(entry), entry]));
  return [...byIdentity.values()].toSorted(compareRefs);
}

/** Whether two lists in apply order record the same. */
export function sameEntries(a: readonly InventoryEntry[], b: readonly InventoryEntry[]): boolean {
  const key = (entry: InventoryEntry) => [entry.apiVersion, identityOf(entry), entry.uid].join('|');
  return a.length === b.length && a.every((entry, at) => key(entry) === keyAt(b, at, key));
}

function keyAt(
  entries: readonly InventoryEntry[],
  at: number,
  key: (entry: InventoryEntry) => string,
): string | undefined {
  const entry = entries[at];
  return entry === undefined ? undefined : key(entry);
}
