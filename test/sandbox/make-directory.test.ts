import { existsSync } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { makeDirectory } from '../../src/sandbox/make-directory.ts';

describe('makeDirectory()', () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'dsdeploy-make-directory-'));
  });

  afterEach(async () => {
    await rm(root, { recursive: true });
  });

  test('makes every folder that is missing, with the mode asked for', async () => {
    await makeDirectory(join(root, 'a/b/c'), 0o700);
    const modes = await Promise.all(
      ['a', 'a/b', 'a/b/c'].map(async (path) => (await stat(join(root, path))).mode & 0o777),
    );
    expect(modes).toEqual([0o700, 0o700, 0o700]);
  });

  test('is done where the folder is there already, and where others make it too', async () => {
    const path = join(root, 'a/b/c');
    await Promise.all([path, path, path, root].map((each) => makeDirectory(each)));
    expect((await stat(path)).isDirectory()).toBe(true);
  });

  test.each(['file', 'file/below', 'file/far/below'])(
    'fails on a file in the way: %s',
    async (path) => {
      await writeFile(join(root, 'file'), '');
      await expect(makeDirectory(join(root, path))).rejects.toMatchObject({
        code: path === 'file' ? 'EEXIST' : 'ENOTDIR',
      });
    },
  );

  // Node's own recursive mkdir never returns there.
  test.skipIf(!existsSync('/proc/self'))(
    'fails where the file system takes no folder',
    async () => {
      await expect(makeDirectory('/proc/dsdeploy/a/b')).rejects.toMatchObject({
        code: 'ENOENT',
        path: '/proc/dsdeploy',
      });
    },
  );
});
