import { join } from 'node:path';
import { build } from 'esbuild';

/** Bundles a child of a bench as the bin is bundled: running the sources would cost memory of its own. */
export async function bundleChild(name: string, directory: string): Promise<string> {
  const outfile = join(directory, 'child.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, name)],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    minifySyntax: true,
    minifyWhitespace: true,
    logLevel: 'warning',
    banner: {
      js: "import { createRequire as c } from 'node:module'; const require = c(import.meta.url);",
    },
  });
  return outfile;
}
