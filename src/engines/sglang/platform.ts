import type { AcceleratorRow } from '../../catalog/index.ts';

/** What differs between the builds of SGLang for one vendor's devices. */
export interface SglangPlatform {
  /** All-to-all backends with support for these devices and this kind of model; `none` first. */
  readonly allToAll: readonly string[];
  /** Element types of the KV cache. */
  readonly kvCaches: readonly ('bf16' | 'fp8')[];
  /** Tokens per page of a sparse-attention model. */
  readonly pageTokens: number;
  /** Seconds one batch may take before the engine ends itself. */
  readonly watchdogSeconds: number;
  /** Largest batch that runs as a graph; the engine's own default when absent. */
  readonly graphMaxBatch?: number;
  readonly source: string;
}

/**
 * The watchdog of 1200 s is that of the project's own V3.2 tests; the default of 300 s ends an engine
 * whose first batches still compile kernels.
 */
const platforms: Readonly<Record<AcceleratorRow['vendor'], SglangPlatform>> = {
  nvidia: {
    allToAll: ['none', 'deepep', 'mooncake', 'nixl'],
    kvCaches: ['bf16', 'fp8'],
    pageTokens: 64,
    watchdogSeconds: 1200,
    source: 'SGLang server_args.py: page size 64 for sparse attention on CUDA',
  },
  amd: {
    allToAll: ['none', 'mori'],
    kvCaches: ['bf16', 'fp8'],
    // 1 where aiter's preshuffled kernel is missing; planned with the larger one.
    pageTokens: 64,
    watchdogSeconds: 1200,
    graphMaxBatch: 64,
    source: 'SGLang cookbook, DeepSeek-V3.2 on MI300X and MI355X; test/registered/amd',
  },
  huawei: {
    allToAll: ['none', 'deepep', 'ascend_fuseep'],
    kvCaches: ['bf16'],
    pageTokens: 128,
    watchdogSeconds: 9000,
    source: 'SGLang Ascend documentation, DeepSeek-V3.2, validated on 0.5.16',
  },
};

export function platformOf({ vendor }: Pick<AcceleratorRow, 'vendor'>): SglangPlatform {
  return platforms[vendor];
}
