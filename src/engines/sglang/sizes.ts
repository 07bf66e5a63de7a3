import { valueOfFlag } from '../argument-check.ts';
import type { LayoutQuestion } from '../engine.ts';
import { platformOf } from './platform.ts';

const gibibyte = 2 ** 30;

/** Ranks of one pipeline stage: what SGLang calls `--tp-size`, attention data ranks included. */
export function stageRanks({ parallelism }: Pick<LayoutQuestion, 'parallelism'>): number {
  return parallelism.tensor * parallelism.data;
}

/**
 * Tokens one rank prefills in one step. Under attention data parallelism SGLang divides
 * `--chunked-prefill-size` by the number of data ranks.
 *
 * @source server_args.py: 4096 below 60 GB, 8192 up to 160 GB, 16384 above
 */
export function prefillTokensPerRank({
  group,
  accelerator,
  parallelism,
}: Pick<LayoutQuestion, 'group' | 'accelerator' | 'parallelism'>): number {
  return (
    group.maxBatchedTokens ??
    Math.floor(defaultPrefillTokens(accelerator.memoryBytes) / parallelism.data)
  );
}

function defaultPrefillTokens(deviceBytes: number): number {
  const gib = deviceBytes / gibibyte;
  if (gib >= 160) return 16_384;
  return gib >= 60 ? 8192 : 4096;
}

/** Tokens one decode step of one request checks: its own and the drafts. */
export function tokensPerSequence({ group }: Pick<LayoutQuestion, 'group'>): number {
  return group.mtpTokens + 1;
}

/** Whether decode goes through DeepEP's low-latency kernels, whose buffers are sized beforehand. */
export function usesLowLatencyDispatch(question: Pick<LayoutQuestion, 'group'>): boolean {
  return question.group.allToAll === 'deepep' && !usesNormalDispatch(question);
}

/** Whether the user asks DeepEP for its prefill kernels in decode too. */
export function usesNormalDispatch({ group }: Pick<LayoutQuestion, 'group'>): boolean {
  const mode = valueOfFlag(group.extraArgs, ['--deepep-mode']);
  return group.allToAll === 'deepep' && mode === 'normal';
}

/** SGLang's default of SGLANG_DEEPEP_NUM_MAX_DISPATCH_TOKENS_PER_RANK. */
const defaultDispatchTokens = 128;

/** Requests one rank runs at once with DeepEP: more would overrun the dispatch buffers. */
export function dispatchSequences(question: Pick<LayoutQuestion, 'group'>): number {
  return (
    question.group.maxSequences ?? Math.floor(defaultDispatchTokens / tokensPerSequence(question))
  );
}

/** SGLang's own limit of running requests with drafts, over all data ranks. */
export const speculativeRequests = 48;

/**
 * Requests one data rank runs at once.
 *
 * @source model_runner.py: 512 times the contexts the cache holds, at least 2048 and at most 4096, of
 * which the least is taken here
 */
export function sglangMaxSequences(question: LayoutQuestion): number {
  const { group, parallelism } = question;
  if (group.maxSequences !== undefined) return group.maxSequences;
  if (usesLowLatencyDispatch(question)) return dispatchSequences(question);
  if (group.mtpTokens === 0) return 2048;
  return Math.max(1, Math.floor(speculativeRequests / parallelism.data));
}

/** Tokens one rank may send in one low-latency step; decides the size of DeepEP's buffers. */
export function dispatchTokens(question: Pick<LayoutQuestion, 'group'>): number {
  return Math.max(defaultDispatchTokens, dispatchSequences(question) * tokensPerSequence(question));
}

/** Largest batch SGLang captures by itself on devices of this size. */
const largestGraphBatch = 512;

/**
 * Largest batch of one rank that runs as a graph; `undefined` for the engine's own choice. Graphs for
 * more requests than a rank may run would only take memory.
 */
export function graphBatch(
  question: Pick<LayoutQuestion, 'group' | 'accelerator'>,
): number | undefined {
  const { graphMaxBatch } = platformOf(question.accelerator);
  const sequences = usesLowLatencyDispatch(question)
    ? dispatchSequences(question)
    : question.group.maxSequences;
  if (sequences === undefined) return graphMaxBatch;
  return Math.min(sequences, graphMaxBatch ?? largestGraphBatch);
}
