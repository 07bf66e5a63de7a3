import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import {
  type Component,
  type ComponentName,
  components,
  type ManifestSet,
  type ManifestSetName,
  manifestSets,
} from '../boot/component.ts';

/** Raise it when the same inputs come to be stored in another way. */
const cacheFormat = 1;

/** Where the binaries of one set of versions lie, and what of it is still missing. */
export interface BuildPlan {
  readonly directory: string;
  readonly missingComponents: readonly Component[];
  readonly missingManifests: readonly ManifestSet[];
}

export interface BuildPlanOptions {
  readonly cacheDirectory: string;
  readonly goDirectory: string;
  /** Components found elsewhere, which need no build. */
  readonly available: ReadonlySet<ComponentName>;
}

/** Reads the cache and lists what must be built, in build order. */
export function readBuildPlan(options: BuildPlanOptions): BuildPlan {
  const key = hashWorkspaces(options.goDirectory);
  const directory = join(options.cacheDirectory, key);
  return {
    directory,
    missingComponents: components.filter(
      ({ name }) => !options.available.has(name) && !existsSync(binaryPath(directory, name)),
    ),
    missingManifests: manifestSets.filter(
      ({ name }) => !existsSync(manifestsPath(directory, name)),
    ),
  };
}

export function binaryPath(directory: string, name: ComponentName): string {
  return join(directory, 'bin', name);
}

export function manifestsPath(directory: string, name: ManifestSetName): string {
  return join(directory, 'manifests', name);
}

/**
 * Returns a key that changes when a build could give another binary: pinned modules, flags,
 * manifest lists, or the platform (a home directory may be shared between machines).
 */
export function hashWorkspaces(goDirectory: string): string {
  const hash = createHash('sha256');
  const inputs = components.map(({ name, package: main, ldflags }) => ({ name, main, ldflags }));
  hash.update(JSON.stringify([cacheFormat, process.platform, process.arch, inputs, manifestSets]));
  for (const workspace of [...new Set(components.map((component) => component.workspace))].sort()) {
    for (const file of ['go.mod', 'go.sum']) {
      hash.update(`\n${workspace}/${file}\n`);
      hash.update(readFileSync(join(goDirectory, workspace, file)));
    }
  }
  return hash.digest('hex').slice(0, 16);
}

/** Says how long the missing builds take on two cores. */
export function expectedBuildSeconds(missing: readonly Component[]): number {
  return missing.reduce((seconds, component) => seconds + component.buildSeconds, 0);
}
