import type { ModelArchitecture, ModelRow } from '../catalog/index.ts';
import { type PipelineStage, pipelineStages } from './pipeline-stages.ts';
import type { MemoryTerm } from './rank-memory.ts';
import { bf16Bytes, fp8MatrixBytes } from './tensor-bytes.ts';

/** How a model is cut over ranks; counts of ranks. */
export interface WeightSharding {
  readonly tensor: number;
  readonly data: number;
  readonly pipeline: number;
  /** Whole experts spread over tensor x data ranks, instead of every expert cut by `tensor`. */
  readonly expert: boolean;
}

export interface WeightOptions {
  /** Whether the multi-token-prediction module is loaded (last pipeline stage). */
  readonly mtp: boolean;
  /** Extra expert slots per rank for load balancing. */
  readonly redundantExpertsPerRank?: number;
  /** Whether the engine keeps a BF16 copy of the absorbed up-projections W_UK and W_UV. */
  readonly absorbedCopy?: boolean;
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
  absorbedCopy: number;
  mtp: number;
};

const componentNames: Readonly<Record<keyof Components, string>> = {
  attention: 'attention',
  indexer: 'sparse-attention indexer',
  denseFeedForward: 'dense feed-forward',
  routedExperts: 'routed experts',
  sharedExperts: 'shared expert',
  router: 'router',
  norms: 'norms',
  embeddings: 'embedding and output head',
  absorbedCopy: 'absorbed projections (BF16 copy)',
  mtp: 'MTP module',
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
  const stages = pipelineStages(model.architecture.layers, sharding.pipeline);
  const perStage = stages.map((stage, index) =>
    stageComponents(model.architecture, stage, {
      sharding,
      options,
      isFirst: index === 0,
      isLast: index === stages.length - 1,
    }),
  );
  const fullest = perStage.reduce((a, b) => (total(b) > total(a) ? b : a));
  return (Object.keys(componentNames) as (keyof Components)[])
    .filter((key) => fullest[key] > 0)
    .map((key) => ({
      name: componentNames[key],
      bytes: fullest[key],
      label: 'exact',
      source: model.source,
    }));
}

/** Weight bytes of every pipeline stage's rank, first stage first. */
export function weightBytesByStage(
  model: ModelRow,
  sharding: WeightSharding,
  options: WeightOptions,
): number[] {
  const stages = pipelineStages(model.architecture.layers, sharding.pipeline);
  return stages.map((stage, index) =>
    total(
      stageComponents(model.architecture, stage, {
        sharding,
        options,
        isFirst: index === 0,
        isLast: index === stages.length - 1,
      }),
    ),
  );
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
  return main + architecture.mtpLayers * embeddingAndHeadBytes(architecture);
}

