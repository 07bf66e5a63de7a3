import { basename, dirname, join } from 'node:path';

import { DsdeployError } from '../../errors/index.ts';
import type { Files } from '../read-spec.ts';
import type { FileText } from './formats/manifest-files.ts';

/** What a render did to a folder. */
export interface WrittenFiles {
  readonly files: readonly string[];
  /** Files of an earlier render of the same deployment that this one has no object for. */
  readonly removed: readonly string[];
}

type RenderFiles = Pick<Files, 'readText' | 'listFiles' | 'writeText' | 'remove'>;

/**
 * Writes rendered files into a folder, and removes what an earlier render of the deployment left:
 * whoever applies the whole folder would otherwise apply objects that are gone, or one object twice.
 */
export async function writeFiles(
  rendered: readonly FileText[],
  { directory, deployment }: { readonly directory: string; readonly deployment: string },
  files: RenderFiles,
): Promise<WrittenFiles> {
  const written: string[] = [];
  for (const { path: relative, text } of rendered) {
    const path = join(directory, relative);
    await orUnwritable(path, () => files.writeText(path, text, { overwrite: true }));
    written.push(path);
  }
  const removed: string[] = [];
  for (const folder of new Set(written.filter(isNumbered).map((path) => dirname(path)))) {
    // Named as this action names them, whatever the folder was called.
    const present = (await files.listFiles(folder)).map((path) => join(folder, basename(path)));
    for (const path of present.filter(isNumbered)) {
      if (written.includes(path)) continue;
      await orUnwritable(path, async () => {
        if (!isObjectOf(deployment, await files.readText(path))) return;
        await files.remove(path);
        removed.push(path);
      });
    }
  }
  return { files: written, removed };
}

/** Tells whether a file is called as those of objects are: `07-service-name.yaml`. */
function isNumbered(path: string): boolean {
  return /^\d{2,}-[a-z]+-.+\.yaml$/.test(basename(path));
}

/** Tells it by the labels that every rendered object has. */
function isObjectOf(deployment: string, text: string): boolean {
  const label = (name: string, value: string): boolean =>
    new RegExp(`^ {4}app\\.kubernetes\\.io/${name}: ["']?${value}["']?$`, 'm').test(text);
  return label('managed-by', 'dsdeploy') && label('instance', deployment);
}

async function orUnwritable(path: string, task: () => Promise<void>): Promise<void> {
  try {
    await task();
  } catch (cause) {
    throw new DsdeployError('FILE_UNWRITABLE', `Cannot write "${path}"`, {
      subject: path,
      hint: 'Check the folder, its permissions and the free space, or choose another place.',
      cause,
    });
  }
}
