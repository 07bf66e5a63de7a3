import type { SiteProfileDocument } from '../../capacity/index.ts';
import { readNamedFile } from '../read-file.ts';
import type { Files } from '../read-spec.ts';

/**
 * Reads the site profile a command was given; undefined when it was given none.
 *
 * @throws DsdeployError `PROFILE_INVALID`, with every value that is wrong.
 */
export async function readProfile(
  path: string | undefined,
  files: Pick<Files, 'readText'>,
): Promise<SiteProfileDocument | undefined> {
  if (path === undefined) return undefined;
  // Most runs are given no profile, and the schema is slow to load.
  const { parseProfile } = await import('./parse-profile.ts');
  return parseProfile(await readNamedFile(path, 'the site profile', files), path);
}
