import { expect, test } from 'vitest';
import { createStyle } from '../../../src/ui/style.ts';
import { renderEvidence } from '../../../src/ui/text/evidence.ts';

test('renderEvidence() breaks its advice between words, and leaves the digest whole', () => {
  const sha256 = 'a'.repeat(64);
  const style = createStyle({ color: false, unicode: false, width: 60 });
  const summary = { file: 'evidence.tar.gz', bytes: 18_000, sha256, verdict: 'healthy' } as const;
  expect(
    renderEvidence({ ...summary, files: ['spec.yaml', 'plan.json'] }, style).split('\n'),
  ).toEqual([
    'Wrote evidence.tar.gz: 2 files, 18 kB, deployment healthy',
    `  sha256 ${sha256}`,
    '  - spec.yaml',
    '  - plan.json',
    'Look into it before you hand it on: logs may hold what users',
    'asked the model.',
    '',
  ]);
});
