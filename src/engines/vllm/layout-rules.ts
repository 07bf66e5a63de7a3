import type { LayoutQuestion } from '../engine.ts';
import type { Reason } from '../reason.ts';

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
  if (parallelism.expert || (size / ways) % fp8Block === 0) return undefined;
  return {
    code: 'VLLM_FP8_BLOCK',
    message: `tensor x data ${ways} cuts the expert width ${size} into parts that are not whole FP8 blocks of ${fp8Block}`,
    hint: 'Set expert: true, so that experts are spread whole instead of cut.',
    source: 'vllm/model_executor/layers/quantization/fp8.py',
  };
}

function expertsDivide({ model, parallelism }: LayoutQuestion): Reason | undefined {
  const ranks = parallelism.tensor * parallelism.data;
  const experts = model.architecture.routedExperts;
  if (!parallelism.expert || experts % ranks === 0) return undefined;
  return {
    code: 'VLLM_EXPERTS_NOT_DIVISIBLE',
    message: `${experts} experts do not divide over ${ranks} expert ranks (tensor x data)`,
    hint: 'Choose tensor and data so that their product is a power of two.',
    source: 'vllm/model_executor/layers/fused_moe',
  };
}

function noMtpWithPipeline({ parallelism, mtpTokens }: LayoutQuestion): Reason | undefined {
  if (parallelism.pipeline === 1 || mtpTokens === 0) return undefined;
  return {
    code: 'VLLM_MTP_WITH_PIPELINE',
    message: `mtpTokens ${mtpTokens} with pipeline ${parallelism.pipeline}: the draft model cannot run in a pipeline`,
    hint: 'Set mtpTokens: 0, or pipeline: 1.',
    source: 'vllm-project/vllm#50098',
  };
}

function rankInsideNode({ parallelism, devicesPerPod }: LayoutQuestion): Reason | undefined {
  const perDataRank = parallelism.tensor * parallelism.pipeline;
  if (perDataRank <= devicesPerPod) return undefined;
  return {
    code: 'VLLM_RANK_SPANS_NODES',
    message: `tensor x pipeline ${perDataRank} is more than the ${devicesPerPod} devices of one node`,
    hint: 'Keep tensor x pipeline inside a node and use data parallelism across nodes.',
    source: 'layouts that cross nodes without data parallelism are not built yet',
  };
}

function dataDividesOverNodes({ parallelism, podsPerGroup }: LayoutQuestion): Reason | undefined {
  if (parallelism.data % podsPerGroup === 0) return undefined;
  return {
    code: 'VLLM_DATA_NOT_DIVISIBLE',
    message: `data ${parallelism.data} does not divide over ${podsPerGroup} nodes`,
    hint: `Use a multiple of ${podsPerGroup}.`,
    source: 'vllm --data-parallel-size-local is one number for all nodes',
  };
}

function imageRunsOnVendor({ release, accelerator }: LayoutQuestion): Reason | undefined {
  if (release.vendors.includes(accelerator.vendor)) return undefined;
  return {
    code: 'VLLM_VENDOR_UNSUPPORTED',
    message: `the image of vLLM ${release.version} does not run on ${accelerator.name}`,
    hint: `Use a pool of ${release.vendors.join(' or ')} devices.`,
    source: release.source,
  };
}

const rules: readonly Rule[] = [
  imageRunsOnVendor,
  headsDivide,
  rankInsideNode,
  dataDividesOverNodes,
  expertsDivide,
  fp8BlocksDivide,
  noMtpWithPipeline,
];

/** Rules of vLLM that a parallel layout of this model breaks, in the order of `rules`. */
export function checkVllmLayout(question: LayoutQuestion): Reason[] {
  return rules.flatMap((rule) => rule(question) ?? []);
}
