import { describe, expect, test } from 'vitest';
import { leaveReplicas, type ObservedObject, toAutoscaler } from '../../../src/plan/index.ts';

function aSet(replicas: number, managedFields: readonly object[] = []): ObservedObject {
  return {
    apiVersion: 'leaderworkerset.x-k8s.io/v1',
    kind: 'LeaderWorkerSet',
    metadata: { name: 'v32', namespace: 'llm', uid: 'u', resourceVersion: '1', managedFields },
    spec: { replicas, startupPolicy: 'LeaderCreated' },
  };
}

function anAutoscaler(target: object, namespace = 'llm') {
  const autoscaler = toAutoscaler({
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'v32', namespace },
    spec: { scaleTargetRef: target },
  });
  if (autoscaler === undefined) throw new Error('it names no target');
  return autoscaler;
}

const target = { apiVersion: 'leaderworkerset.x-k8s.io/v1', kind: 'LeaderWorkerSet', name: 'v32' };
const fieldsV1 = { 'f:spec': { 'f:replicas': {} } };
const ours = { manager: 'dsdeploy', operation: 'Apply', fieldsV1 };
const scaled = {
  manager: 'kube-controller-manager',
  operation: 'Update',
  subresource: 'scale',
  fieldsV1,
};

describe('leaveReplicas()', () => {
  test('applies the live number while it is ours, so that it does not fall to the default', () => {
    const { desired, yields } = leaveReplicas(aSet(1), aSet(3, [ours]), [anAutoscaler(target)]);
    expect(desired['spec']).toEqual({ replicas: 3, startupPolicy: 'LeaderCreated' });
    const to = 'HorizontalPodAutoscaler/llm/v32';
    expect(yields).toEqual([{ field: 'spec.replicas', to, wanted: 1, actual: 3 }]);
  });

  test('applies no number once the autoscaler is on record for it', () => {
    const { desired } = leaveReplicas(aSet(1), aSet(3, [ours, scaled]), [anAutoscaler(target)]);
    expect(desired['spec']).toEqual({ startupPolicy: 'LeaderCreated' });
  });

  test('knows an autoscaler that may not be listed by what it did', () => {
    const { desired, yields } = leaveReplicas(aSet(1), aSet(3, [scaled]), []);
    expect(desired['spec']).toEqual({ startupPolicy: 'LeaderCreated' });
    expect(yields).toMatchObject([{ to: 'a HorizontalPodAutoscaler' }]);
  });

  test.each([
    { scenario: 'there is none', autoscalers: [] },
    {
      scenario: 'it scales another object',
      autoscalers: [anAutoscaler({ ...target, name: 'other' })],
    },
    {
      scenario: 'it scales another kind of that name',
      autoscalers: [anAutoscaler({ ...target, apiVersion: 'example.com/v1' })],
    },
    { scenario: 'it is in another namespace', autoscalers: [anAutoscaler(target, 'web')] },
  ])('leaves the spec as it is when $scenario', ({ autoscalers }) => {
    const wanted = aSet(1);
    expect(leaveReplicas(wanted, aSet(3, [ours]), autoscalers)).toEqual({ desired: wanted });
  });
});
