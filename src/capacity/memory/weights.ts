import { type ModelRow, weightFormats } from '../../catalog/index.ts';
import { type AttentionCut, attentionCut, type NpuWeights } from './attention-cut.ts';
import {
  absorbedCopyBytes,
  attentionBytes,
  denseFeedForwardBytes,
  embeddingBytes,
  indexerBytes,
  mergedProjectionBytes,
  normBytes,
  queryAndLatentBytes,
  routedExpertBytes,
  routerBytes,
  sharedExpertBytes,
  upProjectionBytes,
} from './layer-bytes.ts';
import { type PipelineStage, pipelineStages } from './pipeline-stages.ts';
import type { MemoryTerm } from './rank-memory.ts';
import { type SharedCut, type SharedCutOptions, sharedCut } from './shared-cut.ts';
import { bf16Bytes } from './tensor-bytes.ts';
import { towerBytes } from './vision-tower.ts';

/** How a model is cut over ranks; counts of ranks. */
export interface WeightSharding {
  readonly tensor: number;
  readonly data: number;
  readonly pipeline: number;
  /** Whole experts spread over tensor x data ranks, instead of every expert cut by `tensor`. */
  readonly expert: boolean;
}

export interface WeightOptions extends SharedCutOptions {
  /** Whether the multi-token-prediction module is loaded (last pipeline stage). */
  readonly mtp: boolean;
  /** Extra expert slots per rank for load balancing. */
  readonly redundantExpertsPerRank?: number;
  /** Whether the engine keeps a BF16 copy of the absorbed up-projections W_UK and W_UV. */
  readonly absorbedCopy?: boolean;
  /** Whether the loader multiplies the absorbed projections out, in place of the copy. */
  readonly mergedProjections?: boolean;
  /** Whether they are views where attention is not quantized, so that nothing has to be kept. */
  readonly absorbedViews?: boolean;
  /** Whether layers that share a neighbour's indexer hold one as well. */
  readonly indexersInAllLayers?: boolean;
  /** Whether `kv_b` is given up when the absorbed projections are made of it. */
  readonly dropsUpProjection?: boolean;
  /** Whether a draft module whose head is not that of the model keeps it. */
  readonly keepsDraftHead?: boolean;
  /**
   * Ranks that share the vision tower; 0 leaves it out.
   *
   * @default 1
   */
  readonly towerRanks?: number;
  /** What vllm-ascend is told to do with them. */
  readonly npu?: NpuWeights;
}

/** Sums of one rank by component, bytes. */
type Components = {
  attention: number;
  indexer: number;
  denseFeedForward: number;
  routedExperts: number;
  sharedExperts: number;
  router: number;
  norms: number;
  embeddings: number;
  visionTower: number;
  absorbedCopy: number;
  preprocessCopy: number;
  mtp: number;
};

/** Name of the term that holds the draft module. */
export const draftTermName = 'MTP module';

const componentNames: Readonly<Record<keyof Components, string>> = {
  attention: 'attention',
  indexer: 'sparse-attention indexer',
  denseFeedForward: 'dense feed-forward',
  routedExperts: 'routed experts',
  sharedExperts: 'shared expert',
  router: 'router',
  norms: 'norms',
  embeddings: 'embedding and output head',
  visionTower: 'vision tower',
  absorbedCopy: 'absorbed projections made at load',
  preprocessCopy: 'query and latent projections copied for a fused kernel',
  mtp: draftTermName,
};

/**
 * Weight bytes of the fullest rank, by component.
 *
 * Tensor parallelism cuts `q_b`, `kv_b`, `o`, the feed-forward blocks, embedding and head; `q_a`,
 * `kv_a`, indexer, router and norms are copied to every rank.
 *
 * @source parameter shapes: config.json; sharding: vLLM deepseek_v2.py. Checked against start-up
 * logs: vLLM 0.16 V3.2 TP8 80.78 GiB, SGLang V3.2 TP8 80.63 GiB, computed 80.35 GiB.
 */
