import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { DsdeployError } from '../../errors/index.ts';
import type { Component, ManifestSet } from '../boot/component.ts';
import { parseManifests } from '../manifest-files.ts';
import { type BuildPlan, binaryPath, expectedBuildSeconds, manifestsPath } from './build-plan.ts';
import { diskFullError, runGo } from './go-command.ts';

const heartbeatMs = 30_000;

export interface BuildOptions {
  readonly goDirectory: string;
  readonly onProgress: (message: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Builds what the plan says is missing, one component after another.
 *
 * Each output is built under a temporary name and renamed, so an interrupted run goes on where it
 * stopped and a half-written binary is never started.
 */
export async function buildMissing(plan: BuildPlan, options: BuildOptions): Promise<void> {
  try {
    await mkdir(join(plan.directory, 'bin'), { recursive: true });
    await removeLeftovers(join(plan.directory, 'bin'));
    for (const [index, component] of plan.missingComponents.entries()) {
      const secondsLeft = expectedBuildSeconds(plan.missingComponents.slice(index));
      options.onProgress(
        `Building ${component.name} ${component.version} ` +
          `(${String(index + 1)} of ${String(plan.missingComponents.length)}, ` +
          `${formatExpected(component.buildSeconds)}; ${formatExpected(secondsLeft)} for all that is left)`,
      );
      await buildComponent(component, plan.directory, options);
    }
    for (const set of plan.missingManifests) await copyManifests(set, plan.directory, options);
  } catch (error) {
    throw isDiskFull(error) ? diskFullError('build the sandbox', error) : error;
  }
}

async function buildComponent(
  component: Component,
  directory: string,
  options: BuildOptions,
): Promise<void> {
  const target = binaryPath(directory, component.name);
  const temporary = temporaryName(target);
  const startMs = performance.now();
  const heartbeat = setInterval(() => {
    const seconds = Math.round((performance.now() - startMs) / 1000);
    options.onProgress(`Still building ${component.name} after ${String(seconds)} s`);
  }, heartbeatMs);
  try {
    await runGo(
      [
        'build',
        '-trimpath',
        '-buildvcs=false',
        '-ldflags',
        component.ldflags,
        '-o',
        temporary,
        component.package,
      ],
      { ...goOptions(component.workspace, options), purpose: `build ${component.name}` },
    );
    await rename(temporary, target);
  } finally {
    clearInterval(heartbeat);
  }
}

async function copyManifests(
  set: ManifestSet,
  directory: string,
  options: BuildOptions,
): Promise<void> {
  const purpose = `copy ${set.name} from ${set.module}`;
  const output = await runGo(['mod', 'download', '-json', set.module], {
    ...goOptions(set.workspace, options),
    purpose,
  });
  const moduleDirectory = parseModuleDirectory(output, purpose);
  const target = manifestsPath(directory, set.name);
  const temporary = temporaryName(target);
  await mkdir(temporary, { recursive: true });
  for (const path of set.paths) {
    for (const file of await yamlFiles(join(moduleDirectory, path))) {
      // As JSON: the CRDs have megabytes, and every boot would parse their YAML again.
      const objects = parseManifests(await readFile(file, 'utf8'));
      const copy = join(temporary, `${basename(file, '.yaml')}.json`);
      await writeFile(copy, JSON.stringify(objects));
    }
  }
  await rename(temporary, target);
}

async function yamlFiles(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const names = await readdir(path);
  return names
    .filter((name) => name.endsWith('.yaml') && name !== 'kustomization.yaml')
    .map((name) => join(path, name));
}

function parseModuleDirectory(output: string, purpose: string): string {
  const value: unknown = JSON.parse(output);
  if (
    typeof value === 'object' &&
    value !== null &&
    'Dir' in value &&
    typeof value.Dir === 'string'
  ) {
    return value.Dir;
  }
  throw new DsdeployError('SANDBOX_BUILD_FAILED', `Cannot ${purpose}: go tells no module folder`);
}

async function removeLeftovers(binDirectory: string): Promise<void> {
  for (const directory of [binDirectory, join(dirname(binDirectory), 'manifests')]) {
    await mkdir(directory, { recursive: true });
    for (const name of await readdir(directory)) {
      if (name.startsWith('.')) await rm(join(directory, name), { recursive: true, force: true });
    }
  }
}

function temporaryName(target: string): string {
  return join(dirname(target), `.${basename(target)}.${String(process.pid)}`);
}

function goOptions(workspace: string, { goDirectory, signal }: BuildOptions) {
  const directory = join(goDirectory, workspace);
  return signal === undefined ? { directory } : { directory, signal };
}

function formatExpected(seconds: number): string {
  return seconds < 90
    ? `about ${String(seconds)} s`
    : `about ${String(Math.round(seconds / 60))} min`;
}

function isDiskFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOSPC';
}
