import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { templatesDirectory } from '../../src/actions/init/templates-directory.ts';
import type { DsdeployError } from '../../src/errors/index.ts';

/** A project with a `templates` folder of its own that has dsdeploy among its packages. */
function aProject(files: readonly string[]): string {
  const root = mkdtempSync(join(tmpdir(), 'dsdeploy-templates-'));
  onTestFinished(() => {
    rmSync(root, { recursive: true, force: true });
  });
  mkdirSync(join(root, 'templates'));
  for (const file of files) {
    const path = join(root, 'node_modules/dsdeploy', file);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, '{}');
  }
  return join(root, 'node_modules/dsdeploy');
}

test('the templates are those of the package, not those of the project that uses it', () => {
  const home = aProject([
    'package.json',
    'templates/a.yaml',
    'dist/a.mjs',
    'src/actions/init/a.ts',
  ]);
  const own = join(home, 'templates');
  expect(templatesDirectory(join(home, 'dist'))).toBe(own);
  expect(templatesDirectory(join(home, 'src/actions/init'))).toBe(own);
});

test('a package without them is incomplete', () => {
  const home = aProject(['package.json', 'dist/a.mjs']);
  expect(() => templatesDirectory(join(home, 'dist'))).toThrow(
    expect.objectContaining({ code: 'TEMPLATE_UNREADABLE' }) as DsdeployError,
  );
});
