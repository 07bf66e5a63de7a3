import { describe, expect, test } from 'vitest';
import {
  adoptionPatch,
  applySetNames,
  judgeAdoption,
  type ObservedObject,
} from '../../../src/plan/index.ts';

interface Seen {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly managedFields?: readonly object[];
}

function aLive({ labels = {}, annotations = {}, managedFields = [] }: Seen): ObservedObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: {
      name: 'a',
      namespace: 'llm',
      uid: 'u1',
      resourceVersion: '7',
      labels,
      annotations,
      managedFields,
    },
  };
}

describe('judgeAdoption()', () => {
  test.each<{ what: string; seen: Seen; reason: string }>([
    {
      what: 'a member of another set',
      seen: { labels: { [applySetNames.partOf]: 'applyset-other-v1' } },
      reason: 'applyset-other-v1',
    },
    {
      what: 'the record of a set',
      seen: { labels: { [applySetNames.id]: 'applyset-other-v1' } },
      reason: 'is the record of an ApplySet',
    },
    {
      what: 'what Argo CD would put back',
      seen: { annotations: { 'argocd.argoproj.io/tracking-id': 'app:apps/StatefulSet:llm/a' } },
      reason: 'is kept by Argo CD',
    },
    {
      what: 'what Flux would put back',
      seen: { labels: { 'kustomize.toolkit.fluxcd.io/name': 'racks' } },
      reason: 'is kept by Flux',
    },
  ])('refuses $what', ({ seen, reason }) => {
    expect(judgeAdoption(aLive(seen))).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining(reason),
    });
  });

  test('takes what somebody made by hand', () => {
    expect(judgeAdoption(aLive({}))).toMatchObject({ kind: 'possible' });
  });
});

describe('adoptionPatch()', () => {
  const byKubectl = (apiVersion: string, field: string) => ({
    manager: 'kubectl-client-side-apply',
    operation: 'Update',
    apiVersion,
    fieldsType: 'FieldsV1',
    fieldsV1: { 'f:spec': { [field]: {} } },
  });

  test('takes over fields of the version that is applied, and drops those of another', () => {
    const managedFields = [byKubectl('apps/v1', 'f:replicas'), byKubectl('apps/v1beta1', 'f:old')];
    const live = aLive({ managedFields });
    const patch = adoptionPatch(live, { ...live, metadata: { name: 'a', namespace: 'llm' } });
    expect(patch.find(({ path }) => path === '/metadata/managedFields')).toMatchObject({
      value: [
        {
          manager: 'dsdeploy',
          operation: 'Apply',
          apiVersion: 'apps/v1',
          fieldsV1: { 'f:spec': { 'f:replicas': {} } },
        },
      ],
    });
    expect(JSON.stringify(patch)).not.toContain('f:old');
  });

  test('holds for the version of the object that was looked at', () => {
    const live = aLive({});
    expect(adoptionPatch(live, live).at(-1)).toEqual({
      op: 'replace',
      path: '/metadata/resourceVersion',
      value: '7',
    });
  });
});
