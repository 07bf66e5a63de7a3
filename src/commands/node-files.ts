import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';

import type { Files, WriteTextOptions } from '../actions/read-spec.ts';

/** The real file system. */
export const nodeFiles: Files = {
  readText: (path) => readFile(path, 'utf8'),
  readStdin: () => text(process.stdin),
  listFiles: async (path) => {
    if (!(await stat(path)).isDirectory()) return [path];
    const entries = await readdir(path, { withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    return files.map(({ name }) => join(path, name)).toSorted();
  },
  writeText: writeContent,
  writeBytes: writeContent,
};

async function writeContent(
  path: string,
  content: string | Uint8Array,
  { overwrite, isPrivate = false }: WriteTextOptions,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  if (!isPrivate) {
    await writeFile(path, content, { flag: overwrite ? 'w' : 'wx' });
    return;
  }
  // The mode counts only when a file is made, so that one with wider rights has to go first.
  if (overwrite) await rm(path, { force: true });
  await writeFile(path, content, { flag: 'wx', mode: 0o600 });
}
