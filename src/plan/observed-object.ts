import type { Manifest } from '../manifest/index.ts';

/** An object as a cluster returned it: a manifest plus what only the server writes. */
export interface ObservedObject extends Manifest {
  readonly metadata: Manifest['metadata'] & {
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generation?: number;
    readonly deletionTimestamp?: string;
  };
}

/** Fields of `metadata` that only the API server writes. */
const serverMetadata: ReadonlySet<string> = new Set([
  'managedFields',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'selfLink',
]);

/** Drops what the server owns, so that a live object and a dry-run result can be compared. */
export function normalise(object: Manifest): Manifest {
  const fields = Object.entries(object).filter(([field]) => field !== 'status');
  const kept = Object.entries(object.metadata).filter(([field]) => !serverMetadata.has(field));
  const { apiVersion, kind } = object;
  const metadata = { ...Object.fromEntries(kept), name: object.metadata.name };
  return { ...Object.fromEntries(fields), apiVersion, kind, metadata };
}
