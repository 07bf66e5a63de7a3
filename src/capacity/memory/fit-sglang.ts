import type { AcceleratorRow } from '../../catalog/index.ts';
import { gibibyte } from '../../units/index.ts';
import type { FitRequest, StepSettings } from './fit-request.ts';
import type { KvLayout } from './kv-cache.ts';
import { fitPool } from './kv-pool.ts';
import { activationTerm, dispatchTerms, graphTerm, loaderTerm } from './overhead.ts';
import type { MemoryTerm, RankMemory } from './rank-memory.ts';
import type { WeightSharding } from './weights.ts';

/**
 * Memory of the fullest rank under SGLang: what is free before the weights load, times the static
 * fraction, minus the weights, is the KV pool. Everything else lives in the remaining fraction.
 *
 * @source SGLang model_runner.py profile_max_num_token: rest = available - total x (1 - fraction)
 */
export function fitSglangRank(request: FitRequest): RankMemory {
  const { accelerator, utilization, measured, step, sharding } = request;
  const free = measured?.freeBytes ?? freeBytesOf(accelerator);
  const stated = measured?.weightsBytes !== undefined;
  return fitPool(request, {
    deviceBytes: free,
    budgetBytes: Math.floor(utilization * free),
    overheads: stated ? [] : loaderTerm(request, 'sglang'),
    peaks: step === undefined ? [] : peaksOf(request, step),
    peaksBesideBudget: true,
    sizingLayout: sizingLayout(request),
    denseOverAllRanks: sharding.data > 1,
  });
}

function freeBytesOf({ freeBytes, memoryBytes }: AcceleratorRow): number {
  return freeBytes ?? memoryBytes - 1.9 * gibibyte;
}

/** Releases before the fix counted 576 + 132 bytes for the packed cache of 656 + 132. */
function sizingLayout({ kvLayout, model, step }: FitRequest): KvLayout {
  const undersized = step?.behaviour.undersizedFp8Cell === true;
  const packed = kvLayout === 'fp8-ds-mla' && model.architecture.indexer !== undefined;
  return undersized && packed ? 'fp8-plain' : kvLayout;
}

function peaksOf(request: FitRequest, step: StepSettings): MemoryTerm[] {
  return [activationTerm(request, step), graphTerm(request, step), ...dispatchTerms(request, step)];
}

export interface StaticFractionRequest {
  /** Total device memory, bytes. */
  readonly deviceBytes: number;
  readonly sharding: WeightSharding;
  /**
   * @default - the tier of the device: 8192, or 16384 from 160 GB
   */
  readonly chunkedPrefillTokens?: number;
  /**
   * Largest batch of the decode graphs.
   *
   * @default 512, and 256 below four tensor ranks
   */
  readonly maxGraphBatch?: number;
  readonly deepEp?: boolean;
  /** Whether prefill runs in graphs, as it does for latent attention since mid-2026. */
  readonly prefillGraphs?: boolean;
}

/**
 * SGLang's own default of `--mem-fraction-static`, three decimals.
 *
 * @source sgl-project/sglang server_args.py _handle_gpu_memory_settings; sizes in MiB
 */
export function sglangDefaultFraction(request: StaticFractionRequest): number {
  const { deviceBytes, sharding } = request;
  const deviceMib = deviceBytes / 2 ** 20;
  const large = deviceMib >= 160 * 1024;
  const ranks = sharding.tensor * sharding.data;
  const chunked = request.chunkedPrefillTokens ?? (large ? 16_384 : 8192);
  const batch = request.maxGraphBatch ?? (ranks >= 4 ? 512 : 256);
  const graphs = 2 * batch + attentionGraphsMib(sharding.data, batch) + prefillGraphsMib(request);
  const sum = 512 + 1.5 * Math.max(chunked, 2048) + (1024 * ranks * sharding.pipeline) / 8 + graphs;
  const floor = deviceMib > 60 * 1024 ? 10 * 1024 : 0;
  const reserved = Math.max(sum, floor) + (request.deepEp ? 2048 : 0);
  return Math.round((1000 * (deviceMib - reserved)) / deviceMib) / 1000;
}

function prefillGraphsMib({
  prefillGraphs = false,
  deepEp = false,
}: StaticFractionRequest): number {
  if (!prefillGraphs) return 0;
  return deepEp ? 2560 : 1536;
}

function attentionGraphsMib(data: number, batch: number): number {
  if (data === 1) return 0;
  return batch * data * (batch > 300 ? 4.5 : 3);
}
