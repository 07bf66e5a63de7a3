import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

import { type Component, type ComponentName, components } from '../boot/component.ts';

const execFileAsync = promisify(execFile);

/** How to ask each program that people have installed for its version. */
const versionArgs: Partial<Record<ComponentName, readonly string[]>> = {
  etcd: ['--version'],
  'kube-apiserver': ['--version'],
  'kube-controller-manager': ['--version'],
  'kube-scheduler': ['--version'],
  kubectl: ['version', '--client'],
};

/**
 * Finds programs in `$KUBEBUILDER_ASSETS` and `$PATH` that have exactly the pinned version.
 *
 * kwok, the LeaderWorkerSet manager and the simulator are not looked for: people do not install
 * them, and a `go build` of them does not know its version.
 */
export async function findInstalledBinaries(
  env: Readonly<Record<string, string | undefined>>,
): Promise<ReadonlyMap<ComponentName, string>> {
  const directories = [env['KUBEBUILDER_ASSETS'] ?? '', ...(env['PATH'] ?? '').split(delimiter)];
  const searched = directories.filter((directory) => directory !== '');
  const found = await Promise.all(
    components.map(async (component) => [component.name, await find(component, searched)] as const),
  );
  return new Map(found.flatMap(([name, path]) => (path === undefined ? [] : [[name, path]])));
}

async function find(
  component: Component,
  directories: readonly string[],
): Promise<string | undefined> {
  const args = versionArgs[component.name];
  if (args === undefined) return undefined;
  for (const directory of directories) {
    const path = join(directory, component.name);
    if ((await isExecutable(path)) && (await hasVersion(path, args, component.version)))
      return path;
  }
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function hasVersion(
  path: string,
  args: readonly string[],
  version: string,
): Promise<boolean> {
  try {
    const { stdout } = await execFileAsync(path, args, { timeout: 5_000 });
    return reportsVersion(stdout, version);
  } catch {
    return false; // a program that cannot tell its version is not ours
  }
}

/** Tells whether a version text names `version`, with or without its leading "v". */
export function reportsVersion(text: string, version: string): boolean {
  const bare = version.replace(/^v/, '').replaceAll('.', '\\.');
  return new RegExp(`(^|[^0-9.])v?${bare}(?![0-9.+-])`, 'm').test(text);
}
