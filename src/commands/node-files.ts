import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { text } from 'node:stream/consumers';

import type { Files } from '../actions/read-spec.ts';

/** The real file system. */
export const nodeFiles: Files = {
  readText: (path) => readFile(path, 'utf8'),
  readStdin: () => text(process.stdin),
  writeText: async (path, content, { overwrite }) => {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content, { flag: overwrite ? 'w' : 'wx' });
  },
};
