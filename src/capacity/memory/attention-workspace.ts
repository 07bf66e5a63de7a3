import { blackwell } from '../../catalog/index.ts';
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

/** Reserved in the workspace that experts and indexer use after it, by one kernel or the other. */
export function attentionWorkspaceTerm(request: FitRequest, step: StepSettings): MemoryTerm[] {
  const ragged = raggedPrefillTerm(request, step);
  return ragged.length > 0 ? ragged : flashMlaTerm(request, step);
}

/** Scratch of FlashInfer's kernels, whatever they are asked for. */
const flashInferBytes = 394 * 2 ** 20;

/**
 * @source vllm/v1/attention/backends/mla/prefill/selector.py and trtllm_ragged.py of 0.27.0 and 0.28.0:
 * the first choice on Blackwell for heads of 192 + 64 and 256, of GLM-5 and its successors
 */
function raggedPrefillTerm(
  { accelerator, kvLayout, model: { architecture } }: FitRequest,
  { behaviour }: StepSettings,
): MemoryTerm[] {
  if (behaviour.raggedPrefill !== true || !blackwell.has(accelerator.id)) return [];
  const isWide = architecture.qkNopeHeadDim === 192 && architecture.vHeadDim === 256;
  if (!isWide || kvLayout === 'fp8-ds-mla') return [];
  return [
    {
      name: `${attentionWorkspaceName}, of TRT-LLM's ragged prefill`,
      bytes: flashInferBytes,
      label: 'exact',
      source:
        'vLLM trtllm_ragged.py of 0.27.0 and 0.28.0: VLLM_FLASHINFER_WORKSPACE_BUFFER_SIZE, 394 MiB',
    },
  ];
}

/**
 * What FlashMLA's sparse attention reserves for the packed FP8 cache: its queries, and the rows that it
 * unpacks before a prefill.
 */
function flashMlaTerm(request: FitRequest, step: StepSettings): MemoryTerm[] {
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
