import type { EngineRequest } from '../engine.ts';
import type { HostPath, PodAccess } from '../pod-access.ts';
import { usesNvshmem } from './fabric-environment.ts';

/**
 * No user of the image or of a node: numbers above 10000 collide with neither. NVIDIA's devices are
 * open to everyone. Not tried on hardware.
 */
const plainUser = { user: 10_001, group: 10_001 };

const rawIo: PodAccess['capabilities'][number] = {
  name: 'SYS_RAWIO',
  why: 'NVSHMEM maps doorbells of the network card into GPU memory (IBGDA, allToAll)',
};

/** @source SGLang Ascend documentation, docker run of the tutorial; MindCluster device plugin */
const ascendPaths: readonly HostPath[] = [
  {
    name: 'ascend-driver',
    path: '/usr/local/Ascend/driver',
    type: 'Directory',
    why: 'the driver libraries belong to the kernel module of the node',
  },
  {
    name: 'ascend-firmware',
    path: '/usr/local/Ascend/firmware',
    type: 'Directory',
    why: 'the runtime reads the version of the firmware',
  },
  {
    name: 'ascend-install-info',
    path: '/etc/ascend_install.info',
    type: 'File',
    why: 'the runtime finds the driver through it',
  },
  {
    name: 'hccn-conf',
    path: '/etc/hccn.conf',
    type: 'File',
    why: 'HCCL reads the addresses of the device network',
  },
];

/** What SGLang's pods need beyond an ordinary container. */
export function sglangPodAccess(request: EngineRequest): PodAccess {
  switch (request.accelerator.vendor) {
    case 'nvidia':
      return {
        user: plainUser,
        capabilities: usesNvshmem(request) ? [rawIo] : [],
        hostPaths: [],
      };
    case 'amd':
      return {
        user: {
          user: 0,
          group: 0,
          why: '/dev/kfd and /dev/dri belong to the group render of the node, whose number differs from node to node',
        },
        capabilities: [],
        hostPaths: [],
      };
    case 'huawei':
      return {
        user: {
          user: 0,
          group: 0,
          why: 'the devices and the driver files belong to root and HwHiAiUser of the node',
        },
        capabilities: [],
        hostPaths: ascendPaths,
      };
  }
}
