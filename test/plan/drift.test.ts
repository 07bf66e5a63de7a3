import { describe, expect, test } from 'vitest';
import type { Manifest } from '../../src/manifest/index.ts';
import { findDrift } from '../../src/plan/index.ts';

const ours = {
  manager: 'dsdeploy',
  operation: 'Apply',
  fieldsV1: {
    'f:metadata': { 'f:labels': { 'f:app': {} } },
    'f:spec': {
      'f:replicas': {},
      'f:template': {
        'f:spec': {
          'f:containers': { 'k:{"name":"engine"}': { '.': {}, 'f:name': {}, 'f:image': {} } },
        },
      },
    },
  },
};

const kubectl = { manager: 'kubectl-edit', operation: 'Update', time: '2026-11-24T10:00:00Z' };

function workload(image: string, env?: readonly object[]) {
  const containers = [{ name: 'engine', image, ...(env === undefined ? {} : { env }) }];
  return { replicas: 1, template: { spec: { containers } } };
}

function anObject(
  spec: object,
  managedFields: readonly object[] = [ours],
  labels: Readonly<Record<string, string>> = { app: 'x' },
): Manifest {
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'a', namespace: 'n', labels, managedFields },
    spec,
  };
}

const applied = anObject(workload('v:1'));

/** `fields` of the engine container, as a manager has them. */
function ofContainer(fields: object) {
  const containers = { 'k:{"name":"engine"}': fields };
  return { 'f:spec': { 'f:template': { 'f:spec': { 'f:containers': containers } } } };
}

describe('findDrift()', () => {
  test('finds nothing in an object that is as it was applied', () => {
    expect(findDrift(applied, applied)).toMatchObject({ state: 'same', fields: [], added: [] });
  });

  test('names who owns a changed field, and when', () => {
    const theirs = { ...kubectl, fieldsV1: ofContainer({ 'f:image': {} }) };
    const { fields } = findDrift(anObject(workload('evil:1'), [ours, theirs]), applied);
    expect(fields).toEqual([
      {
        path: 'spec.template.spec.containers[name=engine].image',
        applied: 'v:1',
        live: 'evil:1',
        owners: [kubectl],
      },
    ]);
  });

  test('names the subresource a field was written through', () => {
    const scale = {
      ...kubectl,
      subresource: 'scale',
      fieldsV1: { 'f:spec': { 'f:replicas': {} } },
    };
    const live = anObject({ ...workload('v:1'), replicas: 3 }, [ours, scale]);
    expect(findDrift(live, applied).fields).toMatchObject([
      { path: 'spec.replicas', applied: 1, live: 3, owners: [{ subresource: 'scale' }] },
    ]);
  });

  test('has no owner for a field that was removed', () => {
    const live = anObject(workload('v:1'), [], {});
    expect(findDrift(live, applied).fields).toMatchObject([
      { path: 'metadata.labels.app', applied: 'x', owners: [] },
    ]);
  });

  test('lists what others set beside ours once, at its top, with secrets masked', () => {
    const env = [{ name: 'HF_TOKEN', value: 'canary' }];
    const item = { '.': {}, 'f:name': {}, 'f:value': {} };
    const fieldsV1 = ofContainer({ 'f:env': { '.': {}, 'k:{"name":"HF_TOKEN"}': item } });
    const live = anObject(workload('v:1', env), [ours, { ...kubectl, fieldsV1 }]);
    const drift = findDrift(live, anObject(workload('v:1', env)));
    expect(drift.state).toBe('same');
    expect(drift.added).toEqual([
      {
        path: 'spec.template.spec.containers[name=engine].env',
        live: [{ name: 'HF_TOKEN', value: '(secret, live)' }],
        owner: kubectl,
      },
    ]);
  });

  test.each(['kube-controller-manager', 'lws'])('does not count the work of %s', (manager) => {
    const fieldsV1 = { 'f:spec': { 'f:volumeName': {} } };
    const live = anObject({ ...workload('v:1'), volumeName: 'pv-1' }, [
      ours,
      { ...kubectl, manager, fieldsV1 },
    ]);
    expect(findDrift(live, live).added).toEqual([]);
  });

  test('masks a changed secret and still shows that it changed', () => {
    const secret = (value: string): Manifest => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's', namespace: 'n' },
      data: { key: value },
    });
    expect(findDrift(secret('Y2FuYXJ5'), secret('b3RoZXI=')).fields).toMatchObject([
      { path: 'data.key', applied: '(secret, applied)', live: '(secret, live)' },
    ]);
  });
});
