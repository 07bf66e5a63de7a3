import type { HostPath, PodAccess } from '../pod-access.ts';

const driver = '/usr/local/Ascend/driver';

const shared: readonly HostPath[] = [
  {
    name: 'npu-driver-lib',
    path: `${driver}/lib64`,
    type: 'Directory',
    why: 'libraries of the NPU driver, which must match the driver of the node',
  },
  {
    name: 'npu-driver-tools',
    path: `${driver}/tools`,
    type: 'Directory',
    why: 'hccn_tool, with which HCCL reads the network ports of the devices',
  },
  {
    name: 'npu-driver-version',
    path: `${driver}/version.info`,
    type: 'File',
    why: 'version of the driver, which CANN checks at start',
  },
  {
    name: 'npu-dcmi',
    path: '/usr/local/dcmi',
    type: 'Directory',
    why: 'device management library that npu-smi loads',
  },
  {
    name: 'npu-smi',
    path: '/usr/local/bin/npu-smi',
    type: 'File',
    why: 'lists the devices; the engine binds its threads by what it prints',
  },
  {
    name: 'ascend-install',
    path: '/etc/ascend_install.info',
    type: 'File',
    why: 'tells CANN where the driver of the node is installed',
  },
];

const network: HostPath = {
  name: 'hccn-conf',
  path: '/etc/hccn.conf',
  type: 'File',
  why: 'addresses of the network ports of the devices',
};

/**
 * Rights of engine pods on Ascend devices.
 *
 * @source vllm-ascend docs, DeepSeek-V3.2 tutorial, docker run -v; upstream's LeaderWorkerSet mounts
 * driver/tools only, where the Ascend runtime brings the rest
 */
export function ascendAccess({ podsPerGroup }: { readonly podsPerGroup: number }): PodAccess {
  return {
    user: {
      user: 0,
      group: 0,
      why: '/dev/davinci* belong to the group HwHiAiUser of the node, whose number differs from node to node',
    },
    capabilities: [],
    hostPaths: podsPerGroup === 1 ? shared : [...shared, network],
  };
}
