import { describe, expect, test } from 'vitest';
import { type PreflightFinding, preflightCodes, sortFindings } from '../../src/plan/index.ts';
import { readRepositoryFile } from '../render/repository-file.ts';

function aFinding(given: Partial<PreflightFinding>): PreflightFinding {
  const rest = { what: 'w', where: 'here', fix: 'f', command: 'c' };
  return { code: 'NODES_BUSY', level: 'error', ...rest, ...given };
}

describe('findings of preflight', () => {
  test('are sorted worst first, then by code and place, each once', () => {
    const sorted = sortFindings([
      aFinding({ level: 'info' }),
      aFinding({ level: 'unknown', code: 'CHECK_IMPOSSIBLE' }),
      aFinding({ where: 'there' }),
      aFinding({ where: 'here' }),
      aFinding({ where: 'here' }),
      aFinding({ level: 'warning', code: 'PULL_SECRET_MISSING' }),
    ]);
    expect(sorted.map(({ level, where }) => `${level} ${where}`)).toEqual([
      'error here',
      'error there',
      'warning here',
      'unknown here',
      'info here',
    ]);
  });

  test('have one row per code in the documentation, and no other', () => {
    const text = readRepositoryFile('docs/preflight.md');
    const rows = [...text.matchAll(/^\| ([A-Z_]+) \|/gm)].map(([, code]) => code);
    expect(rows).toEqual([...preflightCodes]);
    expect([...preflightCodes].toSorted()).toEqual([...preflightCodes]);
  });
});
