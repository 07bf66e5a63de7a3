import type { Manifest } from '../../../manifest/index.ts';
import { type DeploymentId, generatedKeyOf } from '../../../plan/index.ts';
import { toYaml } from '../../../render/index.ts';
import { type FileText, manifestFiles } from './manifest-files.ts';

export interface ArgoCdSource {
  readonly repoUrl: string;
  readonly path: string;
  readonly revision: string;
}

/** An Argo CD Application, synced by hand, and the objects it points at. */
export function argoCdFiles(
  { name, namespace }: DeploymentId,
  manifests: readonly Manifest[],
  { repoUrl, path, revision }: ArgoCdSource,
): FileText[] {
  const generated = manifests.filter((manifest) => generatedKeyOf(manifest) !== undefined);
  const application: Manifest = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    // Names that every installation has: the namespace and project Argo CD itself makes.
    metadata: { name, namespace: 'argocd' },
    spec: {
      project: 'default',
      source: { repoURL: repoUrl, path, targetRevision: revision },
      destination: { server: 'https://kubernetes.default.svc', namespace },
      // No automated sync: a change may restart groups, and somebody should look first.
      syncPolicy: { syncOptions: ['ServerSideApply=true'] },
      ...(generated.length === 0
        ? {}
        : {
            ignoreDifferences: generated.map(({ kind, metadata }) => ({
              kind,
              name: metadata.name,
              namespace,
              jsonPointers: ['/data'],
            })),
          }),
    },
  };
  return [
    { path: 'application.yaml', text: toYaml([application]) },
    ...manifestFiles(manifests, 'manifests'),
  ];
}
