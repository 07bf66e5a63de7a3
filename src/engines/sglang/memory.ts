import { type KvLayout, type StepSettings, sglangDefaultFraction } from '../../capacity/index.ts';
import { blackwell, findMemoryBehaviour } from '../../catalog/index.ts';
import { parseFlags, valueOfFlag } from '../argument-check.ts';
import type { LayoutQuestion } from '../engine.ts';
import { platformOf } from './platform.ts';
import {
  dispatchTokens,
  graphBatch,
  prefillTokensPerRank,
  usesLowLatencyDispatch,
} from './sizes.ts';

/**
 * The static fraction: SGLang's own formula on NVIDIA and Ascend, the project's tested values on
 * ROCm, where the formula was not tried with this model.
 *
 * @source SGLang test/registered/amd/accuracy/mi35x/test_deepseek_v32_*: 0.85, and 0.7 with MTP
 */
export function sglangFraction(question: LayoutQuestion): number {
  const { accelerator, parallelism, group, release } = question;
  if (accelerator.vendor === 'amd') return group.mtpTokens > 0 ? 0.7 : 0.85;
  // The NPU build captures graphs up to 256 requests on 64 GB parts.
  const maxGraphBatch = graphBatch(question) ?? (accelerator.vendor === 'huawei' ? 256 : undefined);
  const reserve = findMemoryBehaviour('sglang', release.version)?.staticReserve;
  return sglangDefaultFraction({
    deviceBytes: accelerator.memoryBytes,
    sharding: parallelism,
    chunkedPrefillTokens: prefillTokensPerRank(question) * parallelism.data,
    deepEp: group.allToAll === 'deepep',
    prefillGraphs: accelerator.vendor === 'nvidia',
    drafts: group.mtpTokens > 0,
    ...(reserve === undefined ? {} : { reserve }),
    ...(maxGraphBatch === undefined ? {} : { maxGraphBatch }),
  });
}

/** How one token lies in the cache, which follows from the attention kernel SGLang picks. */
export function sglangKvLayout({ group, accelerator, model }: LayoutQuestion): KvLayout {
  if (accelerator.vendor === 'huawei') return 'ascend-bf16';
  if (group.kvCache === 'bf16') return 'bf16';
  // flashmla_kv on Hopper packs scales beside the values; the other kernels keep none per token.
  const packs = accelerator.vendor === 'nvidia' && !blackwell.has(accelerator.id);
  return packs && model.architecture.indexer !== undefined ? 'fp8-ds-mla' : 'fp8-plain';
}

export function sglangBlockTokens({
  accelerator,
  model,
}: Pick<LayoutQuestion, 'accelerator' | 'model'>): number {
  // Dense attention on CUDA and ROCm keeps SGLang's default page of one token.
  const sparse = model.architecture.indexer !== undefined || accelerator.vendor === 'huawei';
  return sparse ? platformOf(accelerator).pageTokens : 1;
}

/** What one step holds beside weights and cache. */
export function sglangStep(question: LayoutQuestion): StepSettings {
  const { version } = question.release;
  const behaviour = findMemoryBehaviour('sglang', version);
  if (behaviour === undefined) throw new Error(`no memory behaviour of SGLang ${version}`);
  return {
    behaviour,
    batchedTokens: prefillTokensPerRank(question),
    allToAll: allToAllOf(question),
    customAllReduce: !isGiven(question, '--disable-custom-all-reduce'),
    wholeDense: valueOfFlag(question.group.extraArgs, ['--moe-dense-tp-size']) === '1',
    headAsAttention: isGiven(question, '--enable-dp-lm-head'),
    ...(usesLowLatencyDispatch(question) ? { dispatchTokens: dispatchTokens(question) } : {}),
  };
}

function isGiven({ group }: LayoutQuestion, name: string): boolean {
  return parseFlags(group.extraArgs).some(({ flag }) => flag === name);
}

function allToAllOf(question: LayoutQuestion): NonNullable<StepSettings['allToAll']> {
  const { allToAll } = question.group;
  if (allToAll === 'auto' || allToAll === 'none') return 'gather';
  return usesLowLatencyDispatch(question) ? 'deepep-low-latency' : 'deepep-normal';
}