export function weightTerms(
  model: ModelRow,
  sharding: WeightSharding,
  options: WeightOptions,
): MemoryTerm[] {
  const perStage = weightTermsByStage(model, sharding, options);
  return perStage.reduce((a, b) => (sumBytes(b) > sumBytes(a) ? b : a));
}

/** Weight terms of every pipeline stage's rank, first stage first. */
export function weightTermsByStage(
  model: ModelRow,
  sharding: WeightSharding,
  options: WeightOptions,
): MemoryTerm[][] {
  const stages = pipelineStages(model.architecture.layers, sharding.pipeline);
  const label = weightFormats[model.weightFormat].label;
  return stages.map((stage, index) => {
    const isFirst = index === 0;
    const isLast = index === stages.length - 1;
    const components = stageComponents(model, stage, { sharding, options, isFirst, isLast });
    return (Object.keys(componentNames) as (keyof Components)[])
      .filter((key) => components[key] > 0)
      .map((key) => ({
        name: componentNames[key],
        bytes: components[key],
        label,
        source: model.source,
      }));
  });
}

/** Weight bytes of every pipeline stage's rank, first stage first. */
export function weightBytesByStage(
  model: ModelRow,
  sharding: WeightSharding,
  options: WeightOptions,
): number[] {
  return weightTermsByStage(model, sharding, options).map(sumBytes);
}

/**
 * Bytes of the whole checkpoint on disk, MTP module with its own embedding and head included.
 *
 * @source the formulas give 689.47 GB; the hub lists 688.7 to 689.5 GB (642.1 GiB)
 */
export function checkpointBytes(model: ModelRow): number {
  const { architecture } = model;
  const whole = { tensor: 1, data: 1, pipeline: 1, expert: false };
  const options = { mtp: architecture.mtpLayers > 0, absorbedCopy: false };
  const [main = 0] = weightBytesByStage(model, whole, options);
  return main + architecture.mtpLayers * 2 * embeddingBytes(architecture);
}

/**
 * Parameters of the model, and of its MTP module with its own embedding and head when asked for.
 *
 * @source 671.0 B for V3 and 671.9 B for V3.2, 685.4 B with the module as the hub counts
 */
export function countParameters(model: ModelRow, { mtp }: { readonly mtp: boolean }): number {
  // In BF16 every parameter takes two bytes and nothing else is stored.
  const plain: ModelRow = { ...model, weightFormat: 'bf16' };
  const whole = { tensor: 1, data: 1, pipeline: 1, expert: false };
  const [main = 0] = weightBytesByStage(plain, whole, { mtp: false, absorbedCopy: false });
  return (mtp ? checkpointBytes(plain) : main) / 2;
}

/** Sum of memory terms, bytes. */
export function sumBytes(terms: readonly MemoryTerm[]): number {
  return terms.reduce((sum, term) => sum + term.bytes, 0);
}

