import type { Manifest } from '../../../manifest/index.ts';
import { dumpYaml } from '../../../render/index.ts';
import { type FileText, manifestFiles } from './manifest-files.ts';

/** A Kustomize base: the objects as they are, in apply order, without any transformation. */
export function kustomizeFiles(manifests: readonly Manifest[], folder = ''): FileText[] {
  const files = manifestFiles(manifests);
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: files.map(({ path }) => path),
    // Kustomize would sort by its own order of kinds, which does not know LeaderWorkerSet.
    sortOptions: { order: 'fifo' },
  };
  const prefix = folder === '' ? '' : `${folder}/`;
  return [
    { path: `${prefix}kustomization.yaml`, text: dumpYaml(kustomization) },
    ...files.map(({ path, text }) => ({ path: `${prefix}${path}`, text })),
  ];
}
