import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DsdeployError } from '../errors/index.ts';

/** `templates/` seen from this source file, and from the bundle in `dist/`. */
const templateRoots = ['../../templates/', '../templates/'];

/** The shell file that starts the pods of every engine. */
export const startScriptName = 'engine.sh';

/** Text of the start script, as it ships in `templates/start`. */
export function readStartScript(): string {
  const relative = `start/${startScriptName}`;
  const path = templateRoots
    .map((root) => fileURLToPath(new URL(`${root}${relative}`, import.meta.url)))
    .find((candidate) => existsSync(candidate));
  if (path === undefined) {
    throw new DsdeployError('INTERNAL', 'Cannot read a start script: the file is missing', {
      subject: `templates/${relative}`,
      hint: 'Install dsdeploy again; its templates folder must lie beside dist',
    });
  }
  return readFileSync(path, 'utf8');
}