interface StageContext {
  readonly sharding: WeightSharding;
  readonly options: WeightOptions;
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

function stageComponents(model: ModelRow, stage: PipelineStage, context: StageContext): Components {
  const { architecture: shape } = model;
  const { options } = context;
  const layers = stage.end - stage.first;
  const denseLayers = Math.max(0, Math.min(stage.end, shape.denseLayers) - stage.first);
  const expertLayers = layers - denseLayers;
  const { weightLayers = shape.layers } = shape.indexer ?? {};
  const indexed = options.indexersInAllLayers === true ? shape.layers : weightLayers;
  const cut = sharedCutOf(context);
  return {
    attention: layers * attentionOfRank(model, context),
    indexer: layers * (indexed / shape.layers) * indexerBytes(model),
    denseFeedForward: denseLayers * denseFeedForwardBytes(model, cut.dense),
    routedExperts: expertLayers * routedExpertsOfRank(model, context),
    sharedExperts: expertLayers * sharedExpertBytes(model, cut.sharedExpert),
    router: expertLayers * routerBytes(shape),
    norms: layers * normBytes(shape),
    embeddings: embeddingsOfRank(model, context),
    visionTower: towerBytes(model.vision, options.towerRanks),
    absorbedCopy: options.absorbedCopy === false ? 0 : layers * absorbed(model, context),
    preprocessCopy: layers * preprocessCopyBytes(model, context),
    mtp: context.isLast && options.mtp ? mtpBytes(model, context) : 0,
  };
}

function cutOf({ architecture }: ModelRow, { sharding, options }: StageContext): AttentionCut {
  return attentionCut(architecture, sharding.tensor, options.npu);
}

function attentionOfRank(model: ModelRow, context: StageContext): number {
  const cut = cutOf(model, context);
  const up = context.options.dropsUpProjection === true ? 0 : upProjectionBytes(model, cut);
  return attentionBytes(model, cut) + up;
}

/**
 * The kernel takes INT8 alone, and no attention that is split by tokens.
 *
 * @source vllm_ascend/attention/sfa_v1.py of 0.18.0, _process_weights_for_fused_mlapo
 */
function preprocessCopyBytes(model: ModelRow, context: StageContext): number {
  const { npu = {} } = context.options;
  const isInt8 = weightFormats[model.weightFormat].tensors.attention === 'int8-channel';
  if (npu.fusedPreprocess !== true || npu.contextParallel !== undefined || !isInt8) return 0;
  return queryAndLatentBytes(model, cutOf(model, context));
}

function sharedCutOf({ sharding, options }: StageContext): SharedCut {
  const { sharedExpertPerRank = false, npu } = options;
  return sharedCut(sharding, {
    ...options,
    sharedExpertPerRank: sharedExpertPerRank || npu?.flashComm === true,
  });
}

/** Embedding and head of the draft module itself on one rank, cut as those of the model. */
export function draftEmbeddingBytes(
  model: ModelRow,
  sharding: WeightSharding,
  options: WeightOptions,
): number {
  const copies = embeddingsOfRank(model, { sharding, options, isFirst: true, isLast: true });
  return model.architecture.mtpLayers * copies;
}

function embeddingsOfRank({ architecture }: ModelRow, context: StageContext): number {
  const bytes = embeddingBytes(architecture);
  const cut = sharedCutOf(context);
  return (context.isFirst ? bytes / cut.embedding : 0) + (context.isLast ? bytes / cut.head : 0);
}

function absorbed(model: ModelRow, context: StageContext): number {
  const { sharding, options } = context;
  if (options.mergedProjections === true) return mergedProjectionBytes(model, sharding.tensor);
  const isView =
    options.absorbedViews === true &&
    weightFormats[model.weightFormat].tensors.upProjection === 'bf16';
  return isView ? 0 : absorbedCopyBytes(model.architecture, cutOf(model, context));
}

function routedExpertsOfRank(model: ModelRow, { sharding, options }: StageContext): number {
  const { routedExperts } = model.architecture;
  const ranks = sharding.tensor * sharding.data;
  // Without expert parallelism vLLM cuts the experts over tensor x data ranks.
  if (!sharding.expert) return routedExperts * routedExpertBytes(model, ranks);
  const slots = Math.ceil(routedExperts / ranks);
  return (slots + (options.redundantExpertsPerRank ?? 0)) * routedExpertBytes(model, 1);
}

/** One more expert layer plus `eh_proj` and three norms; the embedding is shared, the head if it is the same. */
function mtpBytes(base: ModelRow, context: StageContext): number {
  const { architecture: shape } = base;
  const { draft = base.weightFormat, rotated = false } = weightFormats[base.weightFormat];
  const model: ModelRow = { ...base, weightFormat: draft };
  const { hiddenSize } = shape;
  const cut = sharedCutOf(context);
  const layer =
    attentionOfRank(model, context) +
    normBytes(shape) +
    indexerBytes(model) +
    routedExpertsOfRank(model, context) +
    sharedExpertBytes(model, cut.sharedExpert) +
    routerBytes(shape) +
    (context.options.absorbedCopy === false ? 0 : absorbed(model, context)) +
    preprocessCopyBytes(model, context) +
    (rotated && context.options.keepsDraftHead === true ? embeddingBytes(shape) / cut.head : 0);
  return shape.mtpLayers * (layer + bf16Bytes(2 * hiddenSize * hiddenSize + 3 * hiddenSize));
}
