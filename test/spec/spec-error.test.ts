import { expect, test } from 'vitest';
import { DsdeployError } from '../../src/errors/index.ts';
import { toSpecError } from '../../src/spec/index.ts';
import { aSpecText, issuesOf } from './a-spec-text.ts';

test('toSpecError() ends with exit code 4 and one detail per issue', () => {
  const issues = issuesOf(aSpecText(['nodes: 2', 'nodes: two'], ['infiniband', 'roce']));
  const error = toSpecError(issues, 'dsdeploy.yaml');
  expect(error).toBeInstanceOf(DsdeployError);
  expect(error).toMatchObject({ code: 'SPEC_INVALID', exitCode: 4, subject: 'dsdeploy.yaml' });
  expect(error.message).toBe('Cannot use the spec: 2 problems in dsdeploy.yaml');
  expect(error.details.map(({ location }) => location)).toEqual([
    'dsdeploy.yaml:11:12',
    'dsdeploy.yaml:16:7',
  ]);
  expect(error.details[1]?.hint).toContain('show_gids');
});
