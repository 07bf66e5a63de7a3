import type { Cluster, LiveObject } from '../../cluster/cluster.ts';
import { DsdeployError } from '../../errors/index.ts';
import { formatRef } from '../../manifest/index.ts';
import {
  type Adoption,
  adoptionPatch,
  type Change,
  describeMove,
  hasFormerManagers,
  type UpdateChange,
} from '../../plan/index.ts';

/** A row that takes over an object of others. */
export type AdoptingChange = UpdateChange & { readonly adoption: Adoption };

export function isAdoption(change: Change): change is AdoptingChange {
  return change.action === 'update' && change.adoption !== undefined;
}

/**
 * Makes the fields of the former tool ours, so that the apply that follows removes those we do not
 * want. A run that ends in between leaves the object as it was, with another owner of its fields.
 */
export async function moveOwnership(
  change: AdoptingChange,
  cluster: Pick<Cluster, 'get' | 'patch'>,
): Promise<void> {
  const { ref, desired } = change;
  const live = await cluster.get(ref);
  const move = describeMove(change, live);
  if (live === undefined || move !== undefined) {
    throw new DsdeployError('OBJECT_CHANGED', `Cannot adopt ${formatRef(ref)}: ${move ?? ''}`, {
      subject: formatRef(ref),
      hint: 'Plan again: the object is not the one that was planned for.',
    });
  }
  await cluster.patch(ref, adoptionPatch(live, desired), { dryRun: false });
}

/**
 * Drops the manager that the server invents at the first apply of an object that had none: it would
 * keep every field that we stop applying.
 */
export async function dropFormerManagers(
  { ref, desired }: AdoptingChange,
  applied: LiveObject,
  cluster: Pick<Cluster, 'patch'>,
): Promise<void> {
  if (hasFormerManagers(applied))
    await cluster.patch(ref, adoptionPatch(applied, desired), { dryRun: false });
}
