import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withBuildLock } from '../../src/sandbox/build/build-lock.ts';
import { runGo } from '../../src/sandbox/build/go-command.ts';
import { defaultCacheDirectory } from '../../src/sandbox/paths.ts';

/** Main package of each program; the versions are those of `go.mod` beside this file. */
const packages = {
  kubeconform: 'github.com/yannh/kubeconform/cmd/kubeconform',
  'kube-score': 'github.com/zegl/kube-score/cmd/kube-score',
} as const;

export type ScannerName = keyof typeof packages;

const workspace = fileURLToPath(new URL('.', import.meta.url));

/** Paths of the programs that judge manifests; the first call builds them, in about a minute. */
export async function ensureManifestScanners(
  onProgress: (message: string) => void = () => undefined,
): Promise<Readonly<Record<ScannerName, string>>> {
  const directory = join(dirname(defaultCacheDirectory()), 'manifest-scanners', workspaceHash());
  for (const name of scannerNames) {
    const path = join(directory, name);
    if (existsSync(path)) continue;
    await withBuildLock(
      join(directory, 'lock'),
      (pid) => {
        onProgress(`Waiting for process ${String(pid)}, which builds ${name}`);
      },
      async () => {
        // Whoever held the lock may have built it meanwhile.
        if (!existsSync(path)) await build(name, path, onProgress);
      },
    );
  }
  return {
    kubeconform: join(directory, 'kubeconform'),
    'kube-score': join(directory, 'kube-score'),
  };
}

const scannerNames = Object.keys(packages) as readonly ScannerName[];

/** Under another name first, so that a half-written program is never run. */
async function build(
  name: ScannerName,
  path: string,
  onProgress: (message: string) => void,
): Promise<void> {
  onProgress(`Building ${name}`);
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${String(process.pid)}`;
  const args = ['build', '-trimpath', '-buildvcs=false', '-o', temporary, packages[name]];
  await runGo(args, { directory: workspace, purpose: `build ${name}` });
  await rename(temporary, path);
}

function workspaceHash(): string {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`);
  for (const file of ['go.mod', 'go.sum']) hash.update(readFileSync(join(workspace, file)));
  return hash.digest('hex').slice(0, 16);
}