interface StageContext {
  readonly sharding: WeightSharding;
  readonly options: WeightOptions;
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

function stageComponents(
  shape: ModelArchitecture,
  stage: PipelineStage,
  context: StageContext,
): Components {
  const { sharding, options } = context;
  const { tensor } = sharding;
  const layers = stage.end - stage.first;
  const denseLayers = Math.max(0, Math.min(stage.end, shape.denseLayers) - stage.first);
  const expertLayers = layers - denseLayers;
  const absorbed = options.absorbedCopy === false ? 0 : absorbedCopyBytes(shape, tensor);
  const embeddingEnds = (context.isFirst ? 1 : 0) + (context.isLast ? 1 : 0);
  return {
    attention: layers * attentionBytes(shape, tensor),
    indexer: layers * indexerBytes(shape),
    denseFeedForward: denseLayers * feedForwardBytes(shape, shape.denseIntermediateSize, tensor),
    routedExperts: expertLayers * routedExpertBytes(shape, context),
    sharedExperts: expertLayers * sharedExpertBytes(shape, tensor),
    router: expertLayers * routerBytes(shape),
    norms: layers * normBytes(shape),
    embeddings: (embeddingEnds * embeddingAndHeadBytes(shape)) / 2 / tensor,
    absorbedCopy: layers * absorbed,
    mtp: context.isLast && options.mtp ? mtpBytes(shape, context, absorbed) : 0,
  };
}

function attentionBytes(shape: ModelArchitecture, tensor: number): number {
  const { attentionHeads, hiddenSize, qLoraRank, kvLoraRank, qkRopeHeadDim, vHeadDim } = shape;
  const qkHeadDim = shape.qkNopeHeadDim + qkRopeHeadDim;
  const heads = attentionHeads / tensor;
  return (
    fp8MatrixBytes(qLoraRank, hiddenSize) +
    fp8MatrixBytes(kvLoraRank + qkRopeHeadDim, hiddenSize) +
    fp8MatrixBytes(heads * qkHeadDim, qLoraRank) +
    fp8MatrixBytes(heads * (shape.qkNopeHeadDim + vHeadDim), kvLoraRank) +
    fp8MatrixBytes(hiddenSize, heads * vHeadDim)
  );
}

function normBytes(shape: ModelArchitecture): number {
  return bf16Bytes(shape.qLoraRank + shape.kvLoraRank + 2 * shape.hiddenSize);
}

function indexerBytes(shape: ModelArchitecture): number {
  if (shape.indexer === undefined) return 0;
  const { heads, headDim } = shape.indexer;
  return (
    fp8MatrixBytes(heads * headDim, shape.qLoraRank) +
    fp8MatrixBytes(headDim, shape.hiddenSize) +
    bf16Bytes(heads * shape.hiddenSize + 2 * headDim)
  );
}

function feedForwardBytes(shape: ModelArchitecture, intermediate: number, tensor: number): number {
  const width = intermediate / tensor;
  return 2 * fp8MatrixBytes(width, shape.hiddenSize) + fp8MatrixBytes(shape.hiddenSize, width);
}

function routedExpertBytes(shape: ModelArchitecture, { sharding, options }: StageContext): number {
  const { tensor, data, expert } = sharding;
  const size = shape.expertIntermediateSize;
  // Without expert parallelism vLLM cuts the experts over tensor x data ranks.
  if (!expert) return shape.routedExperts * feedForwardBytes(shape, size, tensor * data);
  const slots = Math.ceil(shape.routedExperts / (tensor * data));
  return (slots + (options.redundantExpertsPerRank ?? 0)) * feedForwardBytes(shape, size, 1);
}

function sharedExpertBytes(shape: ModelArchitecture, tensor: number): number {
  return shape.sharedExperts * feedForwardBytes(shape, shape.expertIntermediateSize, tensor);
}

function routerBytes(shape: ModelArchitecture): number {
  return bf16Bytes(shape.routedExperts * (shape.hiddenSize + 1));
}

function absorbedCopyBytes(shape: ModelArchitecture, tensor: number): number {
  const perHead = shape.kvLoraRank * (shape.qkNopeHeadDim + shape.vHeadDim);
  return bf16Bytes((shape.attentionHeads / tensor) * perHead);
}

/** Embedding and output head together. */
function embeddingAndHeadBytes(shape: ModelArchitecture): number {
  return 2 * bf16Bytes(shape.vocabularySize * shape.hiddenSize);
}

/** One more expert layer plus `eh_proj` and three norms; embedding and head are shared. */
function mtpBytes(shape: ModelArchitecture, context: StageContext, absorbed: number): number {
  const { hiddenSize } = shape;
  const layer =
    attentionBytes(shape, context.sharding.tensor) +
    normBytes(shape) +
    indexerBytes(shape) +
    routedExpertBytes(shape, context) +
    sharedExpertBytes(shape, context.sharding.tensor) +
    routerBytes(shape) +
    absorbed;
  return shape.mtpLayers * (layer + bf16Bytes(2 * hiddenSize * hiddenSize + 3 * hiddenSize));
}

function total(components: Components): number {
  return Object.values(components).reduce((sum: number, bytes: number) => sum + bytes, 0);
}
