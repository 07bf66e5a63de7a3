import { describe, expect, test } from 'vitest';
import { bindingOf, describeMove, type ObservedObject } from '../../../src/plan/index.ts';

interface Writer {
  readonly manager: string;
  readonly subresource?: string;
  readonly time?: string;
  readonly fields: object;
}

const ours: Writer = {
  manager: 'dsdeploy',
  time: '2026-11-24T10:00:00Z',
  fields: {
    'f:metadata': { 'f:labels': { 'f:app': {} } },
    'f:spec': { 'f:storageClassName': {}, 'f:replicas': {} },
  },
};

let version = 0;

/** A live object: what it holds, its generation and who wrote which fields. */
function live(
  content: { readonly metadata?: object; readonly spec?: object; readonly generation?: number },
  ...writers: readonly Writer[]
): ObservedObject {
  const { metadata = {}, spec = { storageClassName: 'fast' }, generation = 1 } = content;
  version += 1;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name: 'weights',
      namespace: 'llm',
      uid: 'u1',
      resourceVersion: String(version),
      generation,
      labels: { app: 'v32' },
      ...metadata,
      managedFields: [ours, ...writers].map(({ fields, ...writer }) => ({
        operation: 'Update',
        ...writer,
        fieldsV1: fields,
      })),
    },
    spec,
  };
}

const annotation = (name: string) => ({
  'f:metadata': { 'f:annotations': { '.': {}, [`f:${name}`]: {} } },
});

const revision = { 'deployment.kubernetes.io/revision': '2' };

/** A claim that the control plane has bound to a volume. */
const bound = live(
  {
    metadata: {
      annotations: { 'pv.kubernetes.io/bind-completed': 'yes' },
      finalizers: ['kubernetes.io/pvc-protection'],
    },
    spec: { storageClassName: 'fast', volumeName: 'pv-1' },
    generation: 0,
  },
  {
    manager: 'kube-controller-manager',
    fields: {
      'f:metadata': {
        'f:annotations': { '.': {}, 'f:pv.kubernetes.io/bind-completed': {} },
        'f:finalizers': { '.': {}, 'v:"kubernetes.io/pvc-protection"': {} },
      },
      'f:spec': { 'f:volumeName': {} },
    },
  },
);

const autoscaled = (replicas: number, generation: number) =>
  live(
    { spec: { replicas }, generation },
    {
      manager: 'kube-controller-manager',
      subresource: 'scale',
      fields: { 'f:spec': { 'f:replicas': {} } },
    },
  );

describe('a plan stays good when', () => {
  test.each([
    { what: 'nothing but resourceVersion moves', before: live({}), after: live({}) },
    {
      what: 'an annotation is written through the status',
      before: live({}),
      after: live(
        { metadata: { annotations: revision } },
        {
          manager: 'operator',
          subresource: 'status',
          fields: annotation('deployment.kubernetes.io/revision'),
        },
      ),
    },
    {
      what: 'the status is written, with or without a subresource',
      before: live({}),
      after: live(
        {},
        { manager: 'operator', time: '2026-11-24T11:00:00Z', fields: { 'f:status': {} } },
      ),
    },
    // Claims have no generation.
    { what: 'a volume is bound', before: live({ generation: 0 }), after: bound },
  ])('$what', ({ before, after }) => {
    expect(describeMove(bindingOf(before), after)).toBeUndefined();
  });
});

describe('a plan is stale when', () => {
  const kubectl = { manager: 'kubectl-annotate', time: '2026-11-24T11:00:00Z' };
  const byHand = { ...kubectl, fields: annotation('by') };

  test.each([
    {
      what: 'the spec is edited',
      before: live({}),
      after: live({ spec: { storageClassName: 'slow' } }),
    },
    {
      what: 'an annotation is set by hand',
      before: live({}),
      after: live({ metadata: { annotations: { by: 'hand' } } }, byHand),
    },
    {
      what: 'an annotation is edited that a controller and a person own',
      before: live({ metadata: { annotations: { by: 'one' } } }, byHand),
      after: live(
        { metadata: { annotations: { by: 'two' } } },
        { ...byHand, time: '2026-11-24T11:00:01Z' },
        { manager: 'operator', subresource: 'status', fields: annotation('by') },
      ),
    },
    {
      what: 'a finalizer is added beside that of the control plane',
      before: bound,
      after: live({
        metadata: { finalizers: ['kubernetes.io/pvc-protection', 'example.com/keep'] },
      }),
    },
    { what: 'a masked value changes', before: live({}), after: live({ generation: 2 }) },
    {
      what: 'somebody edits what an autoscaler scales',
      before: autoscaled(2, 5),
      after: live(
        { spec: { replicas: 3 }, generation: 6 },
        { ...kubectl, fields: { 'f:spec': { 'f:replicas': {} } } },
      ),
    },
  ])('$what', ({ before, after }) => {
    expect(describeMove(bindingOf(before), after)).toMatch(/^it was edited/);
  });

  test('somebody else wrote last, who is named', () => {
    const after = live({ metadata: { annotations: { by: 'hand' } } }, byHand);
    expect(describeMove(bindingOf(live({})), after)).toContain(
      '(last writer "kubectl-annotate", 2026-11-24T11:00:00Z)',
    );
  });

  test('somebody scaled it, for whom the server notes no time', () => {
    const scaled = live(
      { spec: { replicas: 3 }, generation: 2 },
      { ...byHand, manager: 'kubectl', subresource: 'scale', time: '' },
    );
    expect(describeMove(bindingOf(live({})), scaled)).toMatch(
      /last writer "kubectl", whose time the server does not note/,
    );
  });
});

test('replicas of an autoscaler count while we own them too, and not once we gave them up', () => {
  expect(describeMove(bindingOf(autoscaled(2, 5)), autoscaled(3, 6))).toMatch(/^it was edited/);
  const given = (object: ObservedObject): ObservedObject => {
    const entries = object.metadata['managedFields'] as readonly { readonly manager: string }[];
    const managedFields = entries.filter(({ manager }) => manager !== 'dsdeploy');
    return { ...object, metadata: { ...object.metadata, managedFields } };
  };
  const [before, after] = [given(autoscaled(2, 5)), given(autoscaled(3, 6))];
  expect(describeMove(bindingOf(before), after)).toBeUndefined();
});
