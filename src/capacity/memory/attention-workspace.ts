import { formatCount } from '../../units/index.ts';
import type { FitRequest, StepSettings } from './fit-request.ts';
import type { MemoryTerm } from './rank-memory.ts';

/** Reserved while the model loads, so the log counts it among the weights. */
export const attentionWorkspaceName = 'workspace of the sparse attention';

/** Its prefill kernels work on so many heads or a multiple. */
const paddedHeads = 64;

/** Up to here every release reserves rows for `shortContexts` contexts; tokens. */
const longContextTokens = 262_144;
const shortContexts = 5;

/** Contexts whose rows the workspaces of sparse attention and of its indexer hold. */
export function workspaceContexts(
  { contextTokens }: FitRequest,
  { behaviour }: StepSettings,
): number {
  const { longContexts = shortContexts } = behaviour.sparseAttention ?? {};
  return contextTokens > longContextTokens ? longContexts : shortContexts;
}

/**
 * What FlashMLA's sparse attention reserves for the packed FP8 cache, in the workspace that experts and
 * indexer use after it: its queries, and the rows that it unpacks before a prefill.
 */
export function attentionWorkspaceTerm(request: FitRequest, step: StepSettings): MemoryTerm[] {
  const { accelerator, kvLayout, model, sharding, contextTokens } = request;
  const { sparseAttention } = step.behaviour;
  if (sparseAttention === undefined || accelerator.vendor !== 'nvidia') return [];
  if (kvLayout !== 'fp8-ds-mla') return [];
  const { attentionHeads, kvLoraRank, qkRopeHeadDim } = model.architecture;
  const heads = attentionHeads / sharding.tensor;
  const padded = Math.ceil(heads / paddedHeads) * paddedHeads;
  const row = kvLoraRank + qkRopeHeadDim;
  const copies = sparseAttention.copiesQueries
    ? padded * (row + kvLoraRank) + heads * kvLoraRank
    : 0;
  const unpacked = workspaceContexts(request, step) * contextTokens * row;
  return [
    {
      name: `${attentionWorkspaceName} for ${formatCount(step.batchedTokens)} tokens`,
      bytes: 2 * (step.batchedTokens * (heads * row + copies) + unpacked),
      label: 'exact',
      source:
        'vLLM flashmla_sparse.py, FlashMLASparseImpl: BF16 queries and rows of five contexts, two beyond 262,144 tokens in 0.33.0, which adds padded queries and two sizes of output',
    },
  ];
}
