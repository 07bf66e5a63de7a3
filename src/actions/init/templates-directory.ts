import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { DsdeployError } from '../../errors/index.ts';

/**
 * Folder of the spec templates that come with dsdeploy: beside its `package.json`, which is the nearest
 * one above, from the sources and from the bundle. Any other folder of that name is the user's.
 *
 * @param here - the folder of the running program; another one in tests.
 */
export function templatesDirectory(here = dirname(fileURLToPath(import.meta.url))): string {
  const root = packageRoot(here);
  const found = root === undefined ? undefined : join(root, 'templates');
  if (found !== undefined && existsSync(found)) return found;
  throw new DsdeployError('TEMPLATE_UNREADABLE', `Cannot find the templates near ${here}`, {
    hint: 'Reinstall dsdeploy; its package is incomplete.',
  });
}

function packageRoot(folder: string): string | undefined {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const above = dirname(folder);
  return above === folder ? undefined : packageRoot(above);
}
