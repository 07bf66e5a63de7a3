import { formatEach } from '../../../units/index.ts';
import type { LayoutQuestion } from '../../engine.ts';
import type { Reason } from '../../reason.ts';
import { backendIsUsed } from '../all-to-all.ts';
import { sequencesFitStep } from '../batch-sizes.ts';
import { dataRanksPerPod, spansNodes } from '../placement.ts';
import { contextRanksDivide, prefillRanksHaveDevices } from './context-rules.ts';

type Rule = (question: LayoutQuestion) => Reason | undefined;

/** Side of the FP8 scale block; a slice of a matrix must be a whole number of blocks. */
const fp8Block = 128;

function headsDivide({ model, parallelism }: LayoutQuestion): Reason | undefined {
  const heads = model.architecture.attentionHeads;
  if (heads % parallelism.tensor === 0) return undefined;
  return {
    code: 'VLLM_HEADS_NOT_DIVISIBLE',
    message: `tensor ${parallelism.tensor} does not divide the ${heads} attention heads`,
    hint: 'Use a power of two.',
    source: 'vllm/config/model.py',
  };
}

function fp8BlocksDivide({ model, parallelism }: LayoutQuestion): Reason | undefined {
  const ways = parallelism.tensor * parallelism.data;
  const size = model.architecture.expertIntermediateSize;
  if (model.weightFormat !== 'fp8-block128') return undefined;
  if (parallelism.expert || (size / ways) % fp8Block === 0) return undefined;
  return {
    code: 'VLLM_FP8_BLOCK',
    message: `tensor x data ${ways} cuts the expert width ${size} into parts that are not whole FP8 blocks of ${fp8Block}`,
    hint: 'Set expert: true, so that experts are spread whole instead of cut.',
    source: 'vllm/model_executor/layers/quantization/fp8.py',
  };
}

function expertsDivide({ model, parallelism, group }: LayoutQuestion): Reason | undefined {
  const ranks = parallelism.tensor * parallelism.data;
  const { routedExperts } = model.architecture;
  const slots = routedExperts + group.redundantExperts;
  if (!parallelism.expert || slots % ranks === 0) return undefined;
  const experts =
    group.redundantExperts === 0
      ? `${routedExperts} experts do`
      : `${routedExperts} + ${group.redundantExperts} redundant experts do`;
  return {
    code: 'VLLM_EXPERTS_NOT_DIVISIBLE',
    message: `${experts} not divide over ${ranks} expert ranks (tensor x data)`,
    hint:
      group.redundantExperts === 0
        ? 'Choose tensor and data so that their product is a power of two.'
        : `Set redundantExperts to a multiple of ${ranks}.`,
    source: 'vllm/model_executor/layers/fused_moe; vllm/distributed/eplb',
  };
}

function balancingHasExperts({ parallelism, group }: LayoutQuestion): Reason | undefined {
  if (group.redundantExperts === 0) return undefined;
  if (parallelism.expert && parallelism.tensor * parallelism.data > 1) return undefined;
  return {
    code: 'VLLM_EPLB_WITHOUT_EXPERTS',
    message: `redundantExperts ${group.redundantExperts} without experts spread over ranks: there is nothing to balance`,
    hint: 'Set expert: true with more than one rank, or redundantExperts: 0.',
    source: 'vllm/config/parallel.py',
  };
}

function noMtpWithPipeline({ parallelism, group }: LayoutQuestion): Reason | undefined {
  if (parallelism.pipeline === 1 || group.mtpTokens === 0) return undefined;
  return {
    code: 'VLLM_MTP_WITH_PIPELINE',
    message: `mtpTokens ${group.mtpTokens} with pipeline ${parallelism.pipeline}: the draft model cannot run in a pipeline`,
    hint: 'Set mtpTokens: 0, or pipeline: 1.',
    source: 'vllm-project/vllm#50098',
  };
}

function modelHasDraft({ model, group }: LayoutQuestion): Reason | undefined {
  if (group.mtpTokens === 0 || model.architecture.mtpLayers > 0) return undefined;
  return {
    code: 'VLLM_MTP_MISSING',
    message: `mtpTokens ${group.mtpTokens}, and ${model.id} has no multi-token-prediction module`,
    hint: 'Set mtpTokens: 0.',
    source: model.source,
  };
}

/** Ranks that span nodes are one server; several of those in one group nobody is known to run. */
function spanningRanksAreAlone(question: LayoutQuestion): Reason | undefined {
  const { parallelism, devicesPerPod, podsPerGroup } = question;
  const { tensor, pipeline, data } = parallelism;
  if (!spansNodes(question) || data === 1) return undefined;
  return {
    code: 'VLLM_RANK_SPANS_NODES',
    message: `tensor x pipeline ${tensor * pipeline} is more than the ${devicesPerPod} devices of one node, and data is ${data}`,
    hint: `Keep tensor x pipeline inside a node, or use all ${podsPerGroup} nodes for one rank with data: 1.`,
    source: 'docs/serving/parallelism_scaling.md: --nnodes with data parallelism is not described',
  };
}

function dataDividesOverNodes(question: LayoutQuestion): Reason | undefined {
  const { parallelism, podsPerGroup } = question;
  if (spansNodes(question) || parallelism.data % podsPerGroup === 0) return undefined;
  return {
    code: 'VLLM_DATA_NOT_DIVISIBLE',
    message: `data ${parallelism.data} does not divide over ${podsPerGroup} nodes`,
    hint: `Use a multiple of ${podsPerGroup}.`,
    source: 'vllm --data-parallel-size-local is one number for all nodes',
  };
}

function balancesSeveralRanks(question: LayoutQuestion): Reason | undefined {
  const { group, podsPerGroup } = question;
  const mode = group.loadBalancing;
  const local = spansNodes(question) ? 0 : dataRanksPerPod(question);
  const enough = local >= 2 && (mode === 'multi-port' || podsPerGroup > 1);
  if (mode === 'internal' || enough) return undefined;
  return {
    code: 'VLLM_LOAD_BALANCING_RANKS',
    message: `loadBalancing: ${mode} with ${Math.max(local, 0)} data ranks on ${formatEach(podsPerGroup, 'node')}`,
    hint:
      mode === 'hybrid'
        ? 'Use two or more nodes with two or more data ranks each, or loadBalancing: internal.'
        : 'Use two or more data ranks on each node, or loadBalancing: internal.',
    source:
      'vllm/engine/arg_utils.py (hybrid), vllm/entrypoints/openai/dp_supervisor.py (multi-port)',
  };
}

const rules: readonly Rule[] = [
  headsDivide,
  spanningRanksAreAlone,
  dataDividesOverNodes,
  expertsDivide,
  fp8BlocksDivide,
  noMtpWithPipeline,
  modelHasDraft,
  balancingHasExperts,
  backendIsUsed,
  balancesSeveralRanks,
  contextRanksDivide,
  prefillRanksHaveDevices,
  sequencesFitStep,
];

/** Rules of vLLM that a parallel layout of this model breaks, in the order of `rules`. */
export function checkVllmLayout(question: LayoutQuestion): Reason[] {
  return rules.flatMap((rule) => rule(question) ?? []);
}
