import { expect, test } from 'vitest';
import { scannerWaivers } from '../../charts/scanner-waivers.ts';
import { readRepositoryFile } from '../render/repository-file.ts';

test('docs/security.md lists exactly the waivers of the charts', () => {
  const rows = readRepositoryFile('docs/security.md')
    .split('\n')
    .filter((line) => /^\| (kube-score|checkov) \|/.test(line));
  const expected = scannerWaivers.map(({ scanner, check, finding, reason }) => {
    const name = finding === undefined ? `\`${check}\`` : `\`${check}\`: ${finding}`;
    return `| ${scanner} | ${name} | ${reason} |`;
  });
  expect(rows.toSorted()).toEqual(expected.toSorted());
});
