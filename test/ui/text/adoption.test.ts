import { expect, test } from 'vitest';
import type { Adoption, UpdateChange } from '../../../src/plan/index.ts';
import { createStyle } from '../../../src/ui/style.ts';
import { renderChanges } from '../../../src/ui/text/changes.ts';

const style = createStyle({ color: false, unicode: false, width: undefined });

function aRow(name: string, given: Partial<Adoption>): UpdateChange {
  const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'llm', name };
  const adoption = { from: 'helm', managers: ['helm'], coOwners: [], marks: [], ...given };
  const desired = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'llm' } };
  const bound = { uid: 'u', resourceVersion: '1', certainty: 'server', fields: [] } as const;
  return { action: 'update', ref, desired, adoption, ...bound };
}

test('a plan tells whose an adopted object was, and once what is left to do about its release', () => {
  const helmRelease = { name: 'web', namespace: 'llm' };
  const from = 'the Helm release web';
  const rows = [
    aRow('a', { from, helmRelease, coOwners: ['kubectl-label'] }),
    aRow('b', { from, helmRelease }),
    aRow('c', { from: 'nobody we can name', managers: [] }),
  ];
  expect(renderChanges(rows, style)).toEqual([
    '  ~ ConfigMap/llm/a  (server-checked)',
    '      ! adopted from the Helm release web: its fields become ours, and those that the spec does not have go',
    '      ! kubectl-label keeps what the spec does not have',
    '  ~ ConfigMap/llm/b  (server-checked)',
    '      ! adopted from the Helm release web: its fields become ours, and those that the spec does not have go',
    '  ~ ConfigMap/llm/c  (server-checked)',
    '      ! adopted from nobody we can name: nobody is on record for its fields, so those that the spec does not have stay',
    '  ! `helm uninstall web` would still delete what is adopted from it: once that is all of the release, forget it with `dsdeploy apply --forget-release web` or `kubectl -n llm delete secret -l owner=helm,name=web`',
  ]);
});
