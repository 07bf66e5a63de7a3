import { build, type Metafile } from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';
import { mainOptions } from '../../tools/bundle-options.ts';
import { repositoryRoot } from '../render/repository-file.ts';

let outputs: Metafile['outputs'] = {};

beforeAll(async () => {
  const options = { ...mainOptions, absWorkingDir: repositoryRoot, write: false };
  outputs = (await build(options)).metafile.outputs;
}, 60_000);

/** Sources whose code is loaded with this one, before anything is imported lazily. */
function loadedWith(source: string): readonly string[] {
  const entry = Object.keys(outputs).find((path) => outputs[path]?.entryPoint === source);
  if (entry === undefined) throw new Error(`${source} begins no chunk of the bundle`);
  const chunks = new Set([entry]);
  for (const chunk of chunks) {
    for (const { path, kind, external } of outputs[chunk]?.imports ?? []) {
      if (kind === 'import-statement' && external !== true) chunks.add(path);
    }
  }
  return [...chunks].flatMap((chunk) =>
    Object.entries(outputs[chunk]?.inputs ?? {})
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([path]) => path),
  );
}

function packagesOf(sources: readonly string[]): readonly string[] {
  const names = sources.flatMap(
    (path) => /^.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? [],
  );
  return [...new Set(names)].toSorted();
}

function foldersOf(sources: readonly string[]): readonly string[] {
  const names = sources.flatMap((path) => /^src\/([^/]+)\//.exec(path)?.[1] ?? []);
  return [...new Set(names)].toSorted();
}

describe('what the bundle loads', () => {
  test('at the start of every command is the command line and little else', () => {
    const sources = loadedWith('src/commands/index.ts');
    expect(packagesOf(sources)).toEqual([
      'ansi-regex',
      'ansi-styles',
      'cliui',
      'emoji-regex',
      'escalade',
      'fastest-levenshtein',
      'get-caller-file',
      'get-east-asian-width',
      'string-width',
      'strip-ansi',
      'wrap-ansi',
      'y18n',
      'yargs',
      'yargs-parser',
    ]);
    expect(foldersOf(sources)).toEqual(['actions', 'commands', 'errors', 'spec', 'units']);
  });

  test.each(['src/commands/run/fit.ts', 'src/commands/run/estimate.ts'])(
    'with %s is the spec and the arithmetic, and no cluster, chart or schema of others',
    (command) => {
      const sources = loadedWith(command);
      expect(packagesOf(sources)).toEqual([
        'ansi-regex',
        'fastest-levenshtein',
        'get-east-asian-width',
        'picocolors',
        'string-width',
        'strip-ansi',
        'yaml',
        'zod',
      ]);
      expect(sources.filter((path) => path.startsWith('src/health/'))).toEqual([
        'src/health/timeline/timeline.ts',
      ]);
      expect(sources.filter((path) => /(profile-schema|parse-prices)\.ts$/.test(path))).toEqual([]);
    },
  );

  test('holds no argument parser of an engine', () => {
    const sources = Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs));
    const parsers = sources.filter((path) => path.startsWith('src/catalog/engine-args/'));
    expect(parsers).toEqual(['src/catalog/engine-args/registries.json']);
  });

  test('of Node is never imported, which would start all that a module exports', () => {
    const imported = Object.values(outputs).flatMap(({ imports }) =>
      imports.filter(({ kind, external }) => kind === 'import-statement' && external === true),
    );
    expect(imported.map(({ path }) => path)).toEqual([]);
  });
});
