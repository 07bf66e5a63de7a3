/** One kind of device as Kubernetes and the engines see it. */
export interface AcceleratorRow {
  readonly id: string;
  readonly name: string;
  readonly vendor: 'nvidia' | 'amd' | 'huawei';
  /** Total device memory the engine reports, bytes. */
  readonly memoryBytes: number;
  readonly devicesPerNode: number;
  /** Extended resource the vendor's device plugin registers by default. */
  readonly deviceResource: string;
  /** Shows the label values to select these nodes by. */
  readonly findNodesCommand: string;
  readonly source: string;
}

const gib = 2 ** 30;

/** @source capacity figures: torch totals in engine logs, vendor data sheets (read 2026-11-23) */
export const accelerators: readonly AcceleratorRow[] = [
  {
    id: 'h200',
    name: 'NVIDIA H200 SXM',
    vendor: 'nvidia',
    memoryBytes: 139.8 * gib,
    devicesPerNode: 8,
    deviceResource: 'nvidia.com/gpu',
    findNodesCommand: 'kubectl get nodes -L nvidia.com/gpu.product',
    source: 'torch total in vLLM start-up logs on H200: 139.8 GiB of 143,771 MiB',
  },
  {
    id: 'mi355x',
    name: 'AMD Instinct MI355X',
    vendor: 'amd',
    memoryBytes: 288 * gib,
    devicesPerNode: 8,
    deviceResource: 'amd.com/gpu',
    findNodesCommand: 'kubectl get nodes -L amd.com/gpu.device-id',
    source: 'AMD data sheet, 288 GiB; 284 GiB free in an SGLang log',
  },
  {
    id: 'mi350x',
    name: 'AMD Instinct MI350X',
    vendor: 'amd',
    memoryBytes: 288 * gib,
    devicesPerNode: 8,
    deviceResource: 'amd.com/gpu',
    findNodesCommand: 'kubectl get nodes -L amd.com/gpu.device-id',
    source: 'AMD data sheet, 288 GiB',
  },
  {
    id: 'ascend-a2',
    name: 'Huawei Ascend 910B (Atlas 800 A2)',
    vendor: 'huawei',
    memoryBytes: 60.96 * gib,
    devicesPerNode: 8,
    deviceResource: 'huawei.com/Ascend910',
    findNodesCommand: 'kubectl get nodes -L accelerator-type',
    source: 'torch total in vllm-ascend logs: 60.96 to 61.27 GiB',
  },
  {
    id: 'ascend-a3',
    name: 'Huawei Ascend 910C (Atlas 800 A3), per die',
    vendor: 'huawei',
    memoryBytes: 60.96 * gib,
    devicesPerNode: 16,
    deviceResource: 'huawei.com/Ascend910',
    findNodesCommand: 'kubectl get nodes -L accelerator-type',
    source: 'torch total in vllm-ascend logs: 60.96 to 61.27 GiB',
  },
];
