import { valueOfFlag } from '../argument-check.ts';
import type { LayoutQuestion } from '../engine.ts';
import type { Reason } from '../reason.ts';
import { batchSizes } from '../vllm/batch-sizes.ts';
import {
  type AdditionalConfig,
  entryOf,
  isSet,
  readAdditionalConfig,
  schedules,
} from './additional-config.ts';
import { canFlashComm, usesFlashComm, wantsFlashComm } from './flash-comm.ts';

const source = 'vllm_ascend/ascend_config.py, platform.py and utils.py of 0.23.0.post1';

/** Settings of vllm-ascend that need another parallel layout. */
export function checkConfigLayout(question: LayoutQuestion): Reason[] {
  const config = readAdditionalConfig(question.group.extraArgs);
  return [
    ...sequencesSplitOverTensor(config, question),
    ...contextSplitNeedsSequences(config, question),
    ...outputSplitDividesTensor(config, question),
    ...partsDivideData(config, question),
    ...pipelineFor(config, question),
    ...graphRunner(config, question),
    ...contextRanksAreTensorRanks(question),
  ];
}

function sequencesSplitOverTensor(config: AdditionalConfig, question: LayoutQuestion): Reason[] {
  const { group, parallelism } = question;
  if (wantsFlashComm(config, group.extraEnv) !== true || canFlashComm(question)) return [];
  const { tensor, expert } = parallelism;
  const { sequences } = batchSizes(question);
  return [
    refuse(
      `enable_flashcomm1 with tensor ${tensor}, expert: ${String(expert)}, ${sequences} sequences and mtpTokens ${group.mtpTokens}`,
      'Use tensor above 1 with expert: true and a token of every tensor rank in a decode step, or leave enable_flashcomm1 to dsdeploy.',
    ),
  ];
}

/** Ranks that split a context take what the split of sequences left them. */
function contextSplitNeedsSequences(config: AdditionalConfig, question: LayoutQuestion): Reason[] {
  const isSplit = usesFlashComm(question) || isSet(config['enable_shared_expert_dp']);
  if (!isSet(config['enable_dsa_cp']) || isSplit) return [];
  return [
    refuse(
      'enable_dsa_cp without enable_flashcomm1',
      'Leave enable_flashcomm1 on, which needs tensor above 1 and expert: true, or remove enable_dsa_cp.',
    ),
  ];
}

function outputSplitDividesTensor(
  config: AdditionalConfig,
  { group, parallelism }: LayoutQuestion,
): Reason[] {
  const size = Number(
    config['enable_flashcomm2_parallel_size'] ??
      group.extraEnv['VLLM_ASCEND_FLASHCOMM2_PARALLEL_SIZE'] ??
      0,
  );
  const { tensor } = parallelism;
  if (!(size > 0) || (tensor > size && tensor % size === 0)) return [];
  return [
    refuse(
      `enable_flashcomm2_parallel_size ${size} with tensor ${tensor}`,
      'Use a divisor of tensor that is smaller than it, or remove it.',
    ),
  ];
}

/** Parts of a layer that data ranks share. */
function partsDivideData(config: AdditionalConfig, { parallelism }: LayoutQuestion): Reason[] {
  const parts = entryOf(config, 'finegrained_tp_config');
  return ['lmhead_tensor_parallel_size', 'mlp_tensor_parallel_size'].flatMap((key) => {
    const size = Number(parts[key] ?? 0);
    if (!(size > 0) || parallelism.data % size === 0) return [];
    return [
      refuse(
        `finegrained_tp_config.${key} ${size} with data ${parallelism.data}`,
        'Use a divisor of data, or remove it.',
      ),
    ];
  });
}

function pipelineFor(config: AdditionalConfig, { parallelism }: LayoutQuestion): Reason[] {
  if (!schedules(config, 'profiling_chunk_config') || parallelism.pipeline > 1) return [];
  return [
    refuse('profiling_chunk_config with pipeline 1', 'Remove it; it needs pipeline above 1.'),
  ];
}

function graphRunner(config: AdditionalConfig, { group, parallelism }: LayoutQuestion): Reason[] {
  if (!isSet(entryOf(config, 'xlite_graph_config')['enabled'])) return [];
  if (group.mtpTokens <= 1 && parallelism.pipeline === 1) return [];
  return [
    refuse(
      `xlite_graph_config with mtpTokens ${group.mtpTokens} and pipeline ${parallelism.pipeline}`,
      'Set mtpTokens: 1 or 0 and pipeline: 1, or remove it.',
    ),
  ];
}

/** Every tensor rank keeps the indexer of its whole context, so a context is cut over all or none. */
function contextRanksAreTensorRanks({ group, parallelism, model }: LayoutQuestion): Reason[] {
  const names = ['--decode-context-parallel-size', '-dcp'];
  const size = Number(valueOfFlag(group.extraArgs, names) ?? 1);
  const sparse = model.architecture.indexer !== undefined;
  if (!sparse || !(size > 1) || size === parallelism.tensor) return [];
  return [
    {
      code: 'ASCEND_DCP_TENSOR',
      message: `decode context parallelism ${size} with tensor ${parallelism.tensor}: sparse attention on Ascend takes the two only equal`,
      hint: `Set it to ${parallelism.tensor}, or remove it.`,
      source,
    },
  ];
}

function refuse(what: string, hint: string): Reason {
  return {
    code: 'ASCEND_CONFIG_LAYOUT',
    message: `vllm-ascend refuses ${what}`,
    hint,
    source,
  };
}
