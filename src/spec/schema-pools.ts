import { z } from 'zod';
import { acceleratorIds } from './catalog-names.ts';
import {
  byteQuantity,
  cpuQuantity,
  dns1035Label,
  extendedResource,
  field,
  labelKey,
  labels,
  nonEmptyText,
  pattern,
  wholeNumber,
} from './fields.ts';

const allocatable =
  'Run `kubectl get nodes -o custom-columns=NAME:.metadata.name,CPU:.status.allocatable.cpu,MEMORY:.status.allocatable.memory,EPHEMERAL:.status.allocatable.ephemeral-storage` and stay below it.';

const pod = field(
  z.strictObject({
    cpu: field(cpuQuantity, {
      description: 'CPU cores of one engine pod.',
      examples: [32],
      find: allocatable,
    }),
    memory: field(byteQuantity, {
      description: 'Host memory of one engine pod, shared memory included.',
      examples: ['512Gi'],
      find: allocatable,
    }),
    ephemeralStorage: field(byteQuantity, {
      description: 'Local disk of one engine pod, for compile caches and logs.',
      examples: ['100Gi'],
      find: allocatable,
    }),
    sharedMemory: field(byteQuantity, {
      description: 'Size of /dev/shm; counts against memory.',
      examples: ['32Gi'],
      find: 'Start with 32Gi, which is enough for eight ranks.',
    }),
  }),
  {
    description: 'Requests and limits of one engine pod; one pod takes all devices of a node.',
    examples: [{ cpu: 32, memory: '512Gi', ephemeralStorage: '100Gi', sharedMemory: '32Gi' }],
    find: allocatable,
  },
);

const toleration = z.strictObject({
  key: field(labelKey, {
    description: 'Taint key.',
    examples: ['nvidia.com/gpu'],
  }).exactOptional(),
  operator: field(z.enum(['Exists', 'Equal']), { description: 'How to match.' }).exactOptional(),
  value: field(z.string(), { description: 'Taint value, with operator Equal.' }).exactOptional(),
  effect: field(z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']), {
    description: 'Effect to tolerate; all effects when absent.',
  }).exactOptional(),
  tolerationSeconds: field(wholeNumber(0, 31_536_000), {
    description: 'Seconds a NoExecute taint is tolerated; without limit when absent.',
  }).exactOptional(),
});

const rdma = field(
  z.strictObject({
    resource: field(extendedResource, {
      description: 'Extended resource of the RDMA device plugin.',
      examples: ['rdma/rdma_shared_device_a'],
      find: "Run `kubectl get node NODE -o jsonpath='{.status.allocatable}'` and take the entry of the RDMA device plugin.",
    }),
    count: field(wholeNumber(1, 64), {
      description: 'How many of that resource one pod takes.',
      examples: [1],
      find: 'Use 1 for a shared device plugin, and the number of NICs of a node for SR-IOV.',
    }),
    linkLayer: field(z.enum(['infiniband', 'roce']), {
      description: 'Link layer of the NICs.',
      examples: ['infiniband'],
      find: 'Run `ibstat | grep "Link layer"` on a node: Ethernet means roce.',
    }),
    gidIndex: field(wholeNumber(0, 255), {
      description: 'NCCL_IB_GID_INDEX. Required for roce.',
      examples: [3],
      find: 'Run `show_gids` on a node and take the index of the RoCE v2 row with the IPv4 address.',
    }).exactOptional(),
    hcas: field(
      pattern(
        /^[=^]?[A-Za-z0-9_]+(?::\d+)?(?:,[A-Za-z0-9_]+(?::\d+)?)*$/,
        'device names with commas',
      ),
      {
        description:
          'NCCL_IB_HCA: the NICs of the compute fabric. All when absent, storage NICs too.',
        examples: ['mlx5_0,mlx5_1'],
        find: 'Run `ibdev2netdev` on a node.',
      },
    ).exactOptional(),
  }),
  {
    description: 'RDMA devices between nodes.',
    examples: [{ resource: 'rdma/rdma_shared_device_a', count: 1, linkLayer: 'infiniband' }],
  },
);

