import type { PlanRequest } from '../../src/actions/plan/index.ts';
import type { Manifest } from '../../src/manifest/index.ts';

export const deployment = { name: 'v32', namespace: 'llm' } as const;

export const namespaceManifest: Manifest = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'llm', labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } },
};

/** A ConfigMap in the namespace of the deployment. */
export function configMap(name: string, data: Readonly<Record<string, string>> = { a: '1' }) {
  const metadata = { name, namespace: 'llm', labels: { 'app.kubernetes.io/instance': 'v32' } };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data } satisfies Manifest;
}

/** A claim, which holds data. */
export function volumeClaim(name: string): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace: 'llm' },
    spec: { resources: { requests: { storage: '1Ti' } } },
  };
}

/** Two groups of two pods. */
export function leaderWorkerSet({ image = 'vllm:1', replicas = 2 } = {}): Manifest {
  const containers = [{ name: 'engine', image }];
  return {
    apiVersion: 'leaderworkerset.x-k8s.io/v1',
    kind: 'LeaderWorkerSet',
    metadata: { name: 'v32-main', namespace: 'llm' },
    spec: { replicas, leaderWorkerTemplate: { size: 2, workerTemplate: { spec: { containers } } } },
  };
}

/** A small deployment of every sort of object; what is given replaces the default. */
export function aRequest(given: Partial<PlanRequest> = {}): PlanRequest {
  const manifests = [
    leaderWorkerSet(),
    configMap('v32-start'),
    configMap('v32-other'),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'v32-api', namespace: 'llm' },
      spec: { ports: [{ port: 8000, protocol: 'TCP' }] },
    },
    namespaceManifest,
  ];
  return { deployment, manifests, createNamespace: true, ...given };
}

/** The same deployment without some of its objects. */
export function without(request: PlanRequest, ...names: readonly string[]): PlanRequest {
  const manifests = request.manifests.filter(({ metadata }) => !names.includes(metadata.name));
  return { ...request, manifests };
}
