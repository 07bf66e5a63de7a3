import type { AcceleratorPeak, AcceleratorRow } from './accelerator-row.ts';

const gib = 2 ** 30;
const gigabit = 1e9 / 8;

const kubernetes = {
  vendor: 'amd',
  devicesPerNode: 8,
  deviceResource: 'amd.com/gpu',
  findNodesCommand: 'kubectl get nodes -L amd.com/gpu.device-id',
} as const;

/** CDNA 3 compute; seven links of 64 GB/s to the other devices of the node, not re-checked. */
const cdna3 = {
  bf16Flops: 1307e12,
  eightBitFlops: 2615e12,
  eightBitKind: 'fp8',
  linkBytesPerSecond: 7 * 64e9,
  networkBytesPerSecond: 400 * gigabit,
  watts: 750,
  label: 'published',
  source: 'rooflinenotes.dev accelerators; MLPerf inference system file of MI300X',
} as const satisfies Omit<AcceleratorPeak, 'memoryBytesPerSecond'>;

/** CDNA 4 links: seven of 77 GB/s, not re-checked. */
const cdna4 = {
  memoryBytesPerSecond: 8e12,
  eightBitKind: 'fp8',
  linkBytesPerSecond: 7 * 77e9,
  networkBytesPerSecond: 400 * gigabit,
} as const;

export const amdAccelerators: readonly AcceleratorRow[] = [
  {
    ...kubernetes,
    id: 'mi355x',
    name: 'AMD Instinct MI355X',
    memoryBytes: 288 * gib,
    freeBytes: 283.96 * gib,
    source: 'AMD data sheet, 288 GiB; 284 GiB free in an SGLang log',
    peak: {
      ...cdna4,
      bf16Flops: 2500e12,
      eightBitFlops: 5000e12,
      watts: 1400,
      label: 'published',
      source: "Tom's Hardware and The Register, June 2025",
    },
  },
  {
    ...kubernetes,
    id: 'mi350x',
    name: 'AMD Instinct MI350X',
    memoryBytes: 288 * gib,
    source: 'AMD data sheet, 288 GiB',
    peak: {
      ...cdna4,
      bf16Flops: 2300e12,
      eightBitFlops: 4600e12,
      watts: 1000,
      label: 'unverified',
      source: "Tom's Hardware, June 2025; compute rates not re-checked",
    },
  },
  {
    ...kubernetes,
    id: 'mi325x',
    name: 'AMD Instinct MI325X',
    memoryBytes: 256 * gib,
    source: 'AMD data sheet, 256 GiB; not seen in a log',
    peak: {
      ...cdna3,
      memoryBytesPerSecond: 6.0e12,
      watts: 1000,
      source: 'nextplatform.com, October 2024; yobitel.com MI325X page',
    },
  },
  {
    ...kubernetes,
    id: 'mi300x',
    name: 'AMD Instinct MI300X',
    memoryBytes: 192 * gib,
    source: 'AMD data sheet, 192 GiB; vLLM logs of R1 agree',
    peak: { ...cdna3, memoryBytesPerSecond: 5.3e12 },
  },
  {
    ...kubernetes,
    id: 'mi308x',
    name: 'AMD Instinct MI308X',
    memoryBytes: 192 * gib,
    source: 'MI300X with fewer compute units; vllm-project/vllm#15928 serves V3 on eight of them',
    peak: {
      ...cdna3,
      memoryBytesPerSecond: 5.3e12,
      bf16Flops: 342e12,
      eightBitFlops: 684e12,
      watts: 650,
      label: 'unverified',
      source: 'memory as MI300X; 80 of 304 compute units and power not re-checked',
    },
  },
];
