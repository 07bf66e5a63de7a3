import { chmod, cp, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { commonOptions, mainOptions } from './bundle-options.ts';
import { thirdPartyLicences } from './third-party-licences.ts';

const output = commonOptions.outdir;

/** Builds `dist/`, which works wherever the package is installed, without its sources. */
async function buildDist(): Promise<void> {
  await rm(output, { recursive: true, force: true });
  await mkdir(output);
  const { metafile } = await build(mainOptions);
  await writeFile(join(output, 'third-party-licences.txt'), await thirdPartyLicences(metafile));
  // The bin alone must be readable for old versions of Node, so it is built without the rest.
  await build({
    ...commonOptions,
    entryPoints: { dsdeploy: 'src/cli.ts' },
    target: 'node18',
    packages: 'external',
    plugins: [
      {
        name: 'external-main',
        setup: (builder) => {
          builder.onResolve({ filter: /^\.\/commands\/index\.ts$/ }, () => {
            return { path: './main.mjs', external: true };
          });
        },
      },
    ],
  });
  await chmod(join(output, 'dsdeploy.mjs'), 0o755);
  await cp('src/catalog/engine-args', join(output, 'engine-args'), { recursive: true });
  for (const folder of ['go', 'stages']) {
    await cp(join('src/sandbox', folder), join(output, 'sandbox', folder), { recursive: true });
  }
}

async function folderBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map((file) => stat(join(file.parentPath, file.name))));
  return sizes.reduce((sum, { size }) => sum + size, 0);
}

await buildDist();
console.log(`Built ${output}/: ${((await folderBytes(output)) / 1e6).toFixed(1)} MB`);
