import { join } from 'node:path';

import { DsdeployError } from '../../errors/index.ts';
import type { Files } from '../read-spec.ts';
import type { FileText } from './formats/manifest-files.ts';

/** Writes rendered files into a folder and returns their paths. */
export async function writeFiles(
  rendered: readonly FileText[],
  directory: string,
  files: Pick<Files, 'writeText'>,
): Promise<readonly string[]> {
  const written: string[] = [];
  for (const { path: relative, text } of rendered) {
    const path = join(directory, relative);
    try {
      await files.writeText(path, text, { overwrite: true });
    } catch (cause) {
      throw new DsdeployError('FILE_UNWRITABLE', `Cannot write "${path}"`, {
        subject: path,
        hint: 'Check the folder, its permissions and the free space, or choose another place.',
        cause,
      });
    }
    written.push(path);
  }
  return written;
}
