import type { BuildOptions } from 'esbuild';
import { quickStart } from './quick-start.ts';

// Some dependencies are CommonJS and call `require` for Node's own modules.
const requireBanner = `const require = process.getBuiltinModule('node:module').createRequire(import.meta.url);`;

/** What all bundles of `dist/` have in common. */
export const commonOptions = {
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  outdir: 'dist',
  outExtension: { '.js': '.mjs' },
  legalComments: 'none',
  logLevel: 'warning',
} as const satisfies BuildOptions;

/** All but the bin, which loads it. Chunks lie beside the entries: code finds its data next to itself. */
export const mainOptions = {
  ...commonOptions,
  metafile: true,
  plugins: [quickStart],
  entryPoints: { main: 'src/commands/index.ts', 'sandbox-agent': 'src/sandbox/agent.ts' },
  splitting: true,
  chunkNames: '[name]-[hash]',
  minifySyntax: true,
  minifyWhitespace: true,
  banner: { js: requireBanner },
} as const satisfies BuildOptions;
