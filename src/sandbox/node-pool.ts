import { loopback } from './ports.ts';

/** Kinds of nodes the sandbox can play. */
export type NodeKind = 'h200' | 'mi355x' | 'ascend-a2' | 'ascend-a3';

export interface NodePoolOption {
  readonly kind: NodeKind;
  readonly count: number;
  /** Labels added to those of the kind; a value here wins. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly NodeTaint[];
}

export interface NodeTaint {
  readonly key: string;
  readonly value?: string;
  readonly effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
}

interface NodeShape {
  readonly architecture: 'amd64' | 'arm64';
  readonly labels: Readonly<Record<string, string>>;
  /** Kubernetes quantities by resource name. */
  readonly capacity: Readonly<Record<string, string>>;
}

/** Shared RDMA device plugin with its default resource name, one per rail. */
const rdma = { 'rdma/rdma_shared_device_a': '8' };

/** Virtual functions of AMD's own network cards, one per GPU, by the AMD network operator. */
const vnic = { 'amd.com/vnic': '8' };

/**
 * What one node of each kind tells Kubernetes.
 *
 * Labels are those of the vendors' own discovery: NVIDIA GPU feature discovery, AMD node
 * labeller and node feature discovery, Huawei MindCluster. CPU, memory and disk are of common
 * 8-accelerator servers: 2 x 96 threads and 2 TiB for H200, 2 x 128 and 3 TiB for MI355X,
 * 4 x 48 cores and 1.5 TiB for Atlas 800 A2, 4 x 80 cores and 2 TiB for Atlas 800 A3.
 */
const nodeShapes: Readonly<Record<NodeKind, NodeShape>> = {
  h200: {
    architecture: 'amd64',
    labels: {
      'nvidia.com/gpu.product': 'NVIDIA-H200',
      'nvidia.com/gpu.count': '8',
      'nvidia.com/gpu.memory': '143771',
      'nvidia.com/gpu.family': 'hopper',
      'nvidia.com/gpu.compute.major': '9',
      'nvidia.com/gpu.compute.minor': '0',
      'nvidia.com/gpu.present': 'true',
      'nvidia.com/cuda.driver-version.full': '580.95.05',
      'nvidia.com/cuda.runtime-version.full': '13.0',
    },
    capacity: {
      cpu: '192',
      memory: '2048Gi',
      'ephemeral-storage': '14Ti',
      'nvidia.com/gpu': '8',
      ...rdma,
    },
  },
  mi355x: {
    architecture: 'amd64',
    labels: {
      'amd.com/gpu.device-id': '75a3',
      'amd.com/gpu.family': 'AI',
      'amd.com/gpu.product-name': 'AMD_Instinct_MI355_OAM',
      'amd.com/gpu.vram': '288G',
      'amd.com/gpu.cu-count': '256',
      'feature.node.kubernetes.io/amd-gpu': 'true',
      'feature.node.kubernetes.io/amd-nic': 'true',
    },
    capacity: {
      cpu: '256',
      memory: '3072Gi',
      'ephemeral-storage': '14Ti',
      'amd.com/gpu': '8',
      ...rdma,
      ...vnic,
    },
  },
  'ascend-a2': {
    architecture: 'arm64',
    labels: {
      accelerator: 'huawei-Ascend910',
      'accelerator-type': 'module-910b-8',
      'host-arch': 'huawei-arm',
      workerselector: 'dls-worker-node',
    },
    capacity: {
      cpu: '192',
      memory: '1536Gi',
      'ephemeral-storage': '7Ti',
      'huawei.com/Ascend910': '8',
      ...rdma,
    },
  },
  'ascend-a3': {
    architecture: 'arm64',
    labels: {
      accelerator: 'huawei-Ascend910',
      'accelerator-type': 'module-a3-16',
      'host-arch': 'huawei-arm',
      'server-usage': 'infer',
      workerselector: 'dls-worker-node',
    },
    capacity: {
      cpu: '320',
      memory: '2048Gi',
      'ephemeral-storage': '7Ti',
      'huawei.com/Ascend910': '16',
      ...rdma,
    },
  },
};

