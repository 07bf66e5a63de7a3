import { join } from 'node:path';

import { DsdeployError } from '../../errors/index.ts';
import type { Manifest } from '../../manifest/index.ts';
import { toYaml } from '../../render/index.ts';
import type { Files } from '../read-spec.ts';

/** Writes one YAML file per object, numbered in apply order, and returns their paths. */
export async function writeManifests(
  manifests: readonly Manifest[],
  directory: string,
  files: Files,
): Promise<readonly string[]> {
  const written: string[] = [];
  for (const [index, manifest] of manifests.entries()) {
    const path = join(directory, fileName(index, manifest));
    try {
      await files.writeText(path, toYaml([manifest]), { overwrite: true });
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

function fileName(index: number, { kind, metadata }: Manifest): string {
  const number = String(index + 1).padStart(2, '0');
  return `${number}-${kind.toLowerCase()}-${metadata.name}.yaml`;
}
