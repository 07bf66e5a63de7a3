import type { LayoutQuestion } from '../../engine.ts';
import type { Reason } from '../../reason.ts';
import { platformOf } from '../platform.ts';
import { prefillTokensPerRank, stageRanks } from '../sizes.ts';

type Rule = (question: LayoutQuestion) => Reason | undefined;

const expertSource = 'SGLang arg_groups/moe_hook.py and parallel_hook.py';

function isChosen({ group }: LayoutQuestion): boolean {
  return group.allToAll !== 'auto' && group.allToAll !== 'none';
}

function expertsDivide(question: LayoutQuestion): Reason | undefined {
  const { model, group, parallelism } = question;
  const ranks = stageRanks(question);
  const experts = model.architecture.routedExperts + group.redundantExperts;
  if (!parallelism.expert || experts % ranks === 0) return undefined;
  const copies = group.redundantExperts === 0 ? '' : ', redundant ones included,';
  return {
    code: 'SGLANG_EXPERTS_NOT_DIVISIBLE',
    message: `${experts} experts${copies} do not divide over ${ranks} ranks (tensor x data)`,
    hint:
      group.redundantExperts === 0
        ? 'Choose tensor and data so that their product is a power of two.'
        : `Set redundantExperts to a multiple of ${ranks}.`,
    source: 'SGLang eplb/expert_location.py; layers/moe/fused_moe_triton/layer.py',
  };
}

/** These backends set the expert size to the tensor size, whatever the flag says. */
function backendSpreadsExperts(question: LayoutQuestion): Reason | undefined {
  if (!isChosen(question) || question.parallelism.expert) return undefined;
  return {
    code: 'SGLANG_ALL2ALL_WITHOUT_EXPERT',
    message: `allToAll "${question.group.allToAll}" spreads experts over all ranks, and expert is false`,
    hint: 'Set expert: true, or allToAll: auto.',
    source: `${expertSource}: _a2a_ep_size`,
  };
}

function redundantExpertsAreSpread({ group, parallelism }: LayoutQuestion): Reason | undefined {
  if (group.redundantExperts === 0 || parallelism.expert) return undefined;
  return {
    code: 'SGLANG_EPLB_WITHOUT_EXPERT',
    message: `redundantExperts ${group.redundantExperts} balances experts over ranks, and expert is false`,
    hint: 'Set expert: true, or redundantExperts: 0.',
    source: `${expertSource}: handle_eplb_and_dispatch`,
  };
}

/** Without a backend every rank picks its own copy of an expert, and the parts do not add up. */
function redundantExpertsHaveBackend(question: LayoutQuestion): Reason | undefined {
  const { group } = question;
  if (group.redundantExperts === 0 || isChosen(question)) return undefined;
  return {
    code: 'SGLANG_EPLB_WITHOUT_ALL2ALL',
    message: `redundantExperts ${group.redundantExperts} without an all-to-all backend: ranks would choose different copies of an expert`,
    hint: `Set allToAll: ${platformOf(question.accelerator).allToAll[1] ?? 'auto'}, or redundantExperts: 0.`,
    source: `${expertSource}: handle_eplb_and_dispatch`,
  };
}

const moriVariable = 'SGLANG_MORI_NUM_MAX_DISPATCH_TOKENS_PER_RANK';

function moriPrefillFits(question: LayoutQuestion): Reason | undefined {
  const { group } = question;
  const limit = Number(group.extraEnv[moriVariable] ?? 4096);
  const tokens = prefillTokensPerRank(question);
  if (group.allToAll !== 'mori' || tokens <= limit) return undefined;
  return {
    code: 'SGLANG_MORI_DISPATCH',
    message: `a prefill step of ${tokens} tokens per rank is more than the ${limit} that MoRI is set up for`,
    hint: `Set maxBatchedTokens: ${limit} or less, or raise ${moriVariable} in extraEnv.`,
    source: `${expertSource}: required_mori_dispatch_tokens_per_rank`,
  };
}

const rules: readonly Rule[] = [
  expertsDivide,
  backendSpreadsExperts,
  redundantExpertsAreSpread,
  redundantExpertsHaveBackend,
  moriPrefillFits,
];

/** Rules on experts and how tokens reach them. */
export function checkExperts(question: LayoutQuestion): Reason[] {
  return rules.flatMap((rule) => rule(question) ?? []);
}
