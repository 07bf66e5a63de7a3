import { valueOfFlag } from '../../argument-check.ts';
import type { ExtrasQuestion, LayoutQuestion } from '../../engine.ts';
import type { Reason } from '../../reason.ts';

const decodeFlags = ['--decode-context-parallel-size', '-dcp'];
const prefillFlags = ['--prefill-context-parallel-size', '-pcp'];
const source = 'vllm/config/parallel.py';

/** Rules of splitting one context over ranks, which only `extraArgs` can ask for. */
export function checkContextFlags({ group, accelerator }: ExtrasQuestion): Reason[] {
  const { extraArgs, extraEnv } = group;
  const reasons: Reason[] = [];
  const prefill = sizeOf(extraArgs, prefillFlags);
  const runner = 'VLLM_USE_V2_MODEL_RUNNER';
  if (prefill > 1 && accelerator.vendor !== 'huawei' && extraEnv[runner] !== '1') {
    reasons.push({
      code: 'VLLM_PCP_RUNNER',
      message: `prefill context parallelism ${prefill} runs in the new model runner only`,
      hint: `Add extraEnv: { ${runner}: "1" }, or remove it.`,
      source: 'vllm/config/vllm.py',
    });
  }
  const exchange = valueOfFlag(extraArgs, ['--dcp-comm-backend']);
  if (exchange === 'a2a' && sizeOf(extraArgs, decodeFlags) <= 1) {
    reasons.push({
      code: 'VLLM_DCP_EXCHANGE',
      message: '--dcp-comm-backend a2a without decode context parallelism',
      hint: 'Remove it.',
      source,
    });
  }
  return reasons;
}

/** Decode context ranks are taken from the tensor ranks. */
export function contextRanksDivide({ group, parallelism }: LayoutQuestion): Reason | undefined {
  const size = sizeOf(group.extraArgs, decodeFlags);
  if (parallelism.tensor % size === 0) return undefined;
  return {
    code: 'VLLM_DCP_NOT_DIVISIBLE',
    message: `decode context parallelism ${size} does not divide tensor ${parallelism.tensor}`,
    hint: 'Use a divisor of tensor, or more tensor ranks.',
    source,
  };
}

/** Prefill context ranks come on top of the others, and a pod asks for the devices of the others alone. */
export function prefillRanksHaveDevices({
  group,
  parallelism,
}: LayoutQuestion): Reason | undefined {
  const size = sizeOf(group.extraArgs, prefillFlags);
  if (size === 1) return undefined;
  const devices = parallelism.tensor * parallelism.pipeline * parallelism.data;
  return {
    code: 'VLLM_PCP_DEVICES',
    message: `prefill context parallelism ${size} takes ${size} times the ${devices} devices of tensor x pipeline x data`,
    hint: 'Remove it: groups[].parallelism has no such degree, and the pods would be short of devices.',
    source,
  };
}

/** A size that is no number is told by the check of arguments. */
function sizeOf(args: readonly string[], names: readonly string[]): number {
  const size = Number(valueOfFlag(args, names) ?? 1);
  return Number.isInteger(size) && size > 0 ? size : 1;
}
