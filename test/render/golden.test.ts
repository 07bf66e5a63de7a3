import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { goldenManifests, specNames } from './golden-files.ts';

describe('renderManifests()', () => {
  test.each(specNames)('gives the reviewed manifests of %s (npm run golden)', (name) => {
    const { path, text } = goldenManifests(name);
    expect(text).toBe(readFileSync(path, 'utf8'));
  });
});
