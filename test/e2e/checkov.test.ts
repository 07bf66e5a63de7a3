import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { checkovVariable, findCheckov, readCheckov } from './checkov.ts';

describe('checkov', () => {
  const directory = mkdtempSync(join(tmpdir(), 'dsdeploy-checkov-test-'));
  const program = join(directory, 'checkov');
  writeFileSync(program, '#!/bin/sh\n');
  chmodSync(program, 0o755);
  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  test('is taken from the variable, else from PATH, else not at all', () => {
    const path = ['/nowhere', directory].join(delimiter);
    expect(findCheckov({ [checkovVariable]: program, PATH: '/nowhere' })).toBe(program);
    expect(findCheckov({ PATH: path })).toBe(program);
    expect(findCheckov({ PATH: '/nowhere' })).toBeUndefined();
  });

  test('that the variable names and that is not there fails the run', () => {
    expect(() =>
      findCheckov({ [checkovVariable]: join(directory, 'no'), PATH: directory }),
    ).toThrow('ENOENT');
  });

  test('counts what it could not read as not judged', () => {
    const failed = { check_id: 'CKV_K8S_8', check_name: 'Liveness', resource: 'Pod.a.b', more: 1 };
    const summary = { passed: 3, failed: 1, parsing_errors: 1, resource_count: 4 };
    const report = JSON.stringify({ results: { failed_checks: [failed] }, summary });
    expect(readCheckov(report)).toEqual({
      judged: 3,
      failed: [{ check: 'CKV_K8S_8', object: 'Pod.a.b', summary: 'Liveness' }],
    });
    expect(() => readCheckov('{"passed":0,"failed":0}')).toThrow('results');
  });
});
