import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { DsdeployError } from '../../errors/index.ts';

// Seen from the sources, then from the bundle in `dist/`.
const candidates = ['../../../templates', '../templates'];

/** Folder of the spec templates that come with dsdeploy. */
export function templatesDirectory(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const found = candidates.map((path) => join(here, path)).find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new DsdeployError('TEMPLATE_UNREADABLE', `Cannot find the templates near ${here}`, {
    hint: 'Reinstall dsdeploy; its package is incomplete.',
  });
}
