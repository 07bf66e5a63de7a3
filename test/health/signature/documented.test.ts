import { expect, test } from 'vitest';
import { signatures } from '../../../src/health/signature/index.ts';
import { readRepositoryFile } from '../../render/repository-file.ts';

/** A row of `docs/known-failures.md`. */
function row({ code, engines, meaning, source }: (typeof signatures)[number]): string {
  const where = engines === 'any' ? 'any' : engines.join(', ');
  const url = source.split(' ', 1)[0] ?? '';
  return `| \`${code}\` | ${where} | ${meaning} | [source](${url}) |`;
}

test('docs/known-failures.md lists every known failure as the code says it', () => {
  const rows = readRepositoryFile('docs/known-failures.md')
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  expect(rows).toEqual(signatures.map(row));
});
