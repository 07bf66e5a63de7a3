import { expect, test } from 'vitest';
import { z } from 'zod';
import { readRepositoryFile } from '../render/repository-file.ts';

const manifest = z
  .object({ devDependencies: z.record(z.string(), z.string()), dependencies: z.never().optional() })
  .parse(JSON.parse(readRepositoryFile('package.json')));

test.each(Object.entries(manifest.devDependencies))(
  '%s %s is pinned and justified in docs/architecture.md',
  (name, version) => {
    expect(version).toMatch(/^\d+\.\d+\.\d+/);
    expect(readRepositoryFile('docs/architecture.md')).toContain(`\`${name}\``);
  },
);
