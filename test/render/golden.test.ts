import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { goldenManifests, templateNames } from './golden-files.ts';

describe('renderManifests()', () => {
  test.each(templateNames)('gives the reviewed manifests of %s (npm run golden)', (template) => {
    const { path, text } = goldenManifests(template);
    expect(text).toBe(readFileSync(path, 'utf8'));
  });
});
