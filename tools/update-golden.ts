import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { goldenManifests, specNames } from '../test/render/golden-files.ts';

/** Writes every golden file anew. Read the diff before you commit it: `git diff test/golden`. */
for (const { path, text } of specNames.map(goldenManifests)) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  console.log(path);
}
