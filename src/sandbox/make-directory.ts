import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a folder and the folders it lies in, where they are missing.
 *
 * Node's own recursive `mkdir` never returns where a file system answers ENOENT for a new name in
 * a folder that exists, as procfs does; here that is the error it is.
 *
 * @param mode of every folder that is made.
 */
export async function makeDirectory(path: string, mode = 0o777): Promise<void> {
  const error = await tryMake(path, mode);
  if (error === undefined) return;
  const parent = dirname(path);
  if (parent === path) throw error;
  if (!(await exists(parent))) await makeDirectory(parent, mode);
  // Where it exists somebody else may have made it since the first try.
  const last = await tryMake(path, mode);
  if (last !== undefined) throw last;
}

/** Makes one folder; gives why there is none. */
async function tryMake(path: string, mode: number): Promise<Error | undefined> {
  try {
    await mkdir(path, { mode });
    return undefined;
  } catch (error) {
    return (await isDirectory(path)) ? undefined : (error as Error);
  }
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
