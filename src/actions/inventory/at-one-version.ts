import { DsdeployError } from '../../errors/index.ts';
import type { Manifest } from '../../manifest/index.ts';
import { diffObjects } from '../../plan/index.ts';

/** An object as it was read and as the server then answered to a dry-run; absent where there was none. */
export interface Compared {
  readonly live?: Manifest;
  readonly dryRun?: Manifest;
}

/** Times an object may be written between its read and its dry-run before they are taken as they are. */
const maxRaces = 5;

/**
 * Compares again while somebody writes between the read and the dry-run: else what a controller wrote
 * in between would be told as a change of ours.
 *
 * @param compare - reads and dry-runs; `race` is 0 the first time, and later reads have to be fresh.
 * @throws what `compare` throws; OBJECT_CHANGED only when the last attempt still met a write.
 */
export async function compareAtOneVersion<C extends Compared>(
  compare: (race: number) => Promise<C>,
): Promise<C> {
  for (let race = 0; race < maxRaces; race += 1) {
    try {
      const compared = await compare(race);
      if (!hasMoved(compared)) return compared;
    } catch (error) {
      if (!(error instanceof DsdeployError) || error.code !== 'OBJECT_CHANGED') throw error;
    }
  }
  return compare(maxRaces);
}

/** Whether the two differ, and the server answered over another version than was read. */
function hasMoved({ live, dryRun }: Compared): boolean {
  if (live === undefined || dryRun === undefined) return false;
  return versionOf(live) !== versionOf(dryRun) && diffObjects(live, dryRun).length > 0;
}

function versionOf({ metadata }: Manifest): unknown {
  return metadata['resourceVersion'];
}
