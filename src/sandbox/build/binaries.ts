import { join } from 'node:path';

import { goWorkspacesDirectory } from '../assets.ts';
import {
  type ComponentName,
  components,
  type ManifestSetName,
  manifestSets,
} from '../boot/component.ts';
import { defaultCacheDirectory } from '../paths.ts';
import { buildMissing } from './build.ts';
import { withBuildLock } from './build-lock.ts';
import { type BuildPlan, binaryPath, manifestsPath, readBuildPlan } from './build-plan.ts';
import { findInstalledBinaries } from './installed-binaries.ts';

export interface SandboxBinaries {
  /** Absolute path of each program. */
  readonly binaries: Readonly<Record<ComponentName, string>>;
  /** Folder of each set of YAML files. */
  readonly manifests: Readonly<Record<ManifestSetName, string>>;
  readonly versions: Readonly<Record<ComponentName, string>>;
}

export interface EnsureBinariesOptions {
  /**
   * Folder that holds one subfolder per set of versions.
   *
   * @default `${XDG_CACHE_HOME:-~/.cache}/dsdeploy/sandbox`
   */
  readonly cacheDirectory?: string;
  readonly onProgress?: (message: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Finds or builds every program a sandbox needs: installed ones of the pinned version, then the
 * cache, then `go build`. The first build takes about ten minutes on two cores.
 */
export async function ensureSandboxBinaries(
  options: EnsureBinariesOptions = {},
): Promise<SandboxBinaries> {
  const { cacheDirectory = defaultCacheDirectory(), onProgress = () => undefined } = options;
  const goDirectory = goWorkspacesDirectory();
  const installed = await findInstalledBinaries(process.env);
  const readPlan = (): BuildPlan =>
    readBuildPlan({ cacheDirectory, goDirectory, available: new Set(installed.keys()) });

  const plan = readPlan();
  if (!isComplete(plan)) {
    const announceWait = (holderPid: number): void => {
      onProgress(`Waiting for process ${String(holderPid)}, which builds the same programs`);
    };
    await withBuildLock(join(plan.directory, 'lock'), announceWait, async () => {
      // Whoever held the lock may have built everything meanwhile.
      const signal = options.signal === undefined ? {} : { signal: options.signal };
      await buildMissing(readPlan(), { goDirectory, onProgress, ...signal });
    });
  }
  return locate(plan.directory, installed);
}

function isComplete(plan: BuildPlan): boolean {
  return plan.missingComponents.length === 0 && plan.missingManifests.length === 0;
}

function locate(directory: string, installed: ReadonlyMap<ComponentName, string>): SandboxBinaries {
  return {
    binaries: record(components, ({ name }) => installed.get(name) ?? binaryPath(directory, name)),
    manifests: record(manifestSets, ({ name }) => manifestsPath(directory, name)),
    versions: record(components, ({ version }) => version),
  };
}

function record<Item extends { readonly name: string }>(
  items: readonly Item[],
  toValue: (item: Item) => string,
): Record<Item['name'], string> {
  // Sound because the lists hold every name of their union; a test counts them.
  return Object.fromEntries(items.map((item) => [item.name, toValue(item)])) as Record<
    Item['name'],
    string
  >;
}
