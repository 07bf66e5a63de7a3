import type { AcceleratorPeak, AcceleratorRow } from './accelerator-row.ts';

const gib = 2 ** 30;
const gigabit = 1e9 / 8;

const kubernetes = {
  vendor: 'nvidia',
  devicesPerNode: 8,
  deviceResource: 'nvidia.com/gpu',
  findNodesCommand: 'kubectl get nodes -L nvidia.com/gpu.product',
} as const;

const systemsSource = 'ai-dynamo/aiconfigurator systems/*.yaml (read 2026-11-23)';

/** Compute and links of one Hopper device at full rate. */
const hopper = {
  bf16Flops: 989e12,
  eightBitFlops: 1979e12,
  eightBitKind: 'fp8',
  linkBytesPerSecond: 450e9,
  networkBytesPerSecond: 400 * gigabit,
  watts: 700,
  label: 'published',
  source: systemsSource,
} as const satisfies Omit<AcceleratorPeak, 'memoryBytesPerSecond'>;

export const nvidiaAccelerators: readonly AcceleratorRow[] = [
  {
    ...kubernetes,
    id: 'h200',
    name: 'NVIDIA H200 SXM',
    memoryBytes: 139.8 * gib,
    freeBytes: 137.9 * gib,
    source: 'torch total in vLLM start-up logs on H200: 139.8 GiB of 143,771 MiB',
    peak: { ...hopper, memoryBytesPerSecond: 4.8e12 },
  },
  {
    ...kubernetes,
    id: 'h100',
    name: 'NVIDIA H100 SXM 80 GB',
    memoryBytes: 79.18 * gib,
    source:
      'torch total in vLLM start-up logs, 79.18 GiB of 81,559 MiB: llm-d/llm-d-benchmark config_explorer/empirical-vllm-memory-results.md, vllm-project/vllm#23192',
    peak: { ...hopper, memoryBytesPerSecond: 3.35e12 },
  },
  {
    ...kubernetes,
    id: 'h800',
    name: 'NVIDIA H800 SXM 80 GB',
    memoryBytes: 79.18 * gib,
    source: 'H100 with slower links; total as H100, not seen in a log',
    peak: {
      ...hopper,
      memoryBytesPerSecond: 3.35e12,
      linkBytesPerSecond: 200e9,
      label: 'unverified',
      source: 'DeepEP README (160 GB/s effective NVLink on H800); rest as H100',
    },
  },
  {
    ...kubernetes,
    id: 'h20-96',
    name: 'NVIDIA H20 96 GB',
    memoryBytes: 95.1 * gib,
    freeBytes: 93.5 * gib,
    source: '93.5 GiB free, inferred from the R1 line in the SGLang Kubernetes guide',
    peak: {
      ...hopper,
      memoryBytesPerSecond: 4.0e12,
      bf16Flops: 148e12,
      eightBitFlops: 296e12,
      networkBytesPerSecond: 200 * gigabit,
      watts: 400,
      source: 'willitrunai.com H20-96GB page; LMSYS blog of Ant Group (4 x 400 Gb/s per node)',
    },
  },
  {
    ...kubernetes,
    id: 'h20-3e',
    name: 'NVIDIA H20-3e 141 GB',
    memoryBytes: 139.7 * gib,
    source: 'torch total in vllm-project/vllm#13074: 139.7 GiB',
    peak: {
      ...hopper,
      memoryBytesPerSecond: 4.8e12,
      bf16Flops: 148e12,
      eightBitFlops: 296e12,
      networkBytesPerSecond: 200 * gigabit,
      watts: 500,
      label: 'unverified',
      source: 'H20 with the memory of H200; power not found',
    },
  },
  {
    ...kubernetes,
    id: 'b200',
    name: 'NVIDIA B200',
    memoryBytes: 178.3 * gib,
    freeBytes: 175.3 * gib,
    source: '174.8 to 175.3 GiB free in SGLang logs; total 178.3 GiB',
    peak: {
      memoryBytesPerSecond: 7.7e12,
      bf16Flops: 2250e12,
      eightBitFlops: 4500e12,
      eightBitKind: 'fp8',
      linkBytesPerSecond: 900e9,
      networkBytesPerSecond: 400 * gigabit,
      watts: 1000,
      label: 'published',
      source: systemsSource,
    },
  },
  {
    ...kubernetes,
    id: 'b300',
    name: 'NVIDIA B300',
    memoryBytes: 267.69 * gib,
    source: 'torch total in out-of-memory errors on B300: 267.69 GiB of 275,040 MiB',
    peak: {
      memoryBytesPerSecond: 7.75e12,
      bf16Flops: 2250e12,
      eightBitFlops: 4500e12,
      eightBitKind: 'fp8',
      linkBytesPerSecond: 900e9,
      networkBytesPerSecond: 400 * gigabit,
      watts: 1100,
      label: 'unverified',
      source:
        'ai-dynamo/aiconfigurator systems/b300_sxm.yaml: memory, rates and power; links as B200',
    },
  },
  {
    ...kubernetes,
    id: 'gb200',
    name: 'NVIDIA GB200 (NVL72)',
    devicesPerNode: 4,
    memoryBytes: 184.31 * gib,
    freeBytes: 175.3 * gib,
    source:
      'torch total 184.31 GiB in a vLLM start-up log of August 2026; 174.8 to 175.3 GiB free in SGLang logs',
    peak: {
      memoryBytesPerSecond: 8e12,
      bf16Flops: 2500e12,
      eightBitFlops: 5000e12,
      eightBitKind: 'fp8',
      linkBytesPerSecond: 900e9,
      networkBytesPerSecond: 400 * gigabit,
      watts: 1200,
      label: 'published',
      source: systemsSource,
    },
  },
];
