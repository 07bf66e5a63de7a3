import type { AcceleratorPeak, AcceleratorRow } from './accelerator-row.ts';

const gib = 2 ** 30;
const gigabit = 1e9 / 8;

const kubernetes = {
  vendor: 'huawei',
  devicesPerNode: 8,
  deviceResource: 'huawei.com/Ascend910',
  findNodesCommand: 'kubectl get nodes -L accelerator-type',
} as const;

/** Public pages disagree on these parts (256 to 376 TF): treat as input to calibration. */
const ascend910b = {
  bf16Flops: 313e12,
  eightBitFlops: 626e12,
  eightBitKind: 'int8',
  linkBytesPerSecond: 196e9,
  networkBytesPerSecond: 200 * gigabit,
  watts: 400,
  label: 'unverified',
  source: 'public pages on 910B2 and B3, 256 to 376 TF in BF16',
} as const satisfies Omit<AcceleratorPeak, 'memoryBytesPerSecond'>;

const torchTotal = 'torch total in vllm-ascend logs: 60.96 to 61.27 GiB';
const roadmap = 'Huawei roadmap, press of September 2025';

export const huaweiAccelerators: readonly AcceleratorRow[] = [
  {
    ...kubernetes,
    id: 'ascend-a2',
    name: 'Huawei Ascend 910B (Atlas 800 A2)',
    memoryBytes: 60.96 * gib,
    freeBytes: 60.34 * gib,
    source: `${torchTotal}; free: 60.67 GiB by npu-smi on an idle 910B2 (vllm-ascend#4474), less the 0.33 that the fullest die of an A3 has less`,
    peak: { ...ascend910b, memoryBytesPerSecond: 1.6e12 },
  },
  {
    ...kubernetes,
    id: 'ascend-910b4',
    name: 'Huawei Ascend 910B4 32 GB',
    memoryBytes: 29.5 * gib,
    source: '32 GB part; total assumed from the 64 GB part',
    peak: {
      ...ascend910b,
      memoryBytesPerSecond: 0.8e12,
      bf16Flops: 280e12,
      eightBitFlops: 560e12,
      watts: 310,
    },
  },
  {
    ...kubernetes,
    id: 'ascend-a3',
    name: 'Huawei Ascend 910C (Atlas 800 A3), per die',
    memoryBytes: 60.96 * gib,
    freeBytes: 60.76 * gib,
    devicesPerNode: 16,
    source: `${torchTotal}; free: 60.73 to 60.78 GiB on the fullest die of 20 servers (shun8686/for_debug)`,
    peak: {
      memoryBytesPerSecond: 1.6e12,
      bf16Flops: 376e12,
      eightBitFlops: 752e12,
      eightBitKind: 'int8',
      linkBytesPerSecond: 196e9,
      networkBytesPerSecond: 200 * gigabit,
      watts: 350,
      label: 'published',
      source: 'CloudMatrix384, arXiv:2506.12708: half of a two-die package; power not re-checked',
    },
  },
  {
    ...kubernetes,
    id: 'ascend-950pr',
    name: 'Huawei Ascend 950PR (Atlas 350)',
    memoryBytes: 106 * gib,
    deviceResource: 'huawei.com/npu',
    source: '112 GB in Atlas 350, 128 GB announced; total assumed',
    peak: {
      memoryBytesPerSecond: 1.6e12,
      bf16Flops: 500e12,
      eightBitFlops: 1000e12,
      eightBitKind: 'fp8',
      linkBytesPerSecond: 1000e9,
      networkBytesPerSecond: 400 * gigabit,
      watts: 600,
      label: 'unverified',
      source: `${roadmap}: FP8 1 PF, 1.6 TB/s, 2 TB/s of links in both directions`,
    },
  },
  {
    ...kubernetes,
    id: 'ascend-950dt',
    name: 'Huawei Ascend 950DT',
    memoryBytes: 91 * gib,
    deviceResource: 'huawei.com/npu',
    source: '96 GB per device in the vllm-ascend documentation, 144 GB announced; total assumed',
    peak: {
      memoryBytesPerSecond: 4.0e12,
      bf16Flops: 500e12,
      eightBitFlops: 1000e12,
      eightBitKind: 'fp8',
      linkBytesPerSecond: 1000e9,
      networkBytesPerSecond: 400 * gigabit,
      watts: 600,
      label: 'unverified',
      source: `${roadmap}: FP8 1 PF, 4 TB/s; power as 950PR`,
    },
  },
];
