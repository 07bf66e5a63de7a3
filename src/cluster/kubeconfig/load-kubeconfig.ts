import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { DsdeployError } from '../../errors/index.ts';
import { hasErrorCode } from '../has-error-code.ts';
import { type KubeconfigFile, parseKubeconfigFile, type RawEntry } from './kubeconfig-file.ts';

/** The environment, as a port. */
export type Env = Readonly<Record<string, string | undefined>>;

export interface LoadKubeconfigOptions {
  /** The `--kubeconfig` flag: only this file is read, and it must exist. */
  readonly kubeconfig?: string | undefined;
  readonly env: Env;
}

/** All files merged, and where they were looked for. */
export interface Kubeconfig extends KubeconfigFile {
  readonly files: readonly string[];
}

/**
 * Reads and merges kubeconfig files by kubectl's rules: the flag, else every file of `KUBECONFIG`,
 * else `~/.kube/config`. The first file wins for the current context and for equal names, whole
 * entries at a time. Files of the list that do not exist are skipped. There is no other fallback:
 * not to localhost, not to in-cluster credentials.
 */
export async function loadKubeconfig(options: LoadKubeconfigOptions): Promise<Kubeconfig> {
  const { paths, source } = searchPaths(options);
  const loaded = await Promise.all(paths.map(readKubeconfigFile));
  const found = loaded.filter((file) => file !== undefined);
  if (found.length === 0) throw notFound(paths, source);
  return {
    files: paths.filter((_, index) => loaded[index] !== undefined),
    currentContext: found.find((file) => file.currentContext !== undefined)?.currentContext,
    clusters: mergeFirstWins(found.map((file) => file.clusters)),
    users: mergeFirstWins(found.map((file) => file.users)),
    contexts: mergeFirstWins(found.map((file) => file.contexts)),
  };
}

function searchPaths({ kubeconfig, env }: LoadKubeconfigOptions): {
  readonly paths: readonly string[];
  readonly source: string;
} {
  if (kubeconfig !== undefined && kubeconfig !== '') {
    return { paths: [kubeconfig], source: '--kubeconfig' };
  }
  const listed = new Set((env['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== ''));
  if (listed.size > 0) return { paths: [...listed], source: 'KUBECONFIG' };
  const home = env['HOME'] ?? homedir();
  return { paths: [join(home, '.kube', 'config')], source: 'the default location' };
}

async function readKubeconfigFile(path: string): Promise<KubeconfigFile | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    const reason = error instanceof Error ? error.message : String(error);
    throw new DsdeployError('KUBECONFIG_INVALID', `Cannot read the kubeconfig: ${reason}`, {
      subject: path,
      hint: 'Make the file readable, or name another file with --kubeconfig.',
      cause: error,
    });
  }
  return parseKubeconfigFile(path, text);
}

function mergeFirstWins(
  maps: readonly ReadonlyMap<string, RawEntry>[],
): ReadonlyMap<string, RawEntry> {
  const merged = new Map<string, RawEntry>();
  for (const map of maps) {
    for (const [name, entry] of map) if (!merged.has(name)) merged.set(name, entry);
  }
  return merged;
}

function notFound(paths: readonly string[], source: string): DsdeployError {
  return new DsdeployError(
    'KUBECONFIG_NOT_FOUND',
    `Cannot find a kubeconfig: no file at ${paths.join(', ')} (from ${source})`,
    {
      subject: paths.join(', '),
      hint: 'Name the file with --kubeconfig, or set KUBECONFIG.',
    },
  );
}
