import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { DsdeployError } from '../errors/index.ts';

const here = dirname(fileURLToPath(import.meta.url));

/** Folder with one Go workspace per pinned component. */
export function goWorkspacesDirectory(): string {
  return findAsset(['go', 'sandbox/go']);
}

/** Folder with the kwok stages that drive pods. */
export function stagesDirectory(): string {
  return findAsset(['stages', 'sandbox/stages']);
}

/** Program that runs beside the control plane: a source file, or the bundle's second entry. */
export function agentFile(): string {
  return findAsset(['agent.ts', 'sandbox-agent.mjs']);
}

// The first candidate is the place in the sources, the second beside the bundle in `dist/`.
function findAsset(candidates: readonly string[]): string {
  const found = candidates.map((path) => join(here, path)).find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new DsdeployError(
    'SANDBOX_BUILD_FAILED',
    `Cannot find the sandbox files: none of ${candidates.join(', ')} lies in ${here}`,
    { hint: 'Reinstall dsdeploy; its package is incomplete.' },
  );
}
