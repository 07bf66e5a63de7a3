import type {
  Facts,
  NodeFact,
  PodFact,
  PreflightInput,
} from '../../../src/actions/preflight/facts.ts';
import { toAmounts } from '../../../src/actions/preflight/pod-spec.ts';
import { findReferences } from '../../../src/actions/preflight/references.ts';
import { findWorkloads } from '../../../src/actions/preflight/workload.ts';
import type { LiveObject } from '../../../src/cluster/index.ts';
import { planLayout } from '../../../src/layout/index.ts';
import type { Manifest } from '../../../src/manifest/index.ts';
import { renderManifests } from '../../../src/render/index.ts';
import type { Spec } from '../../../src/spec/index.ts';
import { aTemplateSpec } from '../../render/a-layout.ts';

/** A node of the template's pool: ready, free and large enough; a test states what differs. */
export function aNode(name: string, given: Partial<NodeFact> = {}): NodeFact {
  return {
    name,
    labels: { 'nvidia.com/gpu.product': 'NVIDIA-H200', 'kubernetes.io/arch': 'amd64' },
    ready: true,
    cordoned: false,
    taints: [],
    allocatable: toAmounts({
      cpu: '190',
      memory: '2040Gi',
      'ephemeral-storage': '14Ti',
      'nvidia.com/gpu': '8',
      'rdma/rdma_shared_device_a': '8',
    }),
    ...given,
  };
}

/** Nodes with names of their own. */
export function someNodes(count: number, given: Partial<NodeFact> = {}): NodeFact[] {
  return Array.from({ length: count }, (_, index) => aNode(`node-${String(index)}`, given));
}

export function aPodFact(node: string, given: Partial<PodFact> = {}): PodFact {
  return { name: 'other', namespace: 'others', node, requests: {}, ours: false, ...given };
}

export function aLive(manifest: Manifest): LiveObject {
  return { ...manifest, metadata: { uid: 'u', resourceVersion: '1', ...manifest.metadata } };
}

const nothing = { kind: 'read', value: [] } as const;

const namespace = aLive({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'deepseek', labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } },
});

const controller = aLive({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'lws-controller-manager', namespace: 'lws-system' },
  spec: {
    template: {
      spec: { containers: [{ name: 'manager', image: 'registry.k8s.io/lws/lws:v0.9.0' }] },
    },
  },
  status: { availableReplicas: 1 },
});

/** A cluster in which nothing stands against the template. */
export function someFacts(given: Partial<Facts> = {}): Facts {
  return {
    serverVersion: 'v1.36.3',
    denied: nothing,
    lws: { served: true, controller: { kind: 'read', value: controller } },
    namespace: { kind: 'read', value: namespace },
    quotas: nothing,
    limitRanges: nothing,
    secrets: new Map(),
    claims: new Map(),
    storageClasses: new Map(),
    classes: new Map(),
    names: new Map(),
    nodes: { kind: 'read', value: someNodes(2) },
    pods: nothing,
    ...given,
  };
}

/** The template's deployment in a namespace of others, with changes to its spec. */
export function anInput(
  given: Partial<Facts> = {},
  change: (spec: Spec) => Spec = (spec) => spec,
): PreflightInput {
  const spec = change({ ...aTemplateSpec('h200-vllm-2-nodes'), createNamespace: false });
  const manifests = renderManifests(planLayout(spec));
  return {
    deployment: { name: spec.name, namespace: spec.namespace },
    manifests,
    createNamespace: spec.createNamespace,
    workloads: findWorkloads(manifests),
    references: findReferences(manifests),
    facts: someFacts(given),
  };
}
