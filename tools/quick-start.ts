import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire, isBuiltin } from 'node:module';
import { dirname, join, relative } from 'node:path';
import type { Plugin } from 'esbuild';

const { resolve } = createRequire(import.meta.url);

// Node's own takes ten milliseconds to load; yargs checks three programming mistakes with it.
const smallAssert = `function check(holds, message) {
  if (!holds) throw message instanceof Error ? message : new Error(message ?? 'Assertion failed');
}
export const strictEqual = (a, b, message) => check(Object.is(a, b), message);
export const notStrictEqual = (a, b, message) => check(!Object.is(a, b), message);`;

/** Measures printable ASCII by its length, and loads the tables of Unicode for the rest alone. */
function quickWidth(path: string): string {
  return `const other = /[^ -~]/;
export default function stringWidth(text, options) {
  if (typeof text === 'string' && !other.test(text)) return text.length;
  return require(${JSON.stringify(path)}).default(text, options);
}`;
}

/**
 * Gives a module of Node's as a require does. An import calls every getter on it, and those of `fs` and
 * `util` start streams, worker threads and more. `util` does so when its properties are only copied, as
 * the bundle does for an import, so that there is nothing to copy on what it is given.
 */
function quickBuiltin(path: string): string {
  const value = `process.getBuiltinModule(${JSON.stringify(path)})`;
  return `module.exports = ${/^(node:)?util$/.test(path) ? `Object.create(${value})` : value};`;
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

/** Leaves out of the bundle what packages load at every start and nobody asks for. */
export const quickStart: Plugin = {
  name: 'quick-start',
  setup: (builder) => {
    const folder = builder.initialOptions.absWorkingDir ?? process.cwd();
    // Zod exports its messages in forty languages; nobody asks for one, and English stays.
    builder.onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, () => ({ contents: 'export {};' }));

    // Code that zod compiles for its objects pays off after many of them, not at a start.
    builder.onLoad({ filter: /zod\/v4\/core\/core\.js$/ }, async ({ path }) => ({
      contents: `${await readFile(path, 'utf8')}\nglobalConfig.jitless = true;`,
    }));

    // Unused parts of a namespace are left out only where it is imported as one.
    builder.onLoad({ filter: /\/(src|charts)\/.*\.ts$/ }, async ({ path }) => ({
      loader: 'ts',
      contents: (await readFile(path, 'utf8')).replace(
        /^import \{ z \} from 'zod';$/m,
        "import * as z from 'zod';",
      ),
    }));

    // Node is given the CommonJS build, of which every module starts on its own.
    builder.onResolve({ filter: /^yaml$/ }, () => ({
      path: join(dirname(resolve('yaml/package.json')), 'browser', 'index.js'),
    }));

    builder.onResolve({ filter: /^assert$/ }, ({ importer }) =>
      importer.includes('/yargs/') ? { path: 'assert', namespace: 'small-assert' } : undefined,
    );
    // After `assert`, of which the first match counts. Each importer gets one of its own: one for all would
    // be a small file more to load for every module of Node's.
    builder.onResolve({ filter: /^[a-z]/ }, ({ path, kind, importer }) =>
      kind === 'import-statement' && isBuiltin(path)
        ? { path, namespace: 'builtin', suffix: `?${shortHash(relative(folder, importer))}` }
        : undefined,
    );
    builder.onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: quickBuiltin(path),
    }));

    builder.onLoad({ filter: /.*/, namespace: 'small-assert' }, () => ({ contents: smallAssert }));

    builder.onLoad(
      { filter: /\/string-width\/index\.js$/, namespace: 'file' },
      ({ path, suffix }) =>
        suffix === '?all'
          ? undefined
          : { contents: quickWidth(`${path}?all`), resolveDir: dirname(path) },
    );
  },
};
