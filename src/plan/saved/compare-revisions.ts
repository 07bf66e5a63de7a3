import {
  identityOf,
  type Manifest,
  type ObjectRef,
  refOf,
  sortManifests,
} from '../../manifest/index.ts';
import { diffObjects } from '../diff/diff-objects.ts';
import type { FieldChange } from '../plan.ts';

/** An object that differs between two revisions. */
export interface RevisionChange {
  readonly action: 'create' | 'update' | 'delete';
  readonly ref: ObjectRef;
  /** Of an update; values are masked where they are secret. */
  readonly fields: readonly FieldChange[];
}

/** What would change in the objects from one revision to another; equal objects are left out. */
export function compareRevisions(
  from: readonly Manifest[],
  to: readonly Manifest[],
): RevisionChange[] {
  const before = new Map(from.map((manifest) => [identityOf(refOf(manifest)), manifest]));
  const after = new Set(to.map((manifest) => identityOf(refOf(manifest))));
  const wanted = sortManifests(to).flatMap((manifest): RevisionChange[] => {
    const ref = refOf(manifest);
    const old = before.get(identityOf(ref));
    if (old === undefined) return [{ action: 'create', ref, fields: [] }];
    const fields = diffObjects(old, manifest);
    return fields.length === 0 ? [] : [{ action: 'update', ref, fields }];
  });
  const gone = sortManifests(from)
    .map(refOf)
    .filter((ref) => !after.has(identityOf(ref)))
    .map((ref): RevisionChange => ({ action: 'delete', ref, fields: [] }));
  return [...wanted, ...gone.toReversed()];
}
