import type { StaticReserve } from '../../catalog/index.ts';
import { gibibyte } from '../../units/index.ts';
import type { FitRequest, StepSettings } from './fit-request.ts';
import { graphTerms } from './graph-terms.ts';
import type { KvLayout } from './kv-cache.ts';
import { fitPool } from './kv-pool.ts';
import { activationTerm, dispatchTerms, loaderTerm } from './overhead.ts';
import type { MemoryTerm, RankMemory } from './rank-memory.ts';
import type { SharedCutOptions } from './shared-cut.ts';
import { draftEmbeddingBytes, type WeightSharding } from './weights.ts';

/**
 * Memory of the fullest rank under SGLang: what is free before the weights load, times the static
 * fraction, minus the weights, is the KV pool. Everything else lives in the remaining fraction.
 *
 * @source SGLang model_runner.py profile_max_num_token: rest = available - total x (1 - fraction)
 */
export function fitSglangRank(request: FitRequest): RankMemory {
  const { utilization, measured, step } = request;
  const free = measured?.freeBytes ?? freeBytesOf(request);
  const stated = measured?.weightsBytes !== undefined;
  return fitPool(request, {
    deviceBytes: free,
    budgetBytes: Math.floor(utilization * free),
    overheads: stated ? [] : [...loaderTerm(request, 'sglang'), ...draftEmbeddingTerm(request)],
    peaks: step === undefined ? [] : peaksOf(request, step),
    peaksBesideBudget: true,
    sizingLayout: sizingLayout(request),
    sharedCut: sharedCutOf(request),
    draftAfterPool: step?.behaviour.draftAfterPool === true,
  });
}

function freeBytesOf(request: FitRequest): number {
  const { freeBytes, memoryBytes } = request.accelerator;
  return (freeBytes ?? memoryBytes - 1.9 * gibibyte) - amdAllReduceBytes(request);
}

/** What the custom all-reduce of ROCm took before memory is measured; it works inside one node alone. */
function amdAllReduceBytes({ accelerator, sharding, step }: FitRequest): number {
  const { behaviour, customAllReduce = true } = step ?? {};
  const { amdAllReduce } = behaviour ?? {};
  if (accelerator.vendor !== 'amd' || amdAllReduce === undefined || !customAllReduce) return 0;
  const ranks = sharding.tensor * sharding.data;
  if (ranks === 1 || ranks > accelerator.devicesPerNode) return 0;
  return ranks > 4 ? amdAllReduce.more : amdAllReduce.upTo4Ranks;
}

/** @source SGLang deepseek_v2.py; embedding: `enable_tp=not is_dp_attention_enabled()` until 0.5.7 */
function sharedCutOf(request: FitRequest): SharedCutOptions {
  const { sharding, step } = request;
  return {
    denseOverAllRanks: sharding.data > 1,
    sharedExpertPerRank: holdsSharedExpert(request),
    wholeEmbedding: step?.behaviour.wholeEmbedding === true,
    wholeDense: step?.wholeDense === true,
    headAsAttention: step?.headAsAttention === true,
  };
}

/**
 * With an all-to-all backend the shared expert is never cut. On AMD it joins the routed ones also where
 * these are spread, with a slot on every rank.
 *
 * @source SGLang deepseek_v2.py, `_shared_expert_use_tp1` and determine_num_fused_shared_experts;
 * fused_moe_triton/layer.py
 */
function holdsSharedExpert({ accelerator, step }: FitRequest): boolean {
  return accelerator.vendor === 'amd' || (step?.allToAll ?? 'gather') !== 'gather';
}

/** Loaded with the draft module, and dropped for those of the model when the pool is sized. */
function draftEmbeddingTerm(request: FitRequest): MemoryTerm[] {
  const { model, sharding, mtpTokens, step } = request;
  if (mtpTokens === 0 || step?.behaviour.draftHasOwnEmbeddings !== true) return [];
  return [
    {
      name: 'embedding and head of the draft module, freed after the cache is sized',
      bytes: draftEmbeddingBytes(model, sharding, { mtp: true, ...sharedCutOf(request) }),
      label: 'exact',
      source: 'SGLang eagle_worker_v2.py, init_lm_head; sgl-project/sglang#36452',
    },
  ];
}

/**
 * Releases before the fix counted plain FP8 for the packed cache, and keys of 132 bytes for those of
 * 256 on Ascend.
 *
 * @source pool_configurator.py and hardware_backend/npu/memory_pool_npu.py of 0.5.12, 0.5.16 and 0.5.23
 */
