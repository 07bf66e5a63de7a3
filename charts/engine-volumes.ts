import type { HostPath } from '../src/engines/index.ts';
import type { Volume, VolumeMount } from './resources/pod-template.ts';

/** Where the weights lie and where the engine sees them; always read-only. */
export type WeightsVolume = WeightsMount &
  (
    | { readonly kind: 'pvc'; readonly claimName: string }
    | { readonly kind: 'hostPath'; readonly path: string }
    | { readonly kind: 'image'; readonly reference: string }
  );

interface WeightsMount {
  readonly mountPath: string;
  /**
   * Directory inside the volume that is mounted.
   *
   * @default - the root of the volume
   */
  readonly subPath?: string;
}

export interface EngineVolumesProps {
  readonly weights: WeightsVolume;
  /** Size limit of `/dev/shm`; counts against the memory limit of the pod. */
  readonly sharedMemory: string;
  /** ConfigMap with the start scripts. */
  readonly startScripts: string;
  /** Paths of the node, mounted read-only at the same place. */
  readonly hostPaths: readonly HostPath[];
}

/** Directory of the start scripts in the container. */
export const startScriptsPath = '/opt/dsdeploy/start';

export function engineVolumes(props: EngineVolumesProps): Volume[] {
  return [
    weightsVolume(props.weights),
    // The default of 64 MiB is too small for tensors that ranks of one pod hand each other.
    { name: 'shm', emptyDir: { medium: 'Memory', sizeLimit: props.sharedMemory } },
    { name: 'cache', emptyDir: {} },
    { name: 'tmp', emptyDir: {} },
    { name: 'start', configMap: { name: props.startScripts } },
    ...props.hostPaths.map(({ name, path, type }) => ({ name, hostPath: { path, type } })),
  ];
}

export function engineVolumeMounts({ weights, hostPaths }: EngineVolumesProps): VolumeMount[] {
  const { mountPath, subPath } = weights;
  return [
    { name: 'weights', mountPath, readOnly: true, ...(subPath === undefined ? {} : { subPath }) },
    { name: 'shm', mountPath: '/dev/shm' },
    { name: 'cache', mountPath: '/cache' },
    { name: 'tmp', mountPath: '/tmp' },
    { name: 'start', mountPath: startScriptsPath, readOnly: true },
    ...hostPaths.map(({ name, path }) => ({ name, mountPath: path, readOnly: true as const })),
  ];
}

function weightsVolume(weights: WeightsVolume): Volume {
  const name = 'weights';
  switch (weights.kind) {
    case 'pvc':
      return { name, persistentVolumeClaim: { claimName: weights.claimName, readOnly: true } };
    case 'hostPath':
      // `Directory` fails the pod when the path is missing, instead of serving an empty folder.
      return { name, hostPath: { path: weights.path, type: 'Directory' } };
    case 'image':
      return { name, image: { reference: weights.reference, pullPolicy: 'IfNotPresent' } };
  }
}
