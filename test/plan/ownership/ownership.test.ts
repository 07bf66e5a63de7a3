import { describe, expect, test } from 'vitest';
import {
  applySetId,
  applySetNames,
  describeOwner,
  type InventoryEntry,
  judgeMember,
  type ObservedObject,
  setIdOf,
  withPartOf,
} from '../../../src/plan/index.ts';

describe('applySetId()', () => {
  test('gives what kubectl gives', () => {
    // The vector of kubectl's own tests.
    const parent = { name: 'my-set', namespace: 'test', kind: 'Secret', group: '' };
    expect(applySetId(parent)).toBe('applyset-0eFHV8ySqp7XoShsGvyWFQD3s96yqwHmzc4e0HR1dsY-v1');
  });

  test('is a valid label value', () => {
    const id = setIdOf({ name: 'v32', namespace: 'llm' });
    expect(id).toMatch(/^[A-Za-z0-9][\w.-]{0,61}[A-Za-z0-9]$/);
  });
});

const setId = setIdOf({ name: 'v32', namespace: 'llm' });

interface Seen {
  readonly kind?: string;
  readonly uid?: string;
  readonly label?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

function live({ kind = 'ConfigMap', uid = 'u1', label = setId, metadata = {} }: Seen = {}) {
  const object = {
    apiVersion: 'v1',
    kind,
    metadata: { name: 'a', namespace: 'llm', uid, resourceVersion: '1', ...metadata },
  };
  const { metadata: labelled } = withPartOf(object, label);
  return { ...object, metadata: { ...object.metadata, ...labelled } } satisfies ObservedObject;
}

function entry(uid: string, kind = 'ConfigMap'): InventoryEntry {
  return { apiVersion: 'v1', kind, namespace: 'llm', name: 'a', uid };
}

const ourManager = {
  manager: 'dsdeploy',
  operation: 'Apply',
  fieldsV1: { 'f:metadata': { 'f:labels': { [`f:${applySetNames.partOf}`]: {} } } },
};
const theirManager = { ...ourManager, manager: 'kubectl-edit', operation: 'Update' };

const cases: readonly {
  readonly scenario: string;
  readonly entry: InventoryEntry;
  readonly live?: ObservedObject;
  readonly includeVolumes?: boolean;
  readonly verdict: 'gone' | 'delete' | 'retain';
}[] = [
  { scenario: 'nothing is there', entry: entry('u1'), verdict: 'gone' },
  { scenario: 'label and UID agree', entry: entry('u1'), live: live(), verdict: 'delete' },
  {
    scenario: 'the label is of another set',
    entry: entry('u1'),
    live: live({ label: 'applyset-other-v1' }),
    verdict: 'retain',
  },
  {
    scenario: 'the UID is another',
    entry: entry('u1'),
    live: live({ uid: 'u2' }),
    verdict: 'retain',
  },
  {
    scenario: 'the UID was never recorded and we set the label',
    entry: entry(''),
    live: live({ metadata: { managedFields: [ourManager] } }),
    verdict: 'delete',
  },
  {
    scenario: 'the UID was never recorded and somebody else set the label',
    entry: entry(''),
    live: live({ metadata: { managedFields: [theirManager] } }),
    verdict: 'retain',
  },
  {
    scenario: 'it has an owner',
    entry: entry('u1'),
    live: live({ metadata: { ownerReferences: [{ kind: 'Job', name: 'x', uid: 'y' }] } }),
    verdict: 'retain',
  },
  {
    scenario: 'it is a volume claim',
    entry: entry('u1', 'PersistentVolumeClaim'),
    live: live({ kind: 'PersistentVolumeClaim' }),
    verdict: 'retain',
  },
  {
    scenario: 'it is a volume claim and volumes are asked for',
    entry: entry('u1', 'PersistentVolumeClaim'),
    live: live({ kind: 'PersistentVolumeClaim' }),
    includeVolumes: true,
    verdict: 'delete',
  },
  {
    scenario: 'it is a definition, whatever is asked for',
    entry: entry('u1', 'CustomResourceDefinition'),
    live: live({ kind: 'CustomResourceDefinition' }),
    includeVolumes: true,
    verdict: 'retain',
  },
];

describe('judgeMember()', () => {
  test.each(cases)(
    '$verdict: $scenario',
    ({ entry: listed, live: seen, includeVolumes, verdict }) => {
      const options = { setId, includeVolumes: includeVolumes ?? false };
      expect(judgeMember(listed, seen, options).verdict).toBe(verdict);
    },
  );
});

describe('describeOwner()', () => {
  test.each([
    [{ labels: { [applySetNames.partOf]: 'applyset-x-v1' } }, 'the set applyset-x-v1'],
    [{ annotations: { 'meta.helm.sh/release-name': 'web' } }, 'the Helm release web'],
    [{ labels: { 'app.kubernetes.io/managed-by': 'argocd' } }, 'argocd'],
    [{ managedFields: [theirManager, theirManager] }, 'kubectl-edit'],
    [{}, 'nobody we can name'],
  ])('%j is of %s', (metadata, expected) => {
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', ...metadata } };
    expect(describeOwner(object)).toBe(expected);
  });
});