function sizingLayout({ kvLayout, model, step }: FitRequest): KvLayout {
  const undersized = step?.behaviour.undersizedCell === true;
  if (!undersized || model.architecture.indexer === undefined) return kvLayout;
  if (kvLayout === 'ascend-bf16') return 'bf16';
  return kvLayout === 'fp8-ds-mla' ? 'fp8-plain' : kvLayout;
}

function peaksOf(request: FitRequest, step: StepSettings): MemoryTerm[] {
  return [
    activationTerm(request, step),
    ...graphTerms(request, step),
    ...dispatchTerms(request, step),
  ];
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
  /** Whether draft tokens are used. */
  readonly drafts?: boolean;
  /**
   * The release's own rule.
   *
   * @default - the sum over batches and graphs alone
   */
  readonly reserve?: StaticReserve;
}

/**
 * SGLang's own default of `--mem-fraction-static`, three decimals, but never less than half.
 *
 * @source sgl-project/sglang server_args.py and arg_groups/memory_hook.py,
 * _handle_gpu_memory_settings; sizes in MiB
 */
export function sglangDefaultFraction(request: StaticFractionRequest): number {
  const { deviceBytes, sharding, reserve = { kind: 'formula' } } = request;
  if (reserve.kind === 'ranks') return fractionByRanks(sharding.tensor * sharding.data);
  const deviceMib = deviceBytes / 2 ** 20;
  const reserved =
    reserve.kind === 'device' ? reservedByDevice(request) : reservedBySum(request, reserve);
  const fraction = Math.round((1000 * (deviceMib - reserved)) / deviceMib) / 1000;
  return Math.max(fraction, leastFraction);
}

/** The rule counts the prompts of all data ranks for each, which many ranks take below nothing. */
const leastFraction = 0.5;

/** @source server_args.py of 0.4.3 */
function fractionByRanks(ranks: number): number {
  if (ranks >= 16) return 0.79;
  if (ranks >= 8) return 0.81;
  if (ranks >= 4) return 0.85;
  return ranks >= 2 ? 0.87 : 0.88;
}

/** @source server_args.py of 0.4.10.post1 */
function reservedByDevice({
  deviceBytes,
  sharding,
  drafts = false,
}: StaticFractionRequest): number {
  const gib = deviceBytes / gibibyte;
  const ranks = sharding.tensor * sharding.data * sharding.pipeline;
  const device = gib >= 160 ? 32 : deviceReserveGib(gib, ranks);
  return 1024 * (device + (drafts ? 2 : 0) + (sharding.data > 1 ? 4 : 0));
}

function deviceReserveGib(gib: number, ranks: number): number {
  if (gib < 35) return 2.8 + ranks / 10;
  return (gib < 90 ? 9.5 : 12) + ranks / 2;
}

function reservedBySum(
  request: StaticFractionRequest,
  reserve: Extract<StaticReserve, { kind: 'formula' }>,
): number {
  const { deviceBytes, sharding, deepEp = false, drafts = false } = request;
  const { deepEpMib = 0, draftMib = 0 } = reserve;
  const deviceMib = deviceBytes / 2 ** 20;
  const ranks = sharding.tensor * sharding.data;
  const chunked = request.chunkedPrefillTokens ?? (deviceMib >= 160 * 1024 ? 16_384 : 8192);
  const batch = request.maxGraphBatch ?? (ranks >= 4 ? 512 : 256);
  const graphs = 2 * batch + attentionGraphsMib(sharding.data, batch);
  const prefill = prefillGraphsMib(request, reserve);
  const steps = 512 + 1.5 * Math.max(chunked, 2048) + (1024 * ranks * sharding.pipeline) / 8;
  const floor = deviceMib > 60 * 1024 ? 10 * 1024 : 0;
  const sum = Math.max(steps + graphs + prefill, floor);
  return sum + (deepEp ? deepEpMib : 0) + (drafts ? draftMib : 0);
}

function prefillGraphsMib(
  { prefillGraphs = false, deepEp = false }: StaticFractionRequest,
  { prefillGraphMib = 0, deepEpPrefillMib = 0 }: Extract<StaticReserve, { kind: 'formula' }>,
): number {
  if (!prefillGraphs) return 0;
  return prefillGraphMib + (deepEp ? deepEpPrefillMib : 0);
}

function attentionGraphsMib(data: number, batch: number): number {
  if (data === 1) return 0;
  return batch * data * (batch > 300 ? 4.5 : 3);
}
