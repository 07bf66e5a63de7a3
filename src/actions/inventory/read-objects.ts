import type { LiveObject } from '../../cluster/cluster.ts';
import { identityOf, type ObjectRef } from '../../manifest/index.ts';
import { forEachBounded } from './for-each-bounded.ts';
import { createReader, type ReaderPorts } from './object-reader.ts';

/** Objects as they were read, by identity. */
export type LiveObjects = ReadonlyMap<string, LiveObject>;

/** Reads many objects; absent ones are left out, and any failure fails the whole. */
export async function readObjects(
  refs: readonly ObjectRef[],
  ports: ReaderPorts,
): Promise<LiveObjects> {
  const found = new Map<string, LiveObject>();
  const read = createReader(refs, ports);
  await forEachBounded(refs, async (ref) => {
    const live = await read(ref);
    if (live !== undefined) found.set(identityOf(ref), live);
  });
  return found;
}
