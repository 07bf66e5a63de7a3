import type { Cluster, LiveObject } from '../../cluster/cluster.ts';
import { DsdeployError } from '../../errors/index.ts';
import { identityOf, type ObjectRef } from '../../manifest/index.ts';

/** From this many objects of one kind in one namespace on, one list is less work than as many reads. */
const listFrom = 16;

/** Reads one object of those the reader was made for. */
export type ReadObject = (ref: ObjectRef) => Promise<LiveObject | undefined>;

/**
 * Makes a reader for a known set of objects. Where there are many of a kind in a namespace it lists
 * them, once and when first needed; where listing is forbidden it reads one by one.
 */
export function createReader(
  refs: readonly ObjectRef[],
  { cluster }: { readonly cluster: Pick<Cluster, 'get' | 'list'> },
): ReadObject {
  const sizes = Map.groupBy(refs, groupKey);
  const lists = new Map<string, Promise<ReadonlyMap<string, LiveObject> | undefined>>();
  return async (ref) => {
    const key = groupKey(ref);
    if (ref.namespace === undefined || (sizes.get(key)?.length ?? 0) < listFrom)
      return cluster.get(ref);
    const listing = lists.get(key) ?? listOf(ref, sizes.get(key) ?? [], cluster);
    lists.set(key, listing);
    const listed = await listing;
    return listed === undefined ? cluster.get(ref) : listed.get(identityOf(ref));
  };
}

function groupKey({ apiVersion, kind, namespace = '' }: ObjectRef): string {
  return [apiVersion, kind, namespace].join('|');
}

/** The wanted objects among all of their kind; nothing else of the list is kept. */
async function listOf(
  { apiVersion, kind, namespace }: ObjectRef,
  wanted: readonly ObjectRef[],
  cluster: Pick<Cluster, 'list'>,
): Promise<ReadonlyMap<string, LiveObject> | undefined> {
  try {
    const objects = await cluster.list(
      { apiVersion, kind },
      namespace === undefined ? {} : { namespace },
    );
    const names = new Set(wanted.map(({ name }) => name));
    return new Map(
      objects
        .filter(({ metadata }) => names.has(metadata.name))
        .map((object) => {
          const { name } = object.metadata;
          const ref = { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) };
          return [identityOf(ref), object];
        }),
    );
  } catch (error) {
    if (error instanceof DsdeployError && error.code === 'CLUSTER_FORBIDDEN') return undefined;
    throw error;
  }
}
