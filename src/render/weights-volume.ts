import type { WeightsVolume } from '../../charts/index.ts';
import type { WeightsSource } from '../spec/index.ts';

/**
 * Mounts the weights so that they appear at `modelPath`.
 *
 * Where `modelPath` ends with the source's `subPath`, the whole volume is mounted above it: folders
 * of the Hugging Face cache link to files beside them (`snapshots/x -> ../../blobs/y`), which a
 * mount of the folder alone would cut off.
 */
export function weightsVolume(source: WeightsSource, modelPath: string): WeightsVolume {
  switch (source.kind) {
    case 'hostPath':
      return { kind: 'hostPath', path: source.path, mountPath: modelPath };
    case 'pvc':
      return { kind: 'pvc', claimName: source.claimName, ...mount(modelPath, source.subPath) };
    case 'image':
      return { kind: 'image', reference: source.reference, ...mount(modelPath, source.subPath) };
  }
}

function mount(modelPath: string, subPath: string | undefined) {
  if (subPath === undefined) return { mountPath: modelPath };
  const suffix = `/${subPath}`;
  return modelPath.endsWith(suffix) && modelPath.length > suffix.length
    ? { mountPath: modelPath.slice(0, -suffix.length) }
    : { mountPath: modelPath, subPath };
}
