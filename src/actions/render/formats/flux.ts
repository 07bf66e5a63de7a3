import type { Manifest } from '../../../manifest/index.ts';
import type { DeploymentId } from '../../../plan/index.ts';
import { toYaml } from '../../../render/index.ts';
import { kustomizeFiles } from './kustomize.ts';
import type { FileText } from './manifest-files.ts';

export interface FluxSource {
  readonly path: string;
  /** Name of a GitRepository beside the Kustomization. */
  readonly source: string;
}

/** A Flux Kustomization that deletes nothing, and the Kustomize base it points at. */
export function fluxFiles(
  { name }: DeploymentId,
  manifests: readonly Manifest[],
  { path, source }: FluxSource,
): FileText[] {
  const kustomization: Manifest = {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name, namespace: 'flux-system' },
    spec: {
      interval: '10m',
      path: path.startsWith('./') || path.startsWith('/') ? path : `./${path}`,
      // With true, a wrong path would delete a deployment that takes half an hour to start.
      prune: false,
      sourceRef: { kind: 'GitRepository', name: source },
    },
  };
  return [
    { path: 'flux-kustomization.yaml', text: toYaml([kustomization]) },
    ...kustomizeFiles(manifests, 'manifests'),
  ];
}
