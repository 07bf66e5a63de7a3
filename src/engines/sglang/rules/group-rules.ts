import { findArgument } from '../../../catalog/index.ts';
import type { GroupQuestion } from '../../engine.ts';
import type { Reason } from '../../reason.ts';
import { sglangBlockTokens } from '../memory.ts';
import { platformOf } from '../platform.ts';
import { dispatchTokens, usesLowLatencyDispatch } from '../sizes.ts';
import { checkServing } from './serving-rules.ts';

type Rule = (question: GroupQuestion) => Reason | undefined;

/** Backends that talk to network cards themselves. */
const needsRdma: ReadonlySet<string> = new Set(['deepep', 'mooncake', 'nixl', 'mori']);

function modelHasMtp({ model, group }: GroupQuestion): Reason | undefined {
  if (group.mtpTokens === 0 || model.architecture.mtpLayers > 0) return undefined;
  return {
    code: 'SGLANG_MTP_MISSING',
    message: `mtpTokens ${group.mtpTokens}: ${model.id} has no multi-token-prediction module`,
    hint: 'Set mtpTokens: 0.',
    source: model.source,
  };
}

function kvCacheIsKnown({ group, accelerator }: GroupQuestion): Reason | undefined {
  const { kvCaches, source } = platformOf(accelerator);
  if (kvCaches.includes(group.kvCache)) return undefined;
  return {
    code: 'SGLANG_KV_CACHE',
    message: `SGLang has no kvCache: ${group.kvCache} on ${accelerator.name}`,
    hint: `Use kvCache: ${kvCaches.join(' or ')}.`,
    source,
  };
}

function prefillIsWholePages(question: GroupQuestion): Reason | undefined {
  const tokens = question.group.maxBatchedTokens;
  const page = sglangBlockTokens(question);
  if (tokens === undefined || tokens % page === 0) return undefined;
  return {
    code: 'SGLANG_PREFILL_PAGE',
    message: `maxBatchedTokens ${tokens} is not a whole number of cache pages of ${page} tokens`,
    hint: `Use a multiple of ${page}, such as ${Math.max(page, Math.round(tokens / page) * page)}.`,
    source: 'SGLang arg_groups/validation_hook.py: chunked_prefill_size % page_size',
  };
}

/** SGLang takes any fraction and runs out of memory after the load. */
function fractionLeavesRoom({ group }: GroupQuestion): Reason | undefined {
  const fraction = group.memoryUtilization;
  if (fraction === undefined || fraction <= 0.95) return undefined;
  return {
    code: 'SGLANG_MEMORY_FRACTION',
    message: `memoryUtilization ${fraction} is for weights and cache alone and leaves too little for activations and graphs`,
    hint: "Leave it out for SGLang's own formula, or use 0.95 or less.",
    source: 'SGLang arg_groups/memory_hook.py',
  };
}

function backendExists({ group, release }: GroupQuestion): Reason | undefined {
  const choices = (findArgument(release, '--moe-a2a-backend')?.choices ?? []).map(String);
  if (group.allToAll === 'auto' || choices.includes(group.allToAll)) return undefined;
  return {
    code: 'SGLANG_ALL2ALL_UNKNOWN',
    message: `SGLang ${release.version} has no all-to-all backend "${group.allToAll}"`,
    hint: `Use auto or one of ${choices.join(', ')}.`,
    source: release.source,
  };
}

function backendFitsDevice(question: GroupQuestion): Reason | undefined {
  const { group, accelerator } = question;
  const { allToAll, source } = platformOf(accelerator);
  if (group.allToAll === 'auto' || allToAll.includes(group.allToAll)) return undefined;
  if (backendExists(question) !== undefined) return undefined;
  return {
    code: 'SGLANG_ALL2ALL_VENDOR',
    message: `all-to-all backend "${group.allToAll}" is not known to serve this model on ${accelerator.name}`,
    hint: `Use auto or one of ${allToAll.join(', ')}.`,
    source,
  };
}

function backendHasRdma(question: GroupQuestion): Reason | undefined {
  const { group, pool } = question;
  const open = group.nodes === 1 || pool.fabric.rdma !== 'none' || !needsRdma.has(group.allToAll);
  if (open || question.accelerator.vendor === 'huawei') return undefined;
  return {
    code: 'SGLANG_ALL2ALL_WITHOUT_RDMA',
    message: `all-to-all backend "${group.allToAll}" needs RDMA, and pool "${pool.name}" says rdma: none`,
    hint: 'Use allToAll: auto, or name the RDMA resource of the pool.',
    source: 'deepseek-ai/DeepEP README; SGLang multi-node documentation',
  };
}

/** DeepEP's own upper bound. */
const mostDispatchTokens = 1024;

function dispatchFits(question: GroupQuestion): Reason | undefined {
  const tokens = dispatchTokens(question);
  if (!usesLowLatencyDispatch(question) || tokens <= mostDispatchTokens) return undefined;
  return {
    code: 'SGLANG_DISPATCH_TOKENS',
    message: `${tokens} tokens of one decode step (maxSequences x draft tokens) are more than the ${mostDispatchTokens} that DeepEP takes`,
    hint: `Set maxSequences: ${Math.floor(mostDispatchTokens / (question.group.mtpTokens + 1))} or less.`,
    source: 'SGLang layers/moe/token_dispatcher/deepep.py',
  };
}

const rules: readonly Rule[] = [
  modelHasMtp,
  kvCacheIsKnown,
  prefillIsWholePages,
  fractionLeavesRoom,
  backendExists,
  backendFitsDevice,
  backendHasRdma,
  dispatchFits,
];

/** Rules that hold whatever the layout: what release, device and model can do at all. */
export function checkSglangGroup(question: GroupQuestion): Reason[] {
  return [...rules.flatMap((rule) => rule(question) ?? []), ...checkServing(question)];
}
