import { readFile } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import type { Files, WriteTextOptions } from '../../actions/read-spec.ts';

// Node has these two loaded; its promises bring streams and terminals along, so they wait for a use.
const readFileText = promisify(readFile);
const loadPromises = () => import('node:fs/promises');
const loadMakeDirectory = () => import('../../sandbox/make-directory.ts');

/** The real file system. */
export const nodeFiles: Files = {
  readText: (path) => readFileText(path, 'utf8'),
  readStdin: async () => {
    if (process.stdin.isTTY && process.stderr.isTTY) {
      process.stderr.write('Reading the spec from standard input; Ctrl-D ends it\n');
    }
    const { text } = await import('node:stream/consumers');
    return text(process.stdin);
  },
  listFiles: async (path) => {
    const { readdir, stat } = await loadPromises();
    if (!(await stat(path)).isDirectory()) return [path];
    const entries = await readdir(path, { withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    return files.map(({ name }) => join(path, name)).toSorted();
  },
  writeText: writeContent,
  writeBytes: writeContent,
  remove: async (path) => {
    const { unlink } = await loadPromises();
    await unlink(path);
  },
};

async function writeContent(
  path: string,
  content: string | Uint8Array,
  { overwrite, isPrivate = false }: WriteTextOptions,
): Promise<void> {
  const { rm, writeFile } = await loadPromises();
  const { makeDirectory } = await loadMakeDirectory();
  await makeDirectory(dirname(path));
  if (!isPrivate) {
    await writeFile(path, content, { flag: overwrite ? 'w' : 'wx' });
    return;
  }
  // The mode counts only when a file is made, so that one with wider rights has to go first.
  if (overwrite) await rm(path, { force: true });
  await writeFile(path, content, { flag: 'wx', mode: 0o600 });
}
