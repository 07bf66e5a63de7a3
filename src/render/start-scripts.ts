import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DsdeployError } from '../errors/index.ts';

/** `templates/` seen from this source file, and from the bundle in `dist/`. */
const templateRoots = ['../../templates/', '../templates/'];

/** Start script of each engine, by engine id. */
export const startScriptNames = { vllm: 'vllm.sh' } as const;

export type EngineWithScript = keyof typeof startScriptNames;

/** Text of the shell file that starts an engine's pods, as it ships in `templates/start`. */
export function readStartScript(engine: EngineWithScript): string {
  const relative = `start/${startScriptNames[engine]}`;
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