const fabric = field(
  z.strictObject({
    socketInterface: field(nonEmptyText, {
      description:
        'Interface for the bootstrap of NCCL and Gloo. Required when a group spans nodes.',
      examples: ['eth0'],
      find: 'Run `ip -br addr` in a pod of the pool, or on a node with hostNetwork; in a pod it is mostly eth0.',
    }).exactOptional(),
    rdma: field(z.union([z.literal('none'), rdma]), {
      description: 'RDMA devices, or none for plain TCP. Required when a group spans nodes.',
      examples: [{ resource: 'rdma/rdma_shared_device_a', count: 1, linkLayer: 'infiniband' }],
      find: 'Run `kubectl describe node NODE | grep -i rdma`; write none if there is nothing and TCP speed will do.',
    }).exactOptional(),
    networks: field(
      z.array(
        pattern(
          /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?:\/[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)?$/,
          'the name of a network attachment, with or without its namespace',
        ),
      ),
      {
        description:
          'Secondary networks of each pod (k8s.v1.cni.cncf.io/networks), for example one per RDMA rail.',
        examples: [['rdma/rail-0', 'rdma/rail-1']],
        find: 'Run `kubectl get network-attachment-definitions -A`.',
      },
    ).exactOptional(),
    hostNetwork: field(z.boolean(), {
      description: 'Whether engine pods use the network of the node.',
    }).default(false),
  }),
  {
    description: 'Network between the nodes of one group.',
    examples: [{ socketInterface: 'eth0', rdma: 'none' }],
  },
);

/** One entry of the `pools` mapping. */
export const poolSchema = field(
  z.strictObject({
    accelerator: field(z.enum(acceleratorIds), {
      description: 'Accelerator of the nodes, by its catalog id.',
      examples: ['h200'],
      find: 'Run `kubectl get nodes -L nvidia.com/gpu.product`.',
    }),
    nodes: field(wholeNumber(1, 10_000), {
      description: 'Nodes dsdeploy may use in this pool.',
      examples: [2],
      find: 'Count the nodes your selector finds: `kubectl get nodes -l KEY=VALUE`.',
    }),
    devicesPerNode: field(wholeNumber(1, 64), {
      description: 'Devices of one node. The number of the accelerator when absent.',
      examples: [8],
    }).exactOptional(),
    deviceResource: field(extendedResource, {
      description: 'Extended resource of one device. That of the accelerator when absent.',
      examples: ['nvidia.com/gpu'],
      find: "Run `kubectl get node NODE -o jsonpath='{.status.allocatable}'`.",
    }).exactOptional(),
    nodeSelector: field(
      labels.refine((entries) => Object.keys(entries).length > 0).meta({ minProperties: 1 }),
      {
        description: 'Labels that pick the nodes of this pool, at least one.',
        examples: [{ 'nvidia.com/gpu.product': 'NVIDIA-H200' }],
        expects: 'a mapping with at least one node label',
        find: 'Run `kubectl get nodes --show-labels` and copy a label that only these nodes have.',
      },
    ),
    tolerations: field(z.array(toleration), {
      description: 'Taints the engine pods tolerate, as in a pod.',
      examples: [[{ key: 'nvidia.com/gpu', operator: 'Exists' }]],
      find: 'Run `kubectl get nodes -o custom-columns=NAME:.metadata.name,TAINTS:.spec.taints`.',
    }).default([]),
    topologyKey: field(labelKey, {
      description: 'Node label of a domain, such as a rack, that one group must not leave.',
      examples: ['topology.kubernetes.io/rack'],
    }).exactOptional(),
    pod,
    fabric: fabric.default({ hostNetwork: false }),
  }),
  { description: 'Nodes of one kind.' },
);

/** Name of a pool. */
export const poolName = dns1035Label(30);

/**
 * The `pools` mapping.
 *
 * A rule checks the names: a record whose key is refused would leave its value unchecked.
 */
export const poolsSchema = field(
  z
    .record(z.string(), poolSchema)
    .refine((pools) => Object.keys(pools).length > 0)
    .meta({ minProperties: 1, propertyNames: z.toJSONSchema(poolName) }),
  {
    description: 'Node pools by a name of your choice.',
    expects: 'a mapping with at least one pool, by a name of your choice',
  },
);