export const nodeKinds = Object.keys(nodeShapes) as readonly NodeKind[];

export const defaultNodePools: readonly NodePoolOption[] = [{ kind: 'h200', count: 2 }];

/** Returned as a plain object because it only travels to the API server. */
export interface NodeObject {
  readonly apiVersion: 'v1';
  readonly kind: 'Node';
  readonly metadata: {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly spec: { readonly taints?: readonly NodeTaint[] };
  readonly status: Readonly<Record<string, unknown>>;
}

export interface PlannedNode {
  readonly name: string;
  readonly pool: NodePoolOption;
}

/** Names the nodes of all pools `<kind>-<n>`, with `n` counted per kind from 0. */
export function planNodes(pools: readonly NodePoolOption[]): PlannedNode[] {
  const used = new Map<NodeKind, number>();
  return pools.flatMap((pool) => {
    const first = used.get(pool.kind) ?? 0;
    used.set(pool.kind, first + pool.count);
    return Array.from({ length: pool.count }, (_, offset) => ({
      name: `${pool.kind}-${String(first + offset)}`,
      pool,
    }));
  });
}

/** Returns the Kubernetes nodes of all pools. */
export function nodeObjects(
  pools: readonly NodePoolOption[],
  kubeletVersion: string,
): NodeObject[] {
  return planNodes(pools).map((node, index) =>
    nodeObject(node, nodeAddress(index), kubeletVersion),
  );
}

/**
 * Address of a node, which its pods on the host network share. From the range for benchmarks
 * (RFC 2544), which nothing routes; Endpoints and EndpointSlices refuse a loopback address.
 */
function nodeAddress(index: number): string {
  const host = index + 1;
  return `198.18.${String(host >> 8)}.${String(host & 0xff)}`;
}

function nodeObject(
  { name, pool }: PlannedNode,
  address: string,
  kubeletVersion: string,
): NodeObject {
  const shape = nodeShapes[pool.kind];
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'kubernetes.io/arch': shape.architecture,
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'topology.kubernetes.io/region': 'sandbox',
        // One zone per kind: pools of different hardware stand in different halls.
        'topology.kubernetes.io/zone': `sandbox-${pool.kind}`,
        ...shape.labels,
        ...pool.labels,
      },
      annotations: { 'kwok.x-k8s.io/node': 'fake', 'node.alpha.kubernetes.io/ttl': '0' },
    },
    spec: pool.taints === undefined ? {} : { taints: pool.taints },
    status: {
      // kwok fills in the first only, and empties the list when it initializes a node again.
      addresses: [
        { type: 'InternalIP', address },
        // Where the API server finds the kubelet, which kwok plays.
        { type: 'ExternalIP', address: loopback },
        { type: 'Hostname', address: name },
      ],
      capacity: { ...shape.capacity, pods: '110' },
      allocatable: { ...allocatable(shape.capacity), pods: '110' },
      nodeInfo: {
        architecture: shape.architecture,
        bootID: '',
        containerRuntimeVersion: 'containerd://2.1.4',
        kernelVersion: '6.8.0-sandbox',
        kubeProxyVersion: kubeletVersion,
        kubeletVersion,
        machineID: '',
        operatingSystem: 'linux',
        osImage: 'dsdeploy sandbox',
        systemUUID: '',
      },
    },
  };
}

/** Kubelets keep something for the system; 2 CPUs and 8 GiB are what large nodes lose. */
function allocatable(capacity: Readonly<Record<string, string>>): Record<string, string> {
  const cpu = Number(capacity['cpu']) - 2;
  const memoryGib = Number.parseInt(capacity['memory'] ?? '0', 10) - 8;
  return { ...capacity, cpu: String(cpu), memory: `${String(memoryGib)}Gi` };
}
