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

/** Times a controller may write between our look and our patch; it does so about once a second. */
const maxRaces = 5;

/**
 * Makes the fields of the former tool ours, so that the apply that follows removes those we do not
 * want. A run that ends in between leaves the object as it was, with another owner of its fields.
 */
export function moveOwnership(
  change: AdoptingChange,
  cluster: Pick<Cluster, 'get' | 'patch'>,
): Promise<void> {
  return patchOwnership(change, cluster, () => readUnmoved(change, cluster));
}

/**
 * Drops the manager that the server invents at the first apply of an object that had none: it would
 * keep every field that we stop applying.
 */
export function dropFormerManagers(
  change: AdoptingChange,
  applied: LiveObject,
  cluster: Pick<Cluster, 'get' | 'patch'>,
): Promise<void> {
  return patchOwnership(change, cluster, async (race) => {
    const live = race === 0 ? applied : await cluster.get(change.ref);
    return live !== undefined && hasFormerManagers(live) ? live : undefined;
  });
}

/** Patches what `read` gives, and looks again when a controller was quicker; nothing to patch is fine. */
async function patchOwnership(
  { ref, desired }: AdoptingChange,
  cluster: Pick<Cluster, 'patch'>,
  read: (race: number) => Promise<LiveObject | undefined>,
): Promise<void> {
  for (let race = 0; ; race += 1) {
    const live = await read(race);
    if (live === undefined) return;
    try {
      await cluster.patch(ref, adoptionPatch(live, desired), { dryRun: false });
      return;
    } catch (error) {
      const isRace = error instanceof DsdeployError && error.code === 'OBJECT_CHANGED';
      if (!isRace || race === maxRaces) throw error;
    }
  }
}

/** Reads an object that has to be as the plan saw it, but for what controllers write. */
async function readUnmoved(
  change: AdoptingChange,
  cluster: Pick<Cluster, 'get'>,
): Promise<LiveObject> {
  const { ref } = change;
  const live = await cluster.get(ref);
  const move = describeMove(change, live);
  if (live !== undefined && move === undefined) return live;
  throw new DsdeployError('OBJECT_CHANGED', `Cannot adopt ${formatRef(ref)}: ${move ?? ''}`, {
    subject: formatRef(ref),
    hint: 'Plan again: the object is not the one that was planned for.',
  });
}
