import { findMemoryBehaviour } from '../../catalog/index.ts';
import type { LayoutQuestion } from '../engine.ts';
import type { Note, Reason } from '../reason.ts';
import { allToAllOf } from './all-to-all.ts';

type Question = Pick<LayoutQuestion, 'group' | 'accelerator' | 'release' | 'parallelism'>;

/** Backends whose kernels move batches of a fixed size. */
const fixedBatchBackends: readonly string[] = ['deepep_low_latency', 'nixl_ep'];

/** What one data rank takes into a step: tokens, and requests at once. */
export interface BatchSizes {
  readonly tokens: number;
  readonly sequences: number;
}

/** The group's own numbers, else what a server of the release takes on such a device. */
export function batchSizes(question: Question): BatchSizes {
  const { group, accelerator } = question;
  const defaults = batchesOf(question);
  const size = defaults.byDevice.find(({ fromBytes }) => accelerator.memoryBytes >= fromBytes);
  if (size === undefined) throw new Error(`no default batch for ${accelerator.name}`);
  const tokens = group.maxBatchedTokens ?? fixedBatchTokens(question) ?? size.tokens;
  // A step holds a token of every request, so vLLM lowers its default of requests to the tokens.
  return { tokens, sequences: group.maxSequences ?? Math.min(size.sequences, tokens) };
}

/** A step needs room for a token of every request. */
export function sequencesFitStep(question: LayoutQuestion): Reason | undefined {
  const { tokens, sequences } = batchSizes(question);
  if (sequences <= tokens) return undefined;
  const { maxBatchedTokens } = question.group;
  const step = maxBatchedTokens === undefined ? `the default of ${tokens}` : String(tokens);
  return {
    code: 'VLLM_SEQUENCES_OVER_TOKENS',
    message: `maxSequences ${sequences} is more than the tokens of one step, maxBatchedTokens ${step}`,
    hint: `Set maxBatchedTokens: ${sequences} or more, or maxSequences: ${tokens} or less.`,
    source: 'vllm/config/scheduler.py',
  };
}

/** Prompts then take many steps, which nobody expects of a default. */
export function fixedBatchNotes(question: Question): Note[] {
  const tokens = fixedBatchTokens(question);
  if (tokens === undefined || question.group.maxBatchedTokens !== undefined) return [];
  const { backend } = allToAllOf(question);
  return [
    {
      code: 'VLLM_FIXED_BATCH',
      level: 'warning',
      message: `with ${backend ?? ''} vLLM ${question.release.version} takes ${tokens} tokens into a step of a rank, prompts too, and as many requests at most: set maxBatchedTokens for more, at the price of larger buffers`,
    },
  ];
}

function fixedBatchTokens(question: Question): number | undefined {
  const { backend = '' } = allToAllOf(question);
  return fixedBatchBackends.includes(backend) ? batchesOf(question).fixedBatchTokens : undefined;
}

function batchesOf({ release: { engine, version } }: Question) {
  const family = engine === 'vllm-ascend' ? 'vllm-ascend' : 'vllm';
  const batches = findMemoryBehaviour(family, version)?.batches;
  if (batches === undefined) throw new Error(`no default batches of ${engine} ${version}`);
  return batches;
}
