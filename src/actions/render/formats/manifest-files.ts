import { join } from 'node:path/posix';

import type { Manifest } from '../../../manifest/index.ts';
import { toYaml } from '../../../render/index.ts';

/** A file to write. */
export interface FileText {
  /** Relative, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** One YAML file per object, numbered in apply order. */
export function manifestFiles(manifests: readonly Manifest[], folder = ''): FileText[] {
  return manifests.map((manifest, index) => ({
    path: join(folder, fileName(index, manifest)),
    text: toYaml([manifest]),
  }));
}

function fileName(index: number, { kind, metadata }: Manifest): string {
  const number = String(index + 1).padStart(2, '0');
  return `${number}-${kind.toLowerCase()}-${metadata.name}.yaml`;
}
