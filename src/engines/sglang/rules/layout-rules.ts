import type { LayoutQuestion } from '../../engine.ts';
import type { Reason } from '../../reason.ts';
import { rendezvousPort } from '../parallel-arguments.ts';
import { stageRanks } from '../sizes.ts';
import { checkExperts } from './expert-rules.ts';
import { checkFeatures } from './feature-rules.ts';

type Rule = (question: LayoutQuestion) => Reason | undefined;

/** Side of the FP8 scale block; a slice of a matrix must be a whole number of blocks. */
const fp8Block = 128;

/** SGLang starts with any number of heads per rank and fails when it loads the weights. */
function headsDivide({ model, parallelism }: LayoutQuestion): Reason | undefined {
  const heads = model.architecture.attentionHeads;
  if (heads % parallelism.tensor === 0) return undefined;
  return {
    code: 'SGLANG_HEADS_NOT_DIVISIBLE',
    message: `tensor ${parallelism.tensor} does not divide the ${heads} attention heads`,
    hint: 'Use a power of two.',
    source: 'SGLang models/deepseek_v2.py; its argument check does not look at heads',
  };
}

function expertBlocksDivide(question: LayoutQuestion): Reason | undefined {
  const { model, parallelism } = question;
  const size = model.architecture.expertIntermediateSize;
  const ranks = stageRanks(question);
  if (parallelism.expert || !cutsBlocks(question, size)) return undefined;
  return {
    code: 'SGLANG_FP8_BLOCK',
    message: `tensor x data ${ranks} cuts the expert width ${size} into parts that are not whole FP8 blocks of ${fp8Block}`,
    hint: 'Set expert: true, so that experts are spread whole instead of cut.',
    source: 'SGLang layers/quantization/fp8.py',
  };
}

/** Dense blocks and the shared expert are cut over all ranks of a stage, also with spread experts. */
function denseBlocksDivide(question: LayoutQuestion): Reason | undefined {
  const { denseLayers, denseIntermediateSize } = question.model.architecture;
  const kept = question.group.extraArgs.some((arg) => arg.startsWith('--moe-dense-tp-size'));
  if (denseLayers === 0 || kept || !cutsBlocks(question, denseIntermediateSize)) return undefined;
  return {
    code: 'SGLANG_DENSE_FP8_BLOCK',
    message: `tensor x data ${stageRanks(question)} cuts the dense width ${denseIntermediateSize} into parts that are not whole FP8 blocks of ${fp8Block}`,
    hint: 'Add extraArgs: ["--moe-dense-tp-size=1"], so that every rank holds the dense layers whole, or use fewer ranks.',
    source: 'SGLang layers/quantization/fp8.py; layers/dp_attention.py',
  };
}

function cutsBlocks(question: LayoutQuestion, size: number): boolean {
  const blocked = question.model.weightFormat === 'fp8-block128';
  return blocked && (size / stageRanks(question)) % fp8Block !== 0;
}

function noMtpWithPipeline({ parallelism, group }: LayoutQuestion): Reason | undefined {
  if (parallelism.pipeline === 1 || group.mtpTokens === 0) return undefined;
  return {
    code: 'SGLANG_MTP_WITH_PIPELINE',
    message: `mtpTokens ${group.mtpTokens} with pipeline ${parallelism.pipeline}: SGLang drafts in a pipeline only in a prefill role`,
    hint: 'Set mtpTokens: 0, or pipeline: 1.',
    source: 'SGLang arg_groups/validation_hook.py, check_pipeline_parallel_compat',
  };
}

/** Node ranks are dealt out stage by stage. */
function stagesDivideOverNodes({ parallelism, podsPerGroup }: LayoutQuestion): Reason | undefined {
  const { pipeline } = parallelism;
  if (podsPerGroup % pipeline === 0 || pipeline % podsPerGroup === 0) return undefined;
  return {
    code: 'SGLANG_STAGES_OVER_NODES',
    message: `${pipeline} pipeline stages do not divide over ${podsPerGroup} nodes`,
    hint: 'Use a pipeline that divides the nodes, or is a multiple of them.',
    source: 'SGLang engine.py: nodes of a stage = nodes / stages',
  };
}

/** The engine's own messages use the ports just above the rendezvous. */
function portIsFree({ api, podsPerGroup, parallelism }: LayoutQuestion): Reason | undefined {
  const last = rendezvousPort + 5 + parallelism.data;
  if (podsPerGroup === 1 || api.port < rendezvousPort || api.port > last) return undefined;
  return {
    code: 'SGLANG_PORT_TAKEN',
    message: `api.port ${api.port} is among the ports ${rendezvousPort} to ${last} that SGLang's ranks use`,
    hint: 'Use 8000.',
    source: 'SGLang server_args.py, PortArgs',
  };
}

const rules: readonly Rule[] = [
  headsDivide,
  expertBlocksDivide,
  denseBlocksDivide,
  noMtpWithPipeline,
  stagesDivideOverNodes,
  portIsFree,
];

/** Rules of SGLang that a group in this layout breaks, in the order of `rules`. */
export function checkSglangLayout(question: LayoutQuestion): Reason[] {
  return [
    ...rules.flatMap((rule) => rule(question) ?? []),
    ...checkExperts(question),
    ...checkFeatures(question),
  ];
}
